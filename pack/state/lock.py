"""The lock on the journal: one process at a time works with a directory; a second one waits.

The operating system holds it (``flock``) and releases it when the process ends, however that happens. The
directory itself is locked, too, where the volume can do that: the file may be removed by somebody who thinks
that it keeps a pack from starting.
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
        self._directory: int | None = None

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
        handle = self._lock_file()
        if handle is None:
            return False
        try:
            self._directory = _lock_directory(self.path.parent)
        except BlockingIOError:
            os.close(handle)
            return False
        self._hold(handle)
        return True

    def regain(self) -> str:
        """Lock the file again when it was removed; return why the lock is lost, empty when it is held.

        Raises:
            OSError: the lock's file cannot be made or locked at the moment.
        """
        if self._handle is None or self._leads_to(self._handle):
            return ""
        handle = self._lock_file()
        if handle is None:
            return f"{self.path} was removed while the pack was running, and {self._held_sentence()}"
        os.close(self._handle)
        self._hold(handle)
        logger.warning("%s was removed while the pack was running; it is locked again", self.path)
        return ""

    def _hold(self, handle: int) -> None:
        _write(handle, f"{os.getpid()} {socket.gethostname()}\n")
        self._handle = handle

    def _lock_file(self) -> int | None:
        """Lock what is at the path; None when another process has it."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except OSError:
            os.close(handle)
            raise
        if not self._leads_to(handle):
            os.close(handle)
            return None
        return handle

    def _leads_to(self, handle: int) -> bool:
        """Whether the path still is the file that was locked; it may have been removed in between."""
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let others have it."""
        for handle in (self._handle, self._directory):
            if handle is not None:
                os.close(handle)
        self._handle = self._directory = None

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
            "it has ended. Give each pack a FLYTE_SLACK_BACKUP_DIR of its own, or stop the other one; do not "
            f"remove {self.path.name}."
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


def _lock_directory(directory: Path) -> int | None:
    """Lock the directory; None where the volume locks no directories.

    Raises:
        BlockingIOError: another process has it.
    """
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return None
    return handle


def _write(handle: int, text: str) -> None:
    """Write who holds the lock; a full disk does not keep anybody from holding it."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, text.encode(), 0)
