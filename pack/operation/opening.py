"""Opening the journal to look into it, while a pack writes to it or none runs; nothing on disk changes.

SQLite's read-only mode alone does not do: it leaves files behind where none were, and fails in a directory
that cannot be written (https://www.sqlite.org/wal.html#readonly). So what is opened depends on what is there:

- no ``-wal`` file: nobody writes and the database is whole; it is read as a file that does not change, and
  once more if somebody began to write meanwhile;
- ``-wal`` and ``-shm``: a pack writes, or was killed; SQLite's read-only mode needs no permission to write;
- ``-wal`` without ``-shm``: copied by somebody from elsewhere; a copy of both is read.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pack.operation.place import named
from pack.state.schema import MIGRATIONS

T = TypeVar("T")

BUSY_SECONDS = 10.0
"""How long somebody else's write is waited for."""

_ATTEMPTS = 5
"""How often a journal is read again that somebody began to write meanwhile."""

DAMAGED_ROW = (ValueError, LookupError, RecursionError)
"""What reading a row raises whose text is not what the pack writes."""


class JournalUnusable(Exception):
    """The journal cannot be read or written; the message says which, why, and what to do."""


def read(path: Path, look: Callable[[sqlite3.Connection], T]) -> T:
    """Return what ``look`` finds in the journal, all of it as of one moment.

    It looks from a thread of its own, whose stack is empty: what the pack could read, however deeply it is
    nested, can be read here too.

    Raises:
        JournalUnusable: there is none, or it cannot be read.
    """
    with ThreadPoolExecutor(max_workers=1) as reader:
        return reader.submit(_read, path, look).result()


def _read(path: Path, look: Callable[[sqlite3.Connection], T]) -> T:
    try:
        for _ in range(_ATTEMPTS):
            before = _writing(path)
            with _open(path) as connection:
                check_version(connection, path)
                connection.execute("BEGIN")
                found = look(connection)
            if before == _writing(path):
                return found
    except sqlite3.Error as error:
        raise explain(error, path) from error
    except OSError as error:
        raise JournalUnusable(f"{path} cannot be read: {error.strerror or error}") from error
    except DAMAGED_ROW as error:
        raise explain_row(error, path) from error
    raise JournalUnusable(f"{path}: packs are started and stopped there all the time; try again")


def _writing(path: Path) -> tuple[bool, int, int]:
    """Return what changes when somebody begins to write to a journal that nobody wrote to."""
    is_written = beside(path, "wal").exists()
    about = path.stat()
    return (True, 0, 0) if is_written else (False, about.st_mtime_ns, about.st_size)


def beside(path: Path, kind: str) -> Path:
    """Return one of the files that SQLite keeps beside a database: ``wal`` or ``shm``."""
    return path.with_name(f"{path.name}-{kind}")


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    if not beside(path, "wal").exists():
        with connect(path, "mode=ro&immutable=1") as connection:
            yield connection
    elif beside(path, "shm").exists():
        with connect(path, "mode=ro") as connection:
            yield connection
    else:
        with tempfile.TemporaryDirectory() as directory:
            for one in (path, beside(path, "wal")):
                shutil.copyfile(one, Path(directory) / one.name)
            with connect(Path(directory) / path.name, "mode=ro") as connection:
                yield connection


@contextlib.contextmanager
def connect(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open a database that exists, in a mode of SQLite's URIs; transactions are begun by who uses it."""
    address = f"file:{quote(str(path.absolute()))}?{mode}"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def check_exists(path: Path) -> None:
    """Make sure that there is a journal.

    Raises:
        JournalUnusable: there is none; says where it was looked for.
    """
    try:
        if path.is_file():
            return
        there = path.parent.is_dir()
    except OSError as error:
        raise JournalUnusable(
            f"{path} cannot be looked at by this user: {error.strerror}. Run the command as the pack's user."
        ) from error
    what = "there is no journal in it" if there else "there is no such directory"
    raise JournalUnusable(
        f"{named(path)}: {what}. Run the command where the pack runs, with the same FLYTE_SLACK_BACKUP_DIR "
        "(the pack's log and `flyte-slack settings` name it)."
    )


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Make sure that the journal is of this version.

    Raises:
        JournalUnusable: it is newer or older.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise JournalUnusable(
            f"{path} is of version {version}, written by a newer flyte-slack; this one knows up to "
            f"{len(MIGRATIONS)}. Use the flyte-slack of the pack that wrote it."
        )
    if version < len(MIGRATIONS):
        raise JournalUnusable(
            f"{path} is of version {version}, and this flyte-slack reads {len(MIGRATIONS)}. "
            "Start the pack: it brings the journal up to date."
        )


def explain(error: sqlite3.Error, path: Path) -> JournalUnusable:
    """Say what is wrong with a journal, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            said = f"is locked by another process for more than {BUSY_SECONDS:.0f} s; try again"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            said = f"is damaged ({error}); copy it away for an examination, the pack goes on with a new one"
        case sqlite3.SQLITE_FULL:
            said = "cannot be written: the disk is full; make room"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            said = f"cannot be opened by this user ({error}); run the command as the pack's user"
        case _:
            said = f"cannot be used: {error}"
    return JournalUnusable(f"{path} {said}")


def explain_row(error: Exception, path: Path) -> JournalUnusable:
    """Say that a row cannot be read."""
    return JournalUnusable(f"{path} is damaged: a row cannot be read ({error})")
