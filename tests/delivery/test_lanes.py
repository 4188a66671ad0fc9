"""Lanes keep order within, none between; slots go to the urgent first, and none gets lost."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.delivery.lanes import Lanes
from pack.delivery.slots import Slots


async def test_a_lane_keeps_its_order_and_waits_for_no_other() -> None:
    gate, done = asyncio.Event(), list[tuple[str, int]]()

    async def work(lane: str, entry: int) -> None:
        if lane == "slow":
            await gate.wait()
        done.append((lane, entry))

    lanes = Lanes(work, name="work on")
    for at in range(3):
        lanes.put("slow", at)
        lanes.put("fast", at)
    assert not await lanes.wait(0.02)
    assert done == [("fast", 0), ("fast", 1), ("fast", 2)]
    assert lanes.is_free("fast")
    assert not lanes.is_free("slow")
    assert lanes.waiting == 3
    gate.set()
    assert await lanes.wait()
    assert done[3:] == [("slow", 0), ("slow", 1), ("slow", 2)]


async def test_work_that_fails_is_logged_and_the_next_is_worked_on(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    async def work(lane: str, entry: int) -> None:
        done.append(10 // entry)

    lanes = Lanes(work, name="work on")
    for entry in (0, 5):
        lanes.put("C1", entry)
    assert await lanes.wait()
    assert done == [2]
    assert "cannot work on C1" in caplog.text


async def test_what_is_stopped_stays_counted() -> None:
    async def work(lane: str, entry: int) -> None:
        await asyncio.Event().wait()

    lanes = Lanes(work, name="work on")
    for entry in range(3):
        lanes.put("C1", entry)
    await asyncio.sleep(0)
    await lanes.close()
    assert lanes.waiting == 3


async def test_the_urgent_are_served_before_those_who_waited_longer() -> None:
    slots, order = Slots(1), list[str]()

    async def use(name: str, urgent: bool) -> None:
        await slots.acquire(urgent=urgent)
        order.append(name)
        await asyncio.sleep(0)
        slots.release()

    await slots.acquire()
    users = [asyncio.create_task(use(name, name.startswith("u"))) for name in ("a", "b", "u1", "c", "u2")]
    await asyncio.sleep(0)
    slots.release()
    await asyncio.gather(*users)
    assert order == ["u1", "u2", "a", "b", "c"]
    assert slots.free == 1


@settings(max_examples=50, deadline=None, derandomize=True)
@given(count=st.integers(1, 4), users=st.integers(1, 20), seed=st.integers(0, 2**32))
def test_no_slot_is_lost_or_made_whoever_gives_up(count: int, users: int, seed: int) -> None:
    asyncio.run(use_and_give_up(Slots(count), count, users, random.Random(seed)))


async def use_and_give_up(slots: Slots, count: int, users: int, chance: random.Random) -> None:
    held = most = 0

    async def use() -> None:
        nonlocal held, most
        await slots.acquire(urgent=chance.random() < 0.3)
        held += 1
        most = max(most, held)
        try:
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        finally:
            held -= 1
            slots.release()

    tasks = [asyncio.create_task(use()) for _ in range(users)]
    for _ in range(30):
        if chance.random() < 0.5:
            chance.choice(tasks).cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most <= count
    assert slots.free == count
