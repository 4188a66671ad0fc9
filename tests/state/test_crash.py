"""A crash in the middle of a write, shown by cutting the file that was being written at every byte."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pack.contracts.storing import Effect
from pack.state.backup import FILE_NAME as BACKUP_NAME
from pack.state.backup import BackupFile
from pack.state.journal_file import FILE_NAME, JournalFile
from pack.state.journal_tables import Tables
from tests.state.journals import RESULT, action, arrival, opened

SMALL_PAGES = 512
"""Bytes: so that the last write is short enough to be cut everywhere."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The journal's files at one moment, and what is in them."""

    database: bytes
    log: bytes
    content: dict[str, list[Any]]


def content(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return every row of every table."""
    tables = ("actions", "effects", "arrivals", "seen", "watermarks", "threads")
    return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables}


def look(directory: Path) -> Moment:
    path = directory / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        return Moment(path.read_bytes(), (directory / f"{FILE_NAME}-wal").read_bytes(), content(connection))


def with_small_pages(directory: Path) -> None:
    with closing(sqlite3.connect(directory / FILE_NAME)) as connection:
        connection.execute(f"PRAGMA page_size = {SMALL_PAGES}")
        connection.execute("VACUUM")


def restarted(directory: Path, database: bytes, log: bytes) -> dict[str, list[Any]]:
    """Return what a process finds that starts with these files."""
    directory.mkdir(exist_ok=True)
    for entry in directory.iterdir():
        entry.unlink()
    (directory / FILE_NAME).write_bytes(database)
    (directory / f"{FILE_NAME}-wal").write_bytes(log)
    connection = JournalFile(directory / FILE_NAME).open()
    connection.execute("PRAGMA synchronous = OFF")
    with closing(connection):
        Tables(connection, "there", {}).begin(("new", "C", "", 0.0, None, "r", None, "null"))
        found = content(connection)
    found["actions"] = [row for row in found["actions"] if row[1] != "new"]
    return found


async def two_moments(directory: Path) -> tuple[Moment, Moment]:
    """Return the journal before and after one commit that concerns every table."""
    with_small_pages(directory)
    async with opened(directory) as journal:
        await journal.begin(action("a"), "C1")
        number = (await journal.receive(arrival("k")))[1]
        await journal.watch("C1", 5.0)
        before = look(directory)
        journal.note_effect(Effect("a", "1", "chat.postMessage"))
        journal.note_told(number)
        journal.note_watermarks(["C1"], 6.0)
        journal.note_reported("a")
        await journal.receive(arrival("k2", thread="1.0"))
        return before, look(directory)


async def test_wherever_the_log_is_cut_a_write_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    before, after = await two_moments(tmp_path)
    assert after.database == before.database
    assert after.log.startswith(before.log)
    assert all(before.content[table] != after.content[table] for table in ("actions", "effects", "arrivals"))
    whole = 0
    for cut in range(len(before.log), len(after.log) + 1):
        found = restarted(tmp_path / "restarted", after.database, after.log[:cut])
        if found == after.content:
            whole += 1
            assert cut == len(after.log)
        else:
            assert found == before.content
        assert [entry.name for entry in (tmp_path / "restarted").iterdir()] == [FILE_NAME]
    assert whole == 1


async def test_a_log_whose_end_is_garbage_is_read_up_to_there(tmp_path: Path) -> None:
    before, after = await two_moments(tmp_path)
    last = len(before.log)
    for at in range(last, len(after.log), 97):
        broken = after.log[:at] + bytes([after.log[at] ^ 0xFF]) + after.log[at + 1 :]
        assert restarted(tmp_path / "restarted", after.database, broken) == before.content


async def test_a_crash_while_the_log_is_carried_over_loses_nothing(tmp_path: Path) -> None:
    """Up to the end of that, the log has all of it; the database's file may be in any state."""
    _, after = await two_moments(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    carried = (tmp_path / FILE_NAME).read_bytes()
    for cut in range(0, len(carried) + 1, 61):
        torn = carried[:cut] + after.database[cut:]
        assert restarted(tmp_path / "restarted", torn, after.log) == after.content


async def test_a_result_is_on_disk_when_it_is_said_to_be(tmp_path: Path) -> None:
    """A crash right after an answer: the files as they are then, without the process's help."""
    async with opened(tmp_path) as journal:
        for n in range(5):
            await journal.begin(action(f"a{n}"), "C1")
            await journal.finish(f"a{n}", RESULT, failed=False)
            moment = look(tmp_path)
            found = restarted(tmp_path / "restarted", moment.database, moment.log)
            assert [row[1] for row in found["actions"]] == [f"a{m}" for m in range(n + 1)]


def test_wherever_the_write_of_the_backup_is_cut_the_list_is_whole(tmp_path: Path) -> None:
    backup = BackupFile(tmp_path)
    backup.save(["C1", "C2"])
    new = b'["C1", "C2", "C3"]'
    temporary = tmp_path / f".{BACKUP_NAME}.cut"
    for cut in range(len(new) + 1):
        temporary.write_bytes(new[:cut])
        assert BackupFile(tmp_path).load() == ["C1", "C2"]
    temporary.replace(backup.path)
    assert BackupFile(tmp_path).load() == ["C1", "C2", "C3"]


def test_a_backup_that_is_cut_is_set_aside_wherever_that_is(tmp_path: Path) -> None:
    whole = b'["C1", "C2", "C3"]'
    for cut in range(len(whole)):
        backup = BackupFile(tmp_path)
        backup.path.write_bytes(whole[:cut])
        assert backup.load() == []
        assert backup.problem == ""
        assert not backup.path.exists()
    assert len(list(tmp_path.iterdir())) == len(whole)
