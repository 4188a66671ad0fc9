"""A journal that cannot be written: it says so, goes on in memory, and catches up when it can be again."""

from __future__ import annotations

import asyncio
import itertools
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pack.contracts.ports import Event
from pack.contracts.storing import (
    ActionStage,
    ActiveThread,
    Arrival,
    Effect,
    EffectState,
    Receipt,
    Waiting,
    Watermark,
)
from pack.state.journal import Journal
from pack.state.journal_file import FILE_NAME
from pack.state.journal_meanwhile import TOLD_AT_MOST, Meanwhile
from pack.state.journal_operation import Operation
from pack.state.journal_rows import arrival_row
from tests.clock import FakeClock
from tests.privileges import unprivileged
from tests.state.journals import RESULT, action, arrival, make, opened, until


def grow(directory: Path) -> int:
    return (directory / f"{FILE_NAME}-wal").stat().st_size


@contextmanager
def no_room(directory: Path) -> Iterator[None]:
    """Let no file grow beyond what the journal has; the operating system refuses it as on a full volume."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (grow(directory) + 100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def writing_elsewhere(directory: Path) -> Iterator[None]:
    """Be another process that does not end its transaction."""
    with closing(sqlite3.connect(directory / FILE_NAME, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_on_a_full_volume_nothing_is_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        first = (await journal.receive(arrival("k1", thread="1.0")))[1]
        await journal.watch("C1", 5.0)
        with no_room(tmp_path):
            await journal.save_effect(Effect("a", "1", "chat.postMessage"))
            await until(lambda: journal.problem)
            assert "cannot be written" in journal.problem
            receipt, second = await journal.receive(arrival("k2", thread="2.0"))
            assert receipt is Receipt.UNKEPT
            journal.note_told(first)
            await journal.save_telling(second)
            assert await journal.receive(arrival("k1")) == (Receipt.COPY, 0)
            await journal.finish("a", RESULT, failed=False)
            assert await journal.unreported() == [Waiting("a", "SendMessage", "C1")]
            assert not await journal.begin(action("a"), "C1")
            assert await journal.begin(action("b"), "C1")
            journal.note_watermarks(["C1"], 7.0)
            journal.note_watermarks(["C1"], 8.0)
            assert await journal.watermarks() == [Watermark("C1", 8.0)]
        await until(lambda: not journal.problem)
        (told,) = await journal.untold()
        assert (told.arrival, told.telling) == (arrival("k2", thread="2.0"), True)
        journal.note_told(second)
        assert await journal.untold() == []
    assert caplog.text.count("cannot be written") == 1
    assert caplog.text.count("can be written again") == 1
    async with opened(tmp_path) as journal:
        record = await journal.load("a")
        assert record and record.stage is ActionStage.DONE and list(record.effects) == ["1"]
        assert await journal.unfinished() == [Waiting("b", "SendMessage", "C1")]
        assert await journal.untold() == []
        assert await journal.watermarks() == [Watermark("C1", 8.0)]
        assert {one.thread for one in await journal.active_threads(0)} == {"1.0", "2.0"}
        assert (await journal.receive(arrival("k2")))[0] is Receipt.COPY


async def test_a_copy_of_what_is_not_on_disk_is_answered_when_the_original_was_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            receipt, number = await journal.receive(arrival("k"))
            copy = asyncio.create_task(journal.receive(arrival("k")))
            await journal.load("a")
            assert receipt is Receipt.UNKEPT and not copy.done()
            journal.note_told(number)
            assert await copy == (Receipt.COPY, 0)


async def test_a_copy_of_what_is_not_on_disk_is_answered_when_the_original_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            await journal.receive(arrival("k"))
            copy = asyncio.create_task(journal.receive(arrival("k")))
            await journal.load("a")
            assert not copy.done()
        assert await copy == (Receipt.COPY, 0)
        assert [one.arrival for one in await journal.untold()] == [arrival("k")]


async def test_what_was_told_meanwhile_is_not_told_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            for n in range(50):
                _, number = await journal.receive(arrival(f"k{n}", thread="1.0"))
                journal.note_told(number)
        await until(lambda: not journal.problem)
    async with opened(tmp_path) as journal:
        assert await journal.untold() == []
        assert await journal.receive(arrival("k7")) == (Receipt.COPY, 0)
        assert await journal.active_threads(0) == [ActiveThread("C1", "1.0", 5.0)]


async def test_every_end_of_an_action_is_seen_at_once_and_on_disk_later(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        for name in "abcd":
            await journal.begin(action(name), "C1")
        await journal.finish("d", RESULT, failed=False)
        with no_room(tmp_path):
            journal.note_effect(Effect("d", "1", "chat.postMessage"))
            journal.note_effect(Effect("a", "1", "pins.add", EffectState.REFUSED, refusal={"error": "x"}))
            await journal.finish("b", Event("E", {"n": 1}), failed=True)
            await journal.finish("a", RESULT, failed=False)
            journal.note_reported("a")
            await journal.set_aside("c", "no")
            seen = [await journal.load(name) for name in "abcd"]
            assert [one.id for one in await journal.unreported()] == ["d", "b"]
            assert await journal.unfinished() == []
            assert await journal.known(["a", "x"]) == {"a"}
        await until(lambda: not journal.problem)
        assert [await journal.load(name) for name in "abcd"] == seen
        assert [one.id for one in await journal.unreported()] == ["d", "b"]


async def test_a_second_trouble_is_as_good_as_the_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            number = (await journal.receive(arrival("k")))[1]
        await until(lambda: not journal.problem)
        with no_room(tmp_path):
            await journal.watch("C2", 1.0)
            assert (await journal.receive(arrival("l")))[1] != number
            await journal.save_telling(number)
            assert [one.telling for one in await journal.untold()] == [True, False]
            journal.note_told(number)
            assert [one.arrival for one in await journal.untold()] == [arrival("l")]
        await until(lambda: not journal.problem)
        assert [one.arrival for one in await journal.untold()] == [arrival("l")]


async def test_what_cannot_be_written_until_the_end_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = make(tmp_path)
    await journal.open()
    await journal.watch("C1", 1.0)
    with no_room(tmp_path):
        await journal.watch("C2", 1.0)
        await journal.close()
    assert "1 changes could not be written" in caplog.text


def lock_up(directory: Path) -> None:
    directory.mkdir()
    directory.chmod(0o555)


async def test_a_directory_that_may_not_be_written_is_a_problem_until_it_may(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    lock_up(directory)
    journal = make(directory)
    with unprivileged():
        await journal.open()
        assert "cannot be written" in journal.problem
        listing = asyncio.create_task(journal.unfinished())
        loading = asyncio.create_task(journal.load("b"))
        assert await journal.begin(action("a"), "C1")
        assert (await journal.receive(arrival("k")))[0] is Receipt.UNKEPT
        await journal.finish("nobody", RESULT, failed=False)
        assert not listing.done()
        assert not loading.done()
    directory.chmod(0o755)
    await until(lambda: not journal.problem)
    assert await listing == [Waiting("a", "SendMessage", "C1")]
    assert await loading is None
    await journal.close()


async def test_what_waits_for_a_file_that_never_could_be_read_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    journal = make(tmp_path)
    await journal.open()
    listing = asyncio.create_task(journal.unfinished())
    await journal.begin(action("a"), "C1")
    await journal.close()
    with pytest.raises(asyncio.CancelledError):
        await listing


async def test_an_arrival_that_was_known_before_the_trouble_is_told_twice_at_the_most_once(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as before:
        before.note_told((await before.receive(arrival("k")))[1])
    stash = tmp_path / "stash"
    (tmp_path / FILE_NAME).rename(stash)
    (tmp_path / FILE_NAME).mkdir()
    journal = make(tmp_path)
    await journal.open()
    assert (await journal.receive(Arrival(("k", "l"), "C1", {})))[0] is Receipt.UNKEPT
    bring_back(stash)
    await until(lambda: not journal.problem)
    assert await journal.untold() == []
    await journal.close()


def bring_back(stash: Path) -> None:
    place = stash.with_name(FILE_NAME)
    place.rmdir()
    stash.rename(place)


async def test_many_processes_may_read_and_write_it_while_it_is_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        with writing_elsewhere(tmp_path):
            waiting = asyncio.create_task(journal.begin(action("b"), "C1"))
            await asyncio.sleep(0.05)
            assert not waiting.done()
        assert await waiting
        assert journal.problem == ""


def test_the_keys_of_what_was_told_are_remembered_up_to_a_limit() -> None:
    meanwhile = Meanwhile(None, itertools.count(-1, -1))

    def receive(key: str) -> Any:
        row = arrival_row(arrival(key), telling=False)
        return meanwhile.perform(Operation("receive", ((key,), row, 5.0, 5.0)))

    for n in range(TOLD_AT_MOST + 10):
        _, number = receive(f"k{n}")
        meanwhile.perform(Operation("told", (number,)))
    assert len(meanwhile.pending()) == TOLD_AT_MOST
    assert receive("k10") == (Receipt.COPY, 0)
    assert receive("k9")[0] is Receipt.UNKEPT


async def test_what_cannot_be_kept_is_refused_alone_in_trouble_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            await journal.receive(arrival("k", thread="1.0"))
            with pytest.raises(TypeError):
                await journal.active_threads("never")  # type: ignore[arg-type]
            assert await journal.begin(action("a"), "C1")
    assert "a mistake of the pack at the journal's threads" in caplog.text


def test_what_a_journal_needs_is_told_by_its_path(tmp_path: Path) -> None:
    assert Journal.survives
    assert make(tmp_path).path == tmp_path / FILE_NAME
    assert make(tmp_path).problem == ""


async def test_what_a_process_left_that_ended_on_a_full_volume_is_looked_up_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = make(tmp_path)
    await journal.open()
    await journal.begin(action("a"), "C1")
    await journal.save_effect(Effect("a", "post", "chat.postMessage", EffectState.WAITING))
    await journal.begin(action("b"), "C1")
    _, kept = await journal.receive(arrival("one"))
    with no_room(tmp_path):
        await journal.save_effect(Effect("a", "post", "chat.postMessage", EffectState.SENDING))
        await journal.save_telling(kept)
        assert journal.problem
        await journal.close()
    assert "end here" in caplog.text
    async with opened(tmp_path) as later:
        record = await later.load("a")
        assert record is not None
        assert record.suspect_since == 0
        assert dict(record.effects) == {}
        assert [one.telling for one in await later.untold()] == [True]
        blind_until = later.blind_until
        assert blind_until > 0
    async with opened(tmp_path) as again:
        assert again.blind_until == blind_until


async def test_how_long_a_process_was_blind_is_forgotten_when_no_message_of_then_can_come_again(
    tmp_path: Path,
) -> None:
    journal = make(tmp_path)
    await journal.open()
    with no_room(tmp_path):
        await journal.receive(arrival("told on a full volume"))
        await journal.close()
    clock = FakeClock()
    async with opened(tmp_path, clock) as later:
        assert later.blind_until == clock.now().timestamp()
        await clock.advance(24 * 3600)
        await later.prune()
    async with opened(tmp_path, clock) as again:
        assert again.blind_until > 0
        await clock.advance(2 * 3600)
        await again.prune()
    async with opened(tmp_path, clock) as last:
        assert last.blind_until == 0


async def test_a_channel_that_was_left_on_a_full_volume_has_no_threads_afterwards(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.watch("C1", 1.0)
        with no_room(tmp_path):
            await journal.receive(arrival("k", thread="1.0"))
            await journal.unwatch("C1")
        await until(lambda: not journal.problem)
        assert await journal.active_threads(0) == []
        assert [one.arrival for one in await journal.untold()] == [arrival("k", thread="1.0")]


async def test_what_was_written_after_trouble_is_not_looked_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.begin(action("a"), "C1")
        with no_room(tmp_path):
            await journal.begin(action("b"), "C1")
            assert journal.problem
        await until(lambda: not journal.problem)
    async with opened(tmp_path) as later:
        record = await later.load("b")
        assert record is not None
        assert record.suspect_since is None
        assert later.blind_until == 0
