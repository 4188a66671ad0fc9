"""A real ``flyte-slack sandbox`` process, driven from a test."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psutil

PATIENCE_SECONDS = 30.0

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def environment(directory: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of this machine's sandboxes or settings is seen."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FLYTE")}
    return {**inherited, "TMPDIR": str(directory), **more}


def flyte_slack(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pack", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class Running:
    """A running command whose output is collected."""

    def __init__(self, *arguments: str, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pack", *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._arrived: queue.Queue[str | None] = queue.Queue()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines, self._arrived)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors, queue.Queue())),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()

    def first_line(self) -> str:
        """Wait for the next line of standard output."""
        line = self._arrived.get(timeout=PATIENCE_SECONDS)
        if line is None:
            self.end()
            raise AssertionError(f"it ended: {self.errors}")
        return line

    def until_line(self, contains: str) -> str:
        """Wait for a line of standard output that contains this."""
        while contains not in (line := self.first_line()):
            pass
        return line

    def end(self, number: signal.Signals | None = None) -> int:
        """Send the signal, if there is one, and wait for the end; return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        return code

    @staticmethod
    def _read(stream: IO[bytes], lines: list[str], arrived: queue.Queue[str | None]) -> None:
        with stream:
            for raw in stream:
                lines.append(raw.decode().rstrip("\n"))
                arrived.put(lines[-1])
        arrived.put(None)


def call(url: str, body: Any = None, *, jwt: str = "") -> tuple[int, Any]:
    """GET, or POST a JSON body; return status and body."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {jwt}"} if jwt else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with _opener.open(urllib.request.Request(url, data, headers), timeout=10) as answer:
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _json(error.read())


def eventually(look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Look until there is something to see; return it."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (one that ended and was not waited for does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def packs_of(pid: int) -> list[int]:
    """Return the process ids of the packs that a sandbox started."""
    return [child.pid for child in psutil.Process(pid).children()]


def arguments_of(pid: int) -> str:
    """Return a process's command line."""
    return " ".join(psutil.Process(pid).cmdline())


def _json(text: bytes) -> Any:
    return json.loads(text) if text.strip() else None
