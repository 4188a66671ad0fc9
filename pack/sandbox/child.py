"""The real pack as a child process of the sandbox, with an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pack

KILL_SECONDS = 15.0
"""How long the pack may take to end after SIGTERM (its own grace period is shorter), before it is killed."""

_OWN_PREFIX = "FLYTE"
_OWN_NAMES = frozenset({"PACK_NAME", "RENEW_CONVERSATION_LIST"})
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_PR_SET_PDEATHSIG = 1
_CHUNK_BYTES = 65536


def environment(settings: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment: these settings, and what this process has apart from settings.

    Proxies are left out as well, since everything that the child talks to is on this machine.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.startswith(_OWN_PREFIX) and name not in _OWN_NAMES and name.lower() not in _PROXIES
    }
    root = Path(pack.__file__).parent.parent
    if root.name not in _INSTALLED:
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), kept.get("PYTHONPATH"))))
    return {**kept, **settings}


class PackProcess:
    """``flyte-slack run`` as a process; its log goes to a file, and to ``on_log`` line by line if given."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        log: Path,
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        self.log = log
        self._settings = settings
        self._on_log = on_log
        self._process: asyncio.subprocess.Process | None = None
        self._copying: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs; -N when signal N ended it."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start the process, in a process group of its own so that Ctrl-C reaches only the sandbox."""
        with self.log.open("wb") as file:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pack",
                "run",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if self._on_log else file,
                stderr=asyncio.subprocess.STDOUT,
                env=environment(self._settings, os.environ),
                process_group=0,
                preexec_fn=_end_with_parent(),
            )
        if self._on_log:
            self._copying = asyncio.create_task(self._copy(self._on_log), name="pack log")

    async def wait(self) -> int:
        """Wait until it ended; return its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        if self._copying:
            await asyncio.wait({self._copying})
        return code

    async def stop(self) -> int | None:
        """End it with SIGTERM and wait; kill it when that takes too long. Return its exit code."""
        if self._process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), KILL_SECONDS)
        except TimeoutError:
            self.kill()
        return await self.wait()

    def kill(self) -> None:
        """End it at once."""
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def last_lines(self, count: int) -> list[str]:
        """Return the last lines of its log."""
        try:
            return self.log.read_text("utf-8", "replace").splitlines()[-count:]
        except OSError:
            return []

    async def _copy(self, on_log: Callable[[str], None]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        rest = b""
        with self.log.open("ab", buffering=0) as file:
            while chunk := await self._process.stdout.read(_CHUNK_BYTES):
                file.write(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    on_log(line.decode("utf-8", "replace"))
        if rest:
            on_log(rest.decode("utf-8", "replace"))


def _end_with_parent() -> Callable[[], None] | None:
    """Return what makes the kernel end the child when the sandbox is killed; None where it cannot."""
    if sys.platform != "linux":
        return None
    try:
        control = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None

    def prepare() -> None:
        control(_PR_SET_PDEATHSIG, int(signal.SIGTERM))

    return prepare
