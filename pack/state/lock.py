"""The lock on the journal: one process at a time works with a directory; a second one waits.

The operating system holds it (``flock``) and releases it when the process ends, however that happens.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from pack.clock import Clock

logger = logging.getLogger(__name__)

FILE_NAME = "journal.lock"

POLL_SECONDS = 0.5
"""How often a waiting process looks whether the lock is free."""

LOCKLESS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


class JournalLock:
    """The lock on one directory."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.path = directory / FILE_NAME
        self._clock = clock
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    async def acquire(self, waiting: Callable[[str], None] = lambda sentence: None) -> None:
        """Wait until no other process holds the lock, and hold it; cancellable.

        ``waiting`` is called with a sentence whenever there is a new reason to wait; it is logged, too.

        Raises:
            OSError: the volume knows no locks.
        """
        said = ""
        while reason := self._try():
            if reason != said:
                said = reason
                logger.warning("%s", reason)
                waiting(reason)
            await self._clock.sleep(POLL_SECONDS)
        if said:
            logger.info("%s is ours now; going on", self.path)

    def _try(self) -> str:
        """Take the lock; return why that cannot be done at the moment, empty when it was."""
        try:
            return "" if self.attempt() else self._held_sentence()
        except OSError as error:
            if error.errno in LOCKLESS:
                raise
            return f"{self.path} cannot be locked: {error.strerror or error}; trying again until it can"

    def attempt(self) -> bool:
        """Take the lock if no process holds it; return whether it is held now.

        Raises:
            OSError: the lock's file cannot be made or locked.
        """
        if self._handle is not None:
            return True
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            raise
        if not self._leads_to(handle):
            os.close(handle)
            return False
        _write(handle, f"{os.getpid()} {socket.gethostname()}\n")
        self._handle = handle
        return True

    def _leads_to(self, handle: int) -> bool:
        """Whether the path still is the file that was locked; it may have been removed in between."""
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def holder(self) -> str:
        """Say which process holds the lock, as it wrote it down itself."""
        try:
            pid, host = self.path.read_text("utf-8", "replace").split()[:2]
        except (OSError, ValueError):
            return "another process"
        return f"process {pid} on {host}"

    def _held_sentence(self) -> str:
        return (
            f"{self.holder()} works with {self.path.parent} ({self.path.name} is locked); waiting until "
            "it has ended. Give each pack a FLYTE_SLACK_BACKUP_DIR of its own, or stop the other one."
        )


@contextlib.asynccontextmanager
async def locked(directory: Path, clock: Clock) -> AsyncIterator[JournalLock]:
    """Hold the lock on a directory while what is within runs.

    Raises:
        OSError: the volume knows no locks.
    """
    lock = JournalLock(directory, clock)
    await lock.acquire()
    try:
        yield lock
    finally:
        lock.release()


def _write(handle: int, text: str) -> None:
    """Write who holds the lock; a full disk does not keep anybody from holding it."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)
