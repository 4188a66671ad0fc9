"""Where the engine's state is: a database of SQLite, in a file that stays or in one that nobody sees."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pack.errors import SettingsError
from pack.sandbox.engine.schema import APPLICATION_ID, TABLES, UPGRADES, VERSION
from pack.sandbox.engine.state_file import refuse_unusable, refused

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
            refuse_unusable(path)
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
            raise refused(path, error) from error
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
        version = self._known_version()
        for pragma in _PRIVATE if path is None else _KEPT:
            self._connection.execute(pragma)
        with self.transaction():
            for statements in UPGRADES[version:] if version else (TABLES,):
                for statement in statements.split(";\n"):
                    self._connection.execute(statement)
            if version != VERSION:
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        if path is None:
            self._connection.execute("BEGIN")
            self._marks = _PARTS

    def _known_version(self) -> int:
        """Return the version of the tables that there are, 0 when there are none."""
        version = int(self.value("PRAGMA user_version"))
        application = self.value("PRAGMA application_id")
        if not (application or version or self.value("SELECT count(*) FROM sqlite_master")):
            return 0
        if application != APPLICATION_ID:
            raise SettingsError("it is a database of another program; name another file")
        if version > VERSION:
            raise SettingsError(
                f"it is of version {version}, and this flyte-slack knows versions up to {VERSION} only: "
                "it was written by a newer one; use that, or name another file"
            )
        if version < 1:
            raise SettingsError(f"its version is {version}, which no flyte-slack wrote; name another file")
        return version


def _as_utf8(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _private_place() -> str:
    """Return SQLite's name for a temporary database, or for one in memory where nothing can be written."""
    try:
        tempfile.TemporaryFile().close()
    except OSError:
        return ":memory:"
    return ""
