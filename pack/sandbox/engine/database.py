"""Where the engine's state is: a database of SQLite, in a file that stays or in one that nobody sees."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pack.errors import SettingsError
from pack.sandbox.engine.schema import APPLICATION_ID, TABLES, VERSION

Row = tuple[Any, ...]
_Marks = tuple[str, str, tuple[str, ...]]

_CACHE_KIBIBYTES = 8 * 1024
"""How much of it is kept in memory."""

_PRIVATE = ("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF")
_KEPT = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA journal_size_limit = 16777216",
)
"""What was committed survives a kill of the process."""

_WHOLE: _Marks = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PARTS: _Marks = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))
"""How a transaction begins, ends and is undone. A private database is one long transaction, never committed,
since each commit would cost three times what the statement does; what is atomic in it is a part of that."""

_NUMBERED = (
    "SELECT max(number) FROM events",
    "SELECT max(changed) FROM actions",
    "SELECT max(number) FROM executions",
    "SELECT max(finished) FROM executions",
    "SELECT max(number) FROM flows",
    "SELECT max(retired) FROM flows",
)


class Database:
    """One connection. Its calls never wait for anything but the disk, so each is atomic in an event loop.

    ``path``: the file, made when it is missing, and locked as long as it is open; None: a private one that
    ends with the process, which SQLite writes to the temporary directory as far as it does not fit into a few
    MiB of memory.

    Raises:
        SettingsError: the file cannot be used; says why.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is not None:
            _refuse_unusable(path)
        where = _private_place() if path is None else str(path.absolute())
        try:
            self._connection = sqlite3.connect(where, isolation_level=None, timeout=0.0)
        except sqlite3.Error as error:
            raise SettingsError(f"--state {path}: cannot be opened: {error}") from error
        self._is_inside = False
        self._marks = _WHOLE
        self._close = weakref.finalize(self, self._connection.close)
        try:
            self._prepare(path)
            last = max(self.value(question) or 0 for question in _NUMBERED)
        except (sqlite3.Error, SettingsError) as error:
            self.close()
            raise _refused(path, error) from error
        self._order = itertools.count(last + 1)

    def close(self) -> None:
        """Give the file back; nothing can be asked any more."""
        self._close()

    @property
    def is_open(self) -> bool:
        """Whether something can be asked."""
        return self._close.alive

    def next_number(self) -> int:
        """Return a number above all that were given, also before a restart."""
        return next(self._order)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let everything inside happen, or nothing of it; inside another one it is a part of that."""
        if self._is_inside:
            yield
            return
        begin, commit, undo = self._marks
        self._connection.execute(begin)
        self._is_inside = True
        try:
            yield
            self._connection.execute(commit)
        except BaseException:
            for statement in undo if self._connection.in_transaction else ():
                self._connection.execute(statement)
            raise
        finally:
            self._is_inside = False

    def check(self) -> None:
        """Write something that changes nothing.

        Raises:
            sqlite3.Error: nothing can be written.
        """
        with self.transaction():
            self.change("UPDATE counts SET finished_executions = finished_executions")

    def change(self, statement: str, *values: object) -> int:
        """Carry out a statement; return how many rows it changed."""
        return self._execute(statement, values).rowcount

    def row(self, question: str, *values: object) -> Row | None:
        """Return the first row of an answer, None when it has none."""
        found: Row | None = self._execute(question, values).fetchone()
        return found

    def value(self, question: str, *values: object) -> Any:
        """Return the only value of an answer, None when there is none."""
        found = self.row(question, *values)
        return found[0] if found else None

    def rows(self, question: str, *values: object) -> Iterator[Row]:
        """Go through an answer row by row."""
        return iter(self._execute(question, values))

    def _execute(self, statement: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except UnicodeEncodeError:  # bytes of a request that were no UTF-8
            return self._connection.execute(statement, tuple(map(_as_utf8, values)))

    def _prepare(self, path: Path | None) -> None:
        """Set the connection up, and make the tables if there are none yet."""
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        has_tables = bool(self.value("SELECT count(*) FROM sqlite_master"))
        if has_tables:
            self._check_version()
        for pragma in _PRIVATE if path is None else _KEPT:
            self._connection.execute(pragma)
        with self.transaction():
            if not has_tables:
                self._make_tables()
        if path is None:
            self._connection.execute("BEGIN")
            self._marks = _PARTS

    def _make_tables(self) -> None:
        for statement in TABLES.split(";\n"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def _check_version(self) -> None:
        if self.value("PRAGMA application_id") != APPLICATION_ID:
            raise SettingsError("it is a database of another program; name another file")
        version = self.value("PRAGMA user_version")
        if version != VERSION:
            raise SettingsError(
                f"it is of version {version}, and this flyte-slack knows version {VERSION} only: it was "
                "written by a newer one; use that, or name another file"
            )


def _as_utf8(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _private_place() -> str:
    """Return SQLite's name for a temporary database, or for one in memory where nothing can be written."""
    try:
        tempfile.TemporaryFile().close()
    except OSError:
        return ":memory:"
    return ""


def _refuse_unusable(path: Path) -> None:
    """Refuse what SQLite would only call "unable to open database file".

    Raises:
        SettingsError: the path is no file that can be read and written.
    """
    if not path.absolute().parent.is_dir():
        raise SettingsError(f"--state {path}: the directory {path.absolute().parent} does not exist; make it")
    if path.is_dir():
        raise SettingsError(f"--state {path}: it is a directory; name a file in it")
    if path.exists() and not path.is_file():
        raise SettingsError(f"--state {path}: it is no regular file; name another one")
    for needed in (path.absolute().parent, path):
        if needed.exists() and not os.access(needed, os.R_OK | os.W_OK):
            raise SettingsError(f"--state {path}: this user may not read and write {needed}")


def _refused(path: Path | None, error: Exception) -> SettingsError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        reason = "another sandbox (or another program) is using it; stop that, or name another file"
    elif code is not None and code & 0xFF == sqlite3.SQLITE_NOTADB:
        reason = "it is no SQLite file; name another file, and it is made if it is missing"
    elif isinstance(error, SettingsError):
        reason = str(error)
    else:
        reason = f"it cannot be used: {error}; name another file"
    return SettingsError(f"--state {path}: {reason}")
