"""Keeping: the store while the process lives: locked, opened, looked after and closed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket

from pack.clock import Clock
from pack.contracts.ports import Check
from pack.contracts.storing import Store
from pack.state.journal import Journal
from pack.state.lock import JournalLock

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
"""How often it is looked whether the lock's file is still there."""

LOCK_AGAIN_SECONDS = 1.0
"""How long until locking is tried again that failed, for instance since the disk is full."""


def owner_of_this_process() -> str:
    """Return how this process is named in the journal."""
    return f"{os.getpid()}@{socket.gethostname()}"


class Keeping:
    """One store and its lock. ``note``: what the operator should know of a store that does not survive."""

    def __init__(self, store: Store, clock: Clock, *, note: str = "") -> None:
        self.store = store
        self._clock = clock
        self._note = note
        self._lock = JournalLock(store.path.parent, clock) if isinstance(store, Journal) else None
        self._waiting = ""
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> bool:
        """Wait until no other process works with the directory, and open the store; always true.

        Raises:
            SettingsError: the journal was written by a newer version of the pack.
        """
        if self._lock:
            await self._hold(self._lock)
        if isinstance(self.store, Journal):
            await self.store.open()
        self._waiting = ""
        if self._lock and isinstance(self.store, Journal):
            self._watching = asyncio.create_task(self._watch(self._lock, self.store), name="watch the lock")
        return True

    async def _watch(self, lock: JournalLock, journal: Journal) -> None:
        """Begin nothing with the journal while another process has the lock, since its file was removed."""
        while True:
            await self._clock.sleep(WATCH_SECONDS)
            lost = ""
            with contextlib.suppress(OSError):
                lost = lock.regain()
            if lost and not journal.hindrance:
                logger.error("%s", lost)
            journal.hindrance = lost

    def is_elsewhere(self) -> bool:
        """Whether another process works with the directory."""
        if self._lock is None or self._lock.held:
            return False
        try:
            is_free = self._lock.attempt()
        except OSError:
            return False
        self._lock.release()
        return not is_free

    async def _hold(self, lock: JournalLock) -> None:
        while not lock.held:
            try:
                await lock.acquire(self._wait)
            except OSError as error:
                self._wait(f"{lock.path} cannot be locked: {error.strerror or error}; trying again")
                await self._clock.sleep(LOCK_AGAIN_SECONDS)

    def _wait(self, sentence: str) -> None:
        self._waiting = sentence

    async def bind(self, workspace: str) -> None:
        """See to it that nothing of another workspace is gone on with."""
        if isinstance(self.store, Journal):
            await self.store.bind(workspace)

    async def close(self) -> None:
        """Write what is left, and let other processes have the directory."""
        if self._watching:
            self._watching.cancel()
        if isinstance(self.store, Journal):
            await self.store.close()
        if self._lock:
            self._lock.release()

    def status(self) -> Check:
        """Say how the store is, for the health page."""
        if self._waiting:
            return Check(healthy=True, ready=False, status=self._waiting)
        if self.store.problem:
            return Check(healthy=True, ready=False, status=self.store.problem)
        return Check(healthy=True, ready=True, status=self._note or "ok")
