"""The pack as a process that is started again whenever it has ended, as a container platform does it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping
from pathlib import Path

from benchmarks.chaos_trial.crash_points import SIGN, VARIABLE
from benchmarks.processes import ROOT

LINES_KEPT = 400
"""How many of the last lines of the log are kept."""

LEAVING_SECONDS = 6.0
"""How much longer than its grace period a process may take to end when it was told to; on a busy machine."""

INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")


class PackProcess:
    """One process of the pack at a time, in a directory of its own.

    ``keeps`` False: its backup directory is emptied before each start. ``mishaps`` tells what it did without
    being told to; ``ends`` how often each kind of end came, ``hits`` how often each crash point.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str], *, keeps: bool) -> None:
        self.backup = directory / "backup"
        self.log: deque[str] = deque(maxlen=LINES_KEPT)
        self.mishaps: list[str] = []
        self.ends: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.ended_at: list[float] = []
        """When processes ended, by the monotonic clock."""
        self._directory = directory
        self._settings = {**settings, "FLYTE_SLACK_BACKUP_DIR": str(self.backup)}
        self._grace = float(settings["FLYTE_SLACK_GRACE_SECONDS"])
        self._keeps = keeps
        self._process: asyncio.subprocess.Process | None = None
        self._reading: list[asyncio.Task[None]] = []
        self._point = ""

    async def start(self, crash: str = "") -> None:
        """Start a process; ``crash``: the crash point at which it kills itself, with its occurrence."""
        if not self._keeps:
            shutil.rmtree(self.backup, ignore_errors=True)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {"HOME": str(self._directory), "PYTHONPATH": str(ROOT), VARIABLE: crash}
        self._point = ""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.chaos_trial.launcher"),
            env={**inherited, **own, **self._settings},
            cwd=self._directory,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        self.log.append(f"--- process {self._process.pid} {crash}")
        assert self._process.stdout
        assert self._process.stderr
        self._reading = [
            asyncio.create_task(self._read(self._process.stdout)),
            asyncio.create_task(self._read(self._process.stderr)),
        ]

    @property
    def is_running(self) -> bool:
        """Whether there is a process that has not ended."""
        return self._process is not None and self._process.returncode is None

    async def run_until(self, seconds: float) -> bool:
        """Let it run for so long; False when it has ended by itself before."""
        assert self._process
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)
            return False
        return True

    async def end(self, how: str) -> None:
        """End it, or note how it ended already; all but ``sigterm`` is done by SIGKILL, counted by name."""
        assert self._process
        ended_itself = self._process.returncode is not None
        if not ended_itself and how == "sigterm":
            await self._terminate()
        elif not ended_itself:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self.ends[how] += 1
        self.ended_at.append(time.monotonic())
        await asyncio.gather(*self._reading)
        if ended_itself:
            self._note_own_end()

    async def _terminate(self) -> None:
        assert self._process
        self.ends["sigterm"] += 1
        self._process.terminate()
        try:
            code = await asyncio.wait_for(self._process.wait(), self._grace + LEAVING_SECONDS)
        except TimeoutError:
            self.mishaps.append(f"told to stop, it ran on longer than its grace period of {self._grace:g} s")
            self._process.kill()
            await self._process.wait()
        else:
            if code not in (0, -signal.SIGTERM):
                self.mishaps.append(f"told to stop, it ended with the code {code}")

    def _note_own_end(self) -> None:
        assert self._process
        if self._point and self._process.returncode == -signal.SIGKILL:
            self.ends["crash point"] += 1
            self.hits[self._point] += 1
        else:
            self.ends["by itself"] += 1
            self.mishaps.append(f"it ended by itself with the code {self._process.returncode}")

    async def order(self, name: str, value: str) -> None:
        """Have the process do something to itself; see :mod:`.orders`."""
        assert self._process
        assert self._process.stdin
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(f"{name} {value}\n".encode())
            await self._process.stdin.drain()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.log.append(text)
            if text.startswith(SIGN):
                self._point = text.removeprefix(SIGN)
