"""The journal's file: begun, migrated, set aside, refused, pruned, and put back when somebody removes it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from pack.contracts.storing import ActiveThread, Arrival, Effect, Receipt, Untold, Waiting, Watermark
from pack.errors import SettingsError
from pack.state.journal_file import FILE_NAME, JournalFile
from pack.state.journal_rows import to_json
from pack.state.schema import MIGRATIONS
from tests.clock import FakeClock
from tests.state.journals import RESULT, action, arrival, beside, make, opened, until

HOUR = 3600.0
DAY = 24 * HOUR


def rows(directory: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(directory / FILE_NAME)) as connection:
        return connection.execute(question).fetchall()


def modes(directory: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in directory.glob(f"{FILE_NAME}*")}


async def test_nobody_else_may_read_a_journal_that_is_begun_or_put_back(tmp_path: Path) -> None:
    journal = make(tmp_path)
    await journal.open()
    await journal.begin(action("a"), "C1")
    assert modes(tmp_path) == dict.fromkeys((FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 0o600)
    for name in modes(tmp_path):
        (tmp_path / name).unlink()
    await until(lambda: (tmp_path / FILE_NAME).exists() and not journal.problem)
    await journal.begin(action("b"), "C1")
    assert set(modes(tmp_path).values()) == {0o600}
    await journal.close()


async def test_who_may_read_a_journal_that_is_there_is_left_to_its_owner(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    (tmp_path / FILE_NAME).chmod(0o660)
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        assert set(modes(tmp_path).values()) == {0o660}


async def test_what_was_noted_is_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        journal.note_effect(Effect("a", "1", "chat.postMessage"))
        await journal.receive(arrival("k", thread="1.0"))
        await journal.watch("C1", 5.0)
        before = await journal.load("a")
    async with opened(tmp_path) as journal:
        assert await journal.load("a") == before
        assert await journal.unfinished() == [Waiting("a", "SendMessage", "C1")]
        assert await journal.untold() == [Untold(1, arrival("k", thread="1.0"))]
        assert await journal.watermarks() == [Watermark("C1", 5.0)]
        assert await journal.active_threads(0) == [ActiveThread("C1", "1.0", 5.0)]
        assert await journal.receive(arrival("k")) == (Receipt.COPY, 0)
    assert rows(tmp_path, "SELECT owner, lease FROM actions") == [("here", None)]


async def test_notes_are_on_disk_no_later_than_the_next_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        await journal.finish("a", RESULT, failed=False)
        journal.note_reported("a")
        await journal.watch("C1", 5.0)
        assert rows(tmp_path, "SELECT stage FROM actions") == [("reported",)]


async def test_notes_are_on_disk_soon_without_anybody_waiting(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 5.0)
        journal.note_watermarks(["C1"], 6.0)
        await until(lambda: rows(tmp_path, "SELECT since FROM watermarks") == [(6.0,)])


async def test_each_commit_is_announced_with_what_is_in_it(tmp_path: Path) -> None:
    seen: list[tuple[str, tuple[str, ...], int]] = []

    def look(phase: str, kinds: object) -> None:
        assert isinstance(kinds, list)
        seen.append((phase, tuple(kinds), len(rows(tmp_path, "SELECT 1 FROM actions"))))

    journal = make(tmp_path, on_commit=look)
    await journal.open()
    await journal.begin(action("a"), "C1")
    journal.note_effect(Effect("a", "1", "chat.postMessage"))
    await journal.finish("a", RESULT, failed=False)
    await journal.load("a")
    await journal.close()
    assert seen == [
        ("before", ("begin",), 0),
        ("after", ("begin",), 1),
        ("before", ("sending", "finish"), 1),
        ("after", ("sending", "finish"), 1),
    ]


async def test_it_says_when_it_is_not_open(tmp_path: Path) -> None:
    journal = make(tmp_path)
    with pytest.raises(RuntimeError, match="not open"):
        await journal.begin(action("a"), "")
    await journal.close()


async def test_what_cannot_be_kept_is_refused_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as journal:
        journal.note_told(2**80)
        assert await journal.begin(action("a"), "C1")
        assert await journal.known(["a"]) == {"a"}
        assert journal.problem == ""
    assert "a mistake of the pack at the journal's told" in caplog.text


def test_json_may_be_nested_as_deeply_as_it_can_be_read() -> None:
    value: object = 1
    for _ in range(900):
        value = [value]

    def deep(levels: int) -> str:
        return deep(levels - 1) if levels else to_json(value)  # type: ignore[arg-type]

    assert deep(200) == "[" * 900 + "1" + "]" * 900


# --- versions


def test_an_older_journal_is_brought_up_to_date_with_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    first = JournalFile(path).open()
    first.execute("INSERT INTO watermarks VALUES ('C1', 5.0)")
    first.close()
    step = ["ALTER TABLE watermarks ADD COLUMN team TEXT NOT NULL DEFAULT 'T1'", "CREATE TABLE more (x)"]
    newer = JournalFile(path, [*MIGRATIONS, step])
    for _ in range(2):
        with closing(newer.open()) as second:
            assert second.execute("SELECT * FROM watermarks").fetchall() == [("C1", 5.0, "T1")]
            assert second.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_a_migration_is_done_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    JournalFile(path).open().close()
    with pytest.raises(sqlite3.OperationalError):
        JournalFile(path, [*MIGRATIONS, ["CREATE TABLE more (x)", "CREATE TABLE more (x)"]]).open()
    with closing(JournalFile(path).open()) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'more'").fetchall() == []


async def test_the_journal_of_a_newer_pack_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    JournalFile(path, [*MIGRATIONS, ["CREATE TABLE more (x)"]]).open().close()
    before = path.read_bytes()
    journal = make(tmp_path)
    with pytest.raises(SettingsError, match=r"written by a newer version .*Update the pack, or move"):
        await journal.open()
    await journal.close()
    assert path.read_bytes() == before
    assert [entry.name for entry in beside(tmp_path, "*")] == [FILE_NAME]


# --- damage


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_damaged_journal_is_set_aside_as_it_was(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    async with opened(tmp_path) as journal:
        assert journal.problem == ""
        assert await journal.begin(action("a"), "C1")
    (aside,) = beside(tmp_path, f"{FILE_NAME}.damaged-*")
    assert aside.read_bytes() == content
    assert aside.name in caplog.text
    assert "recovered from the engine's records" in caplog.text


async def test_somebody_elses_database_is_set_aside(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE actions (theirs)")
    async with opened(tmp_path) as journal:
        assert await journal.begin(action("a"), "C1")
    (aside,) = beside(tmp_path, f"{FILE_NAME}.damaged-*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT theirs FROM actions").fetchall() == []


async def test_an_empty_file_is_a_journal_that_was_not_begun(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    async with opened(tmp_path) as journal:
        assert await journal.begin(action("a"), "C1")
    assert not (beside(tmp_path, "*damaged*"))


def damage(path: Path) -> None:
    """Overwrite pages of the file, and let another process change it, so that they are read again."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 4096 * 50)
        connection.execute("PRAGMA user_version = 1")


