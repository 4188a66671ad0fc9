"""The store while a process lives: what becomes of its lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pack.state.journal import Journal
from pack.state.keeping import Keeping
from pack.state.lock import FILE_NAME, JournalLock
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.state.journals import make


@asynccontextmanager
async def kept(directory: Path, clock: FakeClock) -> AsyncIterator[tuple[Keeping, Journal]]:
    journal = make(directory, clock)
    keeping = Keeping(journal, clock)
    await keeping.open()
    await asyncio.sleep(0)
    try:
        yield keeping, journal
    finally:
        await keeping.close()


async def test_who_removes_the_locks_file_lets_no_second_process_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with kept(tmp_path, clock) as (_, journal):
        other = JournalLock(tmp_path, clock)
        waiting = asyncio.create_task(other.acquire())
        await clock.advance(1)
        (tmp_path / FILE_NAME).unlink()
        assert not other.attempt()
        await clock.advance(3)
        assert not waiting.done()
        assert not journal.problem
        assert caplog.text.count("was removed while the pack was running; it is locked again") == 1
        assert "do not remove journal.lock" in caplog.text
    await clock.advance(1)
    await waiting
    other.release()


async def test_nothing_is_begun_while_another_process_has_the_lock_after_all(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    directory, aside = tmp_path / "backup", tmp_path / "moved"
    async with kept(directory, clock) as (keeping, journal):
        # A directory that is replaced is another one, as each is on a volume that locks no directories.
        directory.rename(aside)
        other = JournalLock(directory, clock)
        assert other.attempt()
        await clock.advance(3)
        assert "was removed while the pack was running, and process " in journal.problem
        assert not keeping.status().ready
        assert caplog.text.count("was removed while the pack was running") == 1
        other.release()
        await clock.advance(1)
        assert "was removed" not in journal.problem


async def test_closing_lets_others_have_the_directory(tmp_path: Path) -> None:
    clock = FakeClock()
    async with kept(tmp_path, clock):
        pass
    assert JournalLock(tmp_path, clock).attempt()


async def test_who_does_not_wait_knows_that_and_holds_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    waiting = Keeping(make(tmp_path, clock), clock)
    assert not waiting.is_elsewhere()
    async with kept(tmp_path, clock) as (keeping, _):
        assert waiting.is_elsewhere()
        assert not keeping.is_elsewhere()
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    assert not waiting.is_elsewhere()
    assert not Keeping(MemoryStore(clock), clock).is_elsewhere()
