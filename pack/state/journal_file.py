"""The journal's file: opening and migrating it, setting a damaged one aside, noticing that it is gone."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pack.errors import SettingsError
from pack.state.schema import MIGRATIONS

logger = logging.getLogger(__name__)

FILE_NAME = "journal.sqlite3"

BUSY_SECONDS = 5.0
"""How long a statement waits for another process that writes."""

LOG_BYTES = 64 * 1024 * 1024
"""How long the write-ahead log may stay once what is in it was carried over."""

WHOLE_NAME = "journal.whole"
"""A file that is there while everything that happened is in the journal."""

MODE = 0o600
"""Who may read a journal that is begun: it has messages' texts. SQLite's files beside it get the same."""

SUFFIXES = ("", "-wal", "-shm")
"""The files that a journal consists of."""

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class StrangeError(sqlite3.DatabaseError):
    """The file is a database, and not a journal."""


class MovedError(OSError):
    """The path does not lead to the file any more that was opened."""


class JournalFile:
    """One path, and the connections made to what is there."""

    def __init__(self, path: Path, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._identities: Sequence[tuple[int, int]] = ()

    def open(self) -> sqlite3.Connection:
        """Open the journal, or begin one; a damaged one is set aside and a new one begun.

        Raises:
            SettingsError: it was written by a newer pack.
            sqlite3.Error: it cannot be opened at the moment.
            OSError: as above.
        """
        try:
            return self._open()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.set_aside(str(error))
            return self._open()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _begin(self.path)
        connection = connect(self.path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            self._migrate(connection)
            connection.execute("SELECT count(*) FROM watermarks").fetchone()
        except BaseException:
            connection.close()
            raise
        self._identities = self._look()
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the tables up to date, all in one transaction."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(self._migrations):
            raise SettingsError(
                f"{self.path} was written by a newer version of the pack (its schema is {version}, this "
                f"pack knows {len(self._migrations)}). Update the pack, or move that file away: then "
                "commands that are unfinished in it are not carried out."
            )
        if version == len(self._migrations):
            return
        if not version and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
            raise StrangeError("it is a database of something else")
        with transaction(connection):
            for step in self._migrations[version:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
        if version:
            logger.info("%s was brought from schema %d to %d", self.path, version, len(self._migrations))

    def set_aside(self, reason: str) -> None:
        """Give a damaged journal another name.

        Raises:
            OSError: it cannot be renamed.
        """
        aside = self._rename_away("damaged")
        logger.error(
            "%s is damaged: %s. It was set aside as %s and a new one is begun: commands that were taken and "
            "not finished are recovered from the engine's records where those can be read "
            "(FLYTE_SLACK_RECOVERY_HOURS), and what Slack sends again may be told a second time.",
            self.path,
            reason,
            aside.name,
        )

    def is_whole(self) -> bool:
        """Tell whether the last process that worked with the journal could write all that happened to it."""
        try:
            return not self.path.exists() or self._whole.exists()
        except OSError:
            return False

    def note_whole(self) -> None:
        """Note that all that happens is in the journal; if that fails, more than needed is looked up."""
        with contextlib.suppress(OSError):
            self._whole.touch()
            _sync_directory(self.path.parent)

    def note_unwritable(self) -> None:
        """Note that something may happen that is not in the journal: that can be done on a full disk too."""
        with contextlib.suppress(OSError):
            self._whole.unlink(missing_ok=True)
            _sync_directory(self.path.parent)

    @property
    def _whole(self) -> Path:
        return self.path.with_name(WHOLE_NAME)

    def bind(self, workspace: str) -> str:
        """Note which workspace the journal is of; return the one that it is of already.

        Raises:
            sqlite3.Error: it cannot be read or written at the moment.
        """
        with contextlib.closing(connect(self.path)) as connection:
            connection.execute("INSERT OR IGNORE INTO facts VALUES ('workspace', ?)", (workspace,))
            (bound,) = connection.execute("SELECT value FROM facts WHERE name = 'workspace'").fetchone()
        return str(bound)

    def set_apart(self, of: str, wanted: str) -> None:
        """Give the journal of another workspace another name.

        Raises:
            OSError: it cannot be renamed.
        """
        apart = self._rename_away(f"of-{of}")
        logger.error(
            "%s is of the workspace %s, and FLYTE_SLACK_TOKEN is of %s. It was set aside as %s, and a new "
            "one is begun; what is unfinished in it is gone on with by a pack of that workspace when it gets "
            "its name back. Give each workspace's pack a FLYTE_SLACK_BACKUP_DIR of its own.",
            self.path,
            of,
            wanted,
            apart.name,
        )

    def _rename_away(self, word: str) -> Path:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = self.path.with_name(f"{FILE_NAME}.{word}-{moment}")
        for suffix in SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                self._beside(suffix).rename(aside.with_name(aside.name + suffix))
        return aside

    def _beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    def _look(self) -> Sequence[tuple[int, int]]:
        """Return which files are there, as the operating system tells them apart."""
        found = []
        for suffix in SUFFIXES[:2]:
            try:
                about = self._beside(suffix).stat()
            except OSError:
                found.append((0, 0))
            else:
                found.append((about.st_dev, about.st_ino))
        return found

    def is_there(self) -> bool:
        """Whether the path still leads to the files that were opened."""
        return self._look() == self._identities

    def put_back(self, connection: sqlite3.Connection) -> None:
        """Write what a connection still sees to the path, which does not lead to it any more.

        Raises:
            sqlite3.Error: that cannot be done at the moment.
            OSError: as above.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._beside(".new")
        fresh.unlink(missing_ok=True)
        _begin(fresh)
        copy = sqlite3.connect(fresh, isolation_level=None)
        try:
            connection.backup(copy)
        finally:
            copy.close()
        moved = self._rename_away("replaced")
        fresh.rename(self.path)
        _sync_directory(self.path.parent)
        logger.error(
            "%s was removed or replaced while the pack was running; it was written again from what was still "
            "open%s",
            self.path,
            f", and what was found there is now {moved.name}" if moved.exists() else "",
        )


def _begin(path: Path) -> None:
    """Make an empty file, which SQLite takes for a new database, unless there is one or it cannot be made."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection that waits for other processes and is on disk after every commit.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done within; roll it back when anything is raised."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file's content is broken."""
    return primary_code(error) in DAMAGE or isinstance(error, StrangeError)


def primary_code(error: BaseException | None) -> int | None:
    """Return SQLite's code of an error without its details; None when it is not SQLite's."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def explain(path: Path, error: BaseException) -> str:
    """Say for the operator why the journal cannot be used at the moment."""
    words = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    code = primary_code(error)
    advice = "the pack tries again every second"
    if code == sqlite3.SQLITE_FULL:
        advice = "make room on that volume; " + advice
    elif code == sqlite3.SQLITE_BUSY:
        advice = "another process holds it; " + advice
    elif code is not None:
        advice = f"see that uid {os.geteuid()} may write there and that the volume is sound; " + advice
    return f"{path} cannot be written: {words}. No commands are taken until it can; {advice}"


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