async def test_a_journal_that_is_damaged_while_it_is_used_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as journal:
        for n in range(200):
            journal.note_effect(Effect("a", str(n), "chat.postMessage"))
            await journal.begin(action(f"a{n}", text="x" * 2000), "C1")
        damage(tmp_path / FILE_NAME)
        await journal.begin(action("later"), "C1")
        await until(lambda: beside(tmp_path, "*damaged*"))
        await until(lambda: not journal.problem)
        assert await journal.known(["later"]) == {"later"}
    assert "was set aside" in caplog.text


# --- removed or replaced


async def test_a_journal_that_is_removed_is_written_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "volume"
    async with opened(directory) as journal:
        await journal.begin(action("a"), "C1")
        number = (await journal.receive(arrival("k")))[1]
        shutil.rmtree(directory)
        await until(lambda: (directory / FILE_NAME).exists())
        await until(lambda: not journal.problem)
        await journal.begin(action("b"), "C1")
        assert [one.id for one in await journal.unfinished()] == ["a", "b"]
        journal.note_told(number)
        assert (await journal.receive(arrival("k2")))[1] > number
        assert (directory / f"{FILE_NAME}-wal").exists()
    async with opened(directory) as journal:
        assert [one.id for one in await journal.unfinished()] == ["a", "b"]
        assert [one.arrival for one in await journal.untold()] == [arrival("k2")]
    assert "removed or replaced while the pack was running" in caplog.text


