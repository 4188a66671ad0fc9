"""Who may call when: what Slack asked to wait, whose turn it is, and what a caller that gave up leaves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.contracts.ports import Json
from pack.delivery.calling import Calling
from pack.delivery.pace import Pace, Priority
from pack.errors import SlackRateLimited
from tests.clock import FakeClock
from tests.delivery.virtual_time import LoopClock, run_virtually

POST = "chat.postMessage"
READ = "conversations.history"


def virtual_pace() -> Pace:
    return Pace(LoopClock(random.Random(1)))


# --- what Slack asked to wait ---------------------------------------------------------------------------


def test_a_limit_on_posting_holds_the_channel_first() -> None:
    pace = Pace(FakeClock())
    pace.limited(POST, "C1", 10)
    assert pace.remaining(POST, "C1") == 10
    assert pace.remaining(POST, "C2") == 0


def test_a_second_channel_that_is_limited_meanwhile_holds_the_method() -> None:
    pace = Pace(FakeClock())
    pace.limited(POST, "C1", 10)
    pace.limited(POST, "C2", 5)
    assert pace.remaining(POST, "C3") == 5
    assert pace.remaining(POST, "C1") == 10
    assert pace.remaining("conversations.join", "C3") == 0


async def test_a_second_limit_after_the_first_is_over_holds_its_channel_only() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    pace.limited(POST, "C1", 10)
    await clock.advance(11)
    pace.limited(POST, "C2", 5)
    assert pace.remaining(POST, "C3") == 0


def test_elsewhere_a_limit_holds_the_method() -> None:
    pace = Pace(FakeClock())
    pace.limited("conversations.join", "C1", 10)
    assert pace.remaining("conversations.join", "C2") == 10


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    pace = Pace(FakeClock())
    pace.limited(POST, "C1", 10)
    pace.limited(POST, "C1", 1)
    assert pace.remaining(POST, "C1") == 10


class RefusingOnce:
    """Takes a second for a call and refuses the first; notes when calls came."""

    def __init__(self) -> None:
        self.came: list[float] = []

    async def call(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        self.came.append(asyncio.get_running_loop().time())
        await asyncio.sleep(1)
        if len(self.came) == 1:
            raise SlackRateLimited(f"{method}: slow down", retry_after_seconds=30)
        return {"ok": True, **arguments}

    def date(self) -> float:
        return 0.0


def test_who_waits_for_a_slot_when_a_limit_comes_waits_for_its_end_too() -> None:
    async def read() -> list[float]:
        clock, slack = LoopClock(random.Random(1)), RefusingOnce()
        calling = Calling(slack=slack, pace=Pace(clock), clock=clock, slots=1, limited_seconds=300)
        await asyncio.gather(*(calling.once(READ, {}) for _ in range(3)), return_exceptions=True)
        return slack.came

    first, second, third = run_virtually(read())
    assert first == 0
    assert second >= 31
    assert third > second


# --- whose turn it is -----------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(Priority), min_size=1, max_size=12))
def test_the_first_of_the_most_urgent_goes_first(priorities: list[Priority]) -> None:
    async def wait_together() -> list[tuple[Priority, int]]:
        pace, passed = virtual_pace(), list[tuple[Priority, int]]()
        await pace.admit(READ, "")
        pace.limited(READ, "", 30)

        async def wait(number: int, priority: Priority) -> None:
            await pace.admit(READ, "", priority)
            passed.append((priority, number))
            pace.succeeded(READ, "")

        async with asyncio.TaskGroup() as group:
            for number, priority in enumerate(priorities):
                group.create_task(wait(number, priority))
        return passed

    passed = run_virtually(wait_together())
    assert passed == sorted(passed)


def test_who_is_urgent_overtakes_those_that_wait_already() -> None:
    async def wait_together() -> list[str]:
        pace, passed = virtual_pace(), list[str]()
        await pace.admit(READ, "")
        pace.limited(READ, "", 30)

        async def wait(word: str, priority: Priority) -> None:
            await pace.admit(READ, "", priority)
            passed.append(word)

        async with asyncio.TaskGroup() as group:
            group.create_task(wait("missed", Priority.BACKFILL))
            group.create_task(wait("ordinary", Priority.ORDINARY))
            await asyncio.sleep(29)
            group.create_task(wait("check", Priority.CHECK))
        return passed

    assert run_virtually(wait_together()) == ["check", "ordinary", "missed"]


def test_a_channel_that_is_held_delays_no_other() -> None:
    async def post() -> float:
        pace = virtual_pace()
        await pace.admit(POST, "C1")
        pace.limited(POST, "C1", 60)
        waiting = asyncio.ensure_future(pace.admit(POST, "C1", Priority.TRIGGER))
        await asyncio.sleep(0)
        await pace.admit(POST, "C2", Priority.BACKFILL)
        passed_at = asyncio.get_running_loop().time()
        await waiting
        assert asyncio.get_running_loop().time() >= 60
        return passed_at

    assert run_virtually(post()) < 0.5


# --- giving up ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("priority", [Priority.TRIGGER, Priority.BACKFILL])
def test_who_gives_up_takes_nothing_from_the_others(priority: Priority) -> None:
    async def wait_together(*, gives_up: bool) -> list[float]:
        pace, passed = virtual_pace(), list[float]()
        await pace.admit(READ, "")
        pace.limited(READ, "", 10)

        async def wait() -> None:
            await pace.admit(READ, "")
            passed.append(asyncio.get_running_loop().time())
            pace.succeeded(READ, "")

        tasks = [asyncio.ensure_future(wait()) for _ in range(3)]
        if gives_up:
            gone = asyncio.ensure_future(pace.admit(READ, "", priority))
            await asyncio.sleep(5)
            gone.cancel()
        await asyncio.gather(*tasks)
        assert pace.summary()[READ]["waiting"] == 0
        return passed

    assert run_virtually(wait_together(gives_up=True)) == run_virtually(wait_together(gives_up=False))


def test_a_call_that_was_not_made_makes_room_for_another() -> None:
    async def post() -> float:
        pace = virtual_pace()
        for number in range(200):
            await pace.admit(POST, f"C{number}")
            pace.unanswered(POST, f"C{number}")
        return asyncio.get_running_loop().time()

    assert run_virtually(post()) == 0


def test_calls_whose_end_nobody_tells_do_not_stop_the_others_for_ever() -> None:
    async def post() -> None:
        pace = virtual_pace()
        for number in range(200):
            await pace.admit(POST, f"C{number}")

    run_virtually(post())


def test_channels_that_are_quiet_again_are_forgotten() -> None:
    async def post() -> PaceWithPast:
        pace = virtual_pace()
        for number in range(5_000):
            await pace.admit(POST, f"C{number}")
            await asyncio.sleep(0.05)
            if number % 10:
                pace.succeeded(POST, f"C{number}")
            else:
                pace.limited(POST, f"C{number}", 1)
        return PaceWithPast(len(pace._lines[POST]._sent), len(pace._lines[POST]._held))  # type: ignore[attr-defined]

    past = run_virtually(post())
    assert past.sent < 600
    assert past.held < 600


@dataclass
class PaceWithPast:
    sent: int
    held: int


# --- anything at all ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    method: str
    channel: str
    priority: Priority
    begins: float
    takes: float
    wait: float | None
    """The seconds that Slack asks to wait; 0: it goes through; None: nobody knows."""
    gives_up: float | None


CALLS = st.builds(
    Call,
    method=st.sampled_from([POST, READ, "conversations.list"]),
    channel=st.sampled_from(["C1", "C2", "C3", "C4"]),
    priority=st.sampled_from(Priority),
    begins=st.floats(0, 20),
    takes=st.floats(0, 3),
    wait=st.sampled_from([0.0, 0.0, 0.0, None, 1.0, 7.0, 30.0]),
    gives_up=st.none() | st.none() | st.floats(0, 10),
)


@dataclass
class Watched:
    """What a pace let pass, beside what Slack asked for."""

    pace: Pace = field(default_factory=virtual_pace)
    method_until: dict[str, float] = field(default_factory=dict)
    channel_until: dict[tuple[str, str], float] = field(default_factory=dict)
    passed: int = 0

    async def make(self, call: Call) -> None:
        await asyncio.sleep(call.begins)
        try:
            async with asyncio.timeout(call.gives_up):
                await self.pace.admit(call.method, call.channel, call.priority)
        except TimeoutError:
            return
        self.passed += 1
        now = asyncio.get_running_loop().time()
        assert now >= self.method_until.get(call.method, 0.0) - 1e-6
        assert now >= self.channel_until.get((call.method, call.channel), 0.0) - 1e-6
        await asyncio.sleep(call.takes)
        self._end(call, asyncio.get_running_loop().time())

    def _end(self, call: Call, now: float) -> None:
        if call.wait is None:
            self.pace.unanswered(call.method, call.channel)
        elif call.wait == 0:
            self.pace.succeeded(call.method, call.channel)
        else:
            self._hold(call, now, now + call.wait)
            self.pace.limited(call.method, call.channel, call.wait)

    def _hold(self, call: Call, now: float, until: float) -> None:
        others = [
            end
            for (method, channel), end in self.channel_until.items()
            if method == call.method and channel != call.channel and end > now
        ]
        if call.method == POST:
            key = call.method, call.channel
            self.channel_until[key] = max(self.channel_until.get(key, 0.0), until)
        if call.method != POST or others:
            self.method_until[call.method] = max(self.method_until.get(call.method, 0.0), until)


@settings(max_examples=150, deadline=None)
@given(st.lists(CALLS, max_size=25))
def test_nobody_calls_before_the_time_is_over_and_everybody_gets_through(calls: list[Call]) -> None:
    async def make_all() -> Watched:
        watched = Watched()
        async with asyncio.timeout(3600), asyncio.TaskGroup() as group:
            for call in calls:
                group.create_task(watched.make(call))
        return watched

    watched = run_virtually(make_all())
    assert watched.passed >= sum(call.gives_up is None for call in calls)
    assert all(line["waiting"] == 0 for line in watched.pace.summary().values())
    assert not watched.pace._queues
