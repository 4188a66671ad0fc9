"""The lock: one process at a time works with a directory, and a second one says that it waits."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from pack.clock import SystemClock
from pack.state.lock import FILE_NAME, JournalLock, locked
from tests.clock import FakeClock

ROOT = Path(__file__).parents[2]

HOLDER = """
import asyncio, sys
from pathlib import Path
from pack.clock import SystemClock
from pack.state.lock import JournalLock

async def main():
    lock = JournalLock(Path(sys.argv[1]), SystemClock())
    await lock.acquire(lambda sentence: print("waits", flush=True))
    print("holds", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def hold(directory: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(directory), stdout=PIPE, cwd=ROOT
    )


async def line(process: Process) -> str:
    assert process.stdout
    async with asyncio.timeout(20):
        return (await process.stdout.readline()).decode().strip()


async def end(process: Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.communicate()


async def test_a_second_process_waits_until_the_first_is_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = await hold(tmp_path), None
    try:
        assert await line(first) == "holds"
        second = await hold(tmp_path)
        assert await line(second) == "waits"
        assert (
            JournalLock(tmp_path, SystemClock()).holder() == f"process {first.pid} on {socket.gethostname()}"
        )
        await end(first)
        assert await line(second) == "holds"
        assert JournalLock(tmp_path, SystemClock()).holder().startswith(f"process {second.pid} ")
    finally:
        await end(first)
        if second:
            await end(second)


async def test_who_waits_says_so_once_and_for_whom(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock, said = FakeClock(), []
    async with locked(tmp_path, clock) as first:
        assert first.held
        second = JournalLock(tmp_path, clock)
        waiting = asyncio.create_task(second.acquire(said.append))
        await clock.advance(5)
        assert not waiting.done()
    await clock.advance(1)
    await waiting
    assert second.held
    second.release()
    (sentence,) = said
    assert f"process {os.getpid()} on {socket.gethostname()} works with {tmp_path}" in sentence
    assert caplog.text.count(sentence) == 1


async def test_waiting_can_be_given_up(tmp_path: Path) -> None:
    clock = FakeClock()
    async with locked(tmp_path, clock):
        second = JournalLock(tmp_path, clock)
        waiting = asyncio.create_task(second.acquire())
        await clock.advance(1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not second.held
    assert JournalLock(tmp_path, clock).attempt()


async def test_a_lock_that_is_held_is_ones_own(tmp_path: Path) -> None:
    async with locked(tmp_path, FakeClock()) as lock:
        await lock.acquire()
        assert lock.attempt()
    assert not lock.held
    lock.release()


async def test_a_file_that_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    clock, said = FakeClock(), []
    (tmp_path / FILE_NAME).mkdir()
    lock = JournalLock(tmp_path, clock)
    waiting = asyncio.create_task(lock.acquire(said.append))
    await clock.advance(2)
    (tmp_path / FILE_NAME).rmdir()
    await clock.advance(1)
    await waiting
    assert len(said) == 1
    assert "cannot be locked: Is a directory" in said[0]
    lock.release()


@pytest.mark.parametrize("content", [b"", b"7", b"\xff\xfe \xff"])
async def test_what_else_is_in_the_file_is_no_reason_to_fail(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert JournalLock(tmp_path, FakeClock()).holder()
    async with locked(tmp_path, FakeClock()) as lock:
        assert lock.holder() == f"process {os.getpid()} on {socket.gethostname()}"