@pytest.mark.parametrize("suffix", ["", "-wal"])
async def test_a_file_that_is_removed_at_the_end_is_there_at_the_next_start(
    tmp_path: Path, suffix: str
) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        (tmp_path / f"{FILE_NAME}{suffix}").unlink()
        await journal.begin(action("b"), "C1")
    async with opened(tmp_path) as journal:
        assert [one.id for one in await journal.unfinished()] == ["a", "b"]


async def test_a_journal_that_is_put_in_its_place_is_set_aside(tmp_path: Path) -> None:
    async with opened(tmp_path / "other") as other:
        await other.begin(action("theirs"), "")
    async with opened(tmp_path / "ours") as journal:
        await journal.begin(action("a"), "C1")
        shutil.copy(tmp_path / "other" / FILE_NAME, tmp_path / "copy")
        (tmp_path / "copy").rename(tmp_path / "ours" / FILE_NAME)
        await until(lambda: beside((tmp_path / "ours"), "*.replaced-*"))
        await until(lambda: not journal.problem)
        assert await journal.known(["a", "theirs"]) == {"a"}


# --- pruning


async def test_finished_actions_are_forgotten_in_time_and_others_never(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as journal:
        for name in ("open", "done", "told", "aside"):
            await journal.begin(action(name), "C1")
            await journal.save_effect(Effect(name, "1", "chat.postMessage"))
        for name in ("done", "told", "aside"):
            await journal.finish(name, RESULT, failed=False)
        journal.note_reported("told")
        await journal.set_aside("aside", "why")
        await clock.advance(7 * DAY - 1)
        await journal.prune()
        assert len(await journal.known(["open", "done", "told", "aside"])) == 4
        await clock.advance(2)
        await journal.prune()
        assert await journal.known(["open", "done", "told", "aside"]) == {"open", "done"}
    assert rows(tmp_path, "SELECT action_id FROM effects") == [("done",), ("open",)]


async def test_keys_and_threads_are_forgotten_in_time(tmp_path: Path) -> None:
    clock = FakeClock()
    said = clock.now().timestamp()
    old = Arrival(("k",), "C1", {"ts": f"{said}"}, "1.0")
    async with opened(tmp_path, clock) as journal:
        await journal.receive(old)
        await clock.advance(25 * HOUR - 1)
        await journal.prune()
        assert (await journal.receive(old))[0] is Receipt.COPY
        assert len(await journal.active_threads(0)) == 1
        await clock.advance(2)
        await journal.prune()
        assert await journal.active_threads(0) == []
        assert (await journal.receive(old))[0] is Receipt.KEPT


async def test_it_is_pruned_in_portions(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as journal:
        for n in range(600):
            await journal.begin(action(f"a{n}"), "")
            journal.note_reported(f"a{n}")
        await clock.advance(8 * DAY)
        assert await journal.prune()
        assert len(await journal.known([f"a{n}" for n in range(600)])) == 100
        assert not await journal.prune()
        assert await journal.known([f"a{n}" for n in range(600)]) == set()
