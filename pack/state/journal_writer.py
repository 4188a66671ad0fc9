"""The journal's writer: one thread that owns the connection and commits what is queued in groups."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from pack.state.journal_file import JournalFile, MovedError, explain, is_damage, primary_code, transaction
from pack.state.journal_meanwhile import Meanwhile, NotNowError
from pack.state.journal_operation import Operation
from pack.state.journal_tables import WRITES, Tables

logger = logging.getLogger(__name__)

LINGER_SECONDS = 0.01
"""How long what nobody waits for may wait for company before it is committed."""

PRUNE_SECONDS = 60.0
"""How often what is too old is looked for."""

PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)
"""What ends without the file being opened again."""

OnCommit = Callable[[str, Sequence[str]], None]


class Writer:
    """The thread; what is handed to it is done in order."""

    def __init__(
        self,
        file: JournalFile,
        owner: str,
        *,
        now: Callable[[], float],
        prune: Callable[[], Operation],
        retry_seconds: float,
        on_commit: OnCommit | None,
    ) -> None:
        """Prepare the thread; :meth:`start` starts it.

        ``now`` tells this machine's date; ``prune`` makes the operation that deletes one portion of what is
        too old; ``retry_seconds``: how long after a failure the file is tried again, and how often it is
        looked whether it is still there.
        """
        self._file = file
        self._owner = owner
        self._now = now
        self._prune = prune
        self._retry_seconds = retry_seconds
        self._on_commit = on_commit or (lambda phase, kinds: None)
        self._loop = asyncio.get_running_loop()
        self._handed: queue.SimpleQueue[list[Operation] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._tables: Tables | None = None
        self._places: dict[int, int] = {}
        self._numbers = itertools.count(-1, -1)
        self._meanwhile: Meanwhile | None = None
        self._failure: Exception | None = None
        self._held: list[Operation] = []
        self._retry_at = self._look_at = 0.0
        self._prune_at = time.monotonic() + PRUNE_SECONDS
        self._closing = False
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._was_whole = True
        self.problem = ""
        self.blind_until = 0.0
        """Until when, by this machine's date, an earlier process may have told what it could not note."""

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
        self._thread.join()

    # --- in the thread ---

    def _run(self) -> None:
        try:
            self._was_whole = self._file.is_whole()
            self._open()
        except Exception as error:  # noqa: BLE001 - who waits for the start is told
            self._tell(self._opened.set_exception, error)
            return
        self._tell(self._opened.set_result, None)
        while not self._closing:
            self._work(self._collect())
        self._end()
        self._tell(self._ended.set_result, None)

    def _tell(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call something in the event loop, unless that is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)

    def _open(self) -> None:
        try:
            self._tables = self._opened_tables()
            self._file.note_whole()
        except (sqlite3.Error, OSError) as error:
            self._fail(error)

    def _opened_tables(self) -> Tables:
        """Open the file; what a process left that could not write all that it did is to be looked up."""
        tables = Tables(self._file.open(), self._owner, self._places)
        if not self._was_whole:
            with transaction(tables.connection):
                tables.suspect_all(self._now())
            self._was_whole = True
            logger.warning(
                "%s does not have all that the last process did: what is unfinished is looked up first",
                self._file.path,
            )
        self.blind_until = max(self.blind_until, tables.blind_until())
        return tables

    def _collect(self) -> list[Operation]:
        """Wait for operations, or for the time to do something else; return all that there are."""
        batch: list[Operation] = []
        until = self._retry_at if self._meanwhile else time.monotonic() + self._retry_seconds
        while True:
            seconds = until - time.monotonic()
            try:
                handed = self._handed.get(seconds > 0, max(seconds, 0))
            except queue.Empty:
                return batch
            if handed is None:
                self._closing = True
                return batch
            if not batch:
                until = time.monotonic() + LINGER_SECONDS
            batch += handed
            if any(one.future for one in handed):
                until = 0.0

    def _work(self, batch: list[Operation]) -> None:
        now = time.monotonic()
        if not self._meanwhile and now >= self._look_at:
            self._look_at = now + self._retry_seconds
            self._look()
        if self._meanwhile and now >= self._retry_at:
            self._recover(self._meanwhile)
        if not self._meanwhile and now >= self._prune_at:
            batch = [*batch, self._prune()]
        if batch:
            self._perform(batch)

    def _perform(self, batch: list[Operation]) -> None:
        if self._meanwhile is None and self._tables:
            try:
                values = self._commit(self._tables, batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
                if not is_external(error):
                    self._single_out(batch, error)
                    return
                self._fail(error)
            else:
                self._settle(batch, values)
                return
        if self._meanwhile:
            self._remember(self._meanwhile, batch)

    def _single_out(self, batch: list[Operation], error: Exception) -> None:
        """Find the operation that is a mistake of the pack, so that the others are done."""
        if len(batch) > 1:
            for one in batch:
                self._perform([one])
            return
        logger.critical("a mistake of the pack at the journal's %s", batch[0].kind, exc_info=error)
        self._tell(refuse, batch[0], error)

    def _commit(self, tables: Tables, batch: Sequence[Operation]) -> list[Any]:
        """Perform operations in one transaction and return their values.

        Raises:
            sqlite3.Error: the file cannot be written; nothing of them is in it.
        """
        kinds = [one.kind for one in batch if one.kind in WRITES]
        if not kinds:
            return [tables.perform[one.kind](*one.arguments) for one in batch]
        with transaction(tables.connection):
            values = [tables.perform[one.kind](*one.arguments) for one in batch]
            self._on_commit("before", kinds)
        self._on_commit("after", kinds)
        return values

    def _settle(self, batch: list[Operation], values: list[Any]) -> None:
        self._tell(resolve, batch, values)
        if batch[-1].kind == "prune":
            self._prune_at = time.monotonic() + (self._retry_seconds if values[-1] else PRUNE_SECONDS)

    # --- while the file cannot be written ---

    def _fail(self, error: Exception) -> None:
        """Go on in memory."""
        self._failure = error
        self._retry_at = time.monotonic() + self._retry_seconds
        if self._meanwhile is None:
            self._meanwhile = Meanwhile(self._tables, self._numbers)
            self._file.note_unwritable()
            logger.error("%s", explain(self._file.path, error))
        self.problem = explain(self._file.path, error)

    def _remember(self, meanwhile: Meanwhile, batch: list[Operation]) -> None:
        batch, self._held = self._held + batch, []
        done, values = [], []
        for one in batch:
            try:
                values.append(meanwhile.perform(one))
            except NotNowError:
                self._held.append(one)
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
                self._single_out([one], error)
            else:
                done.append(one)
        self._tell(resolve, done, values)
        if self._held and any(one.kind == "told" for one in done):
            self._remember(meanwhile, [])

    def _look(self) -> None:
        if not self._file.is_there():
            self._fail(MovedError("it was removed or replaced"))

    def _recover(self, meanwhile: Meanwhile) -> None:
        """Try to bring the file up to date."""
        try:
            tables = self._usable_tables()
            meanwhile.tables = self._tables = tables
            pending = meanwhile.pending()
            if pending:
                self._commit(tables, pending)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread goes on
            self._fail(error)
            return
        logger.warning("%s can be written again; what happened meanwhile is in it", self._file.path)
        self._meanwhile, self._failure, self.problem = None, None, ""
        self._file.note_whole()
        held, self._held = self._held, []
        if held:
            self._perform(held)

    def _usable_tables(self) -> Tables:
        """Return the tables of the file as it is now, opened again where that may help."""
        old, failure = self._tables, self._failure
        if old and not self._file.is_there():
            self._file.put_back(old.connection)
        elif old and failure and is_damage(failure):
            self._file.set_aside(str(failure))
        elif old and primary_code(failure) in PASSING:
            return old
        tables = self._opened_tables()
        if old:
            old.connection.close()
        return tables

    def _end(self) -> None:
        """Bring the file up to date a last time and close it."""
        if not self._meanwhile:
            self._look()
        if self._meanwhile:
            self._recover(self._meanwhile)
        if self._meanwhile and (pending := self._meanwhile.pending()):
            logger.error("%d changes could not be written to %s and end here", len(pending), self._file.path)
        for one in self._held:
            if one.future:
                self._tell(one.future.cancel)
        if self._tables:
            with contextlib.suppress(sqlite3.Error):
                self._tables.connection.close()


def resolve(batch: Sequence[Operation], values: Sequence[Any]) -> None:
    """Give everyone who waits for an operation its value."""
    for one, value in zip(batch, values, strict=True):
        if one.future and not one.future.done():
            one.future.set_result(value)


def refuse(one: Operation, error: Exception) -> None:
    """Tell who waits for an operation that it is a mistake."""
    if one.future and not one.future.done():
        one.future.set_exception(error)


def is_external(error: Exception) -> bool:
    """Whether an error is the file's, not the operation's."""
    return is_damage(error) or isinstance(error, sqlite3.OperationalError | OSError)
