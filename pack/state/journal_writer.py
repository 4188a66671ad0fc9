"""The journal's writer: one thread that owns the connection and commits what is queued in groups."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pack.errors import SettingsError
from pack.state.journal_file import JournalFile, explain, transaction
from pack.state.journal_tables import Tables

logger = logging.getLogger(__name__)

LINGER_SECONDS = 0.01
"""How long what nobody waits for may wait for company before it is committed."""

OnCommit = Callable[[str, Sequence[str]], None]


@dataclass(slots=True)
class Operation:
    """Something to be done with the tables, or asked of them."""

    kind: str
    arguments: tuple[Any, ...]
    future: asyncio.Future[Any] | None
    """Who waits for it; None: nobody."""


class Writer:
    """The thread; what is handed to it is done in order."""

    def __init__(
        self,
        file: JournalFile,
        owner: str,
        *,
        retry_seconds: float,
        on_commit: OnCommit | None,
    ) -> None:
        self._file = file
        self._owner = owner
        self._retry_seconds = retry_seconds
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._handed: queue.SimpleQueue[list[Operation] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._tables: Tables | None = None
        self._backlog: list[Operation] = []
        self._closing = False
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self.problem = ""

    async def start(self) -> None:
        """Start the thread and wait until it has tried to open the file.

        Raises:
            SettingsError: the file was written by a newer pack.
        """
        self._thread.start()
        await self._opened

    def hand(self, operations: list[Operation]) -> None:
        """Queue operations."""
        self._handed.put(operations)

    async def stop(self) -> None:
        """Do what is queued, close the file and end the thread."""
        self._handed.put(None)
        await self._ended

    # --- in the thread ---

    def _run(self) -> None:
        try:
            self._open()
        except SettingsError as error:
            self._tell(self._opened.set_exception, error)
            return
        self._tell(self._opened.set_result, None)
        while not self._closing:
            self._work(self._collect())
        if self._tables:
            self._tables.connection.close()
        self._tell(self._ended.set_result, None)

    def _tell(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call something in the event loop, unless that is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def _open(self) -> None:
        try:
            self._tables = Tables(self._file.open(), self._owner)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        said, self.problem = self.problem, explain(self._file.path, error)
        if not said:
            logger.error("%s", self.problem)

    def _collect(self) -> list[Operation]:
        """Wait for operations; return all that there are."""
        batch: list[Operation] = []
        timeout: float | None = self._retry_seconds if self._backlog or not self._tables else None
        while True:
            try:
                handed = self._handed.get(timeout != 0, timeout)
            except queue.Empty:
                return batch
            if handed is None:
                self._closing = True
                return batch
            batch += handed
            timeout = 0 if any(one.future for one in batch) else LINGER_SECONDS

    def _work(self, batch: list[Operation]) -> None:
        batch = self._backlog + batch
        if not self._tables:
            self._open()
        if not batch:
            return
        self._backlog = batch
        if not self._tables:
            return
        try:
            values = self._commit(self._tables, batch)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return
        if self.problem:
            logger.warning("%s can be written again; nothing was lost", self._file.path)
            self.problem = ""
        self._backlog = []
        self._tell(resolve, batch, values)

    def _commit(self, tables: Tables, batch: list[Operation]) -> list[Any]:
        kinds = [one.kind for one in batch if one.kind in tables.writes]
        if not kinds:
            return [tables.reads[one.kind](*one.arguments) for one in batch]
        perform = {**tables.writes, **tables.reads}
        with transaction(tables.connection):
            values = [perform[one.kind](*one.arguments) for one in batch]
            if self._on_commit:
                self._on_commit("before", kinds)
        if self._on_commit:
            self._on_commit("after", kinds)
        return values


def resolve(batch: list[Operation], values: list[Any]) -> None:
    """Give everyone who waits for an operation its value."""
    for one, value in zip(batch, values, strict=True):
        if one.future and not one.future.done():
            one.future.set_result(value)


def steady(now: float) -> Callable[[], float]:
    """Return a date that starts at ``now`` and neither jumps nor goes back."""
    start = now - time.monotonic()
    return lambda: start + time.monotonic()
