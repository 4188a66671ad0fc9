"""Actions that nobody works on: found in the records of a real engine, and carried out once."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from pack.contracts.ports import Action, CommandSpec, Event, EventSpec, PackSpec, Pending
from pack.delivery.engine_link import EngineLink
from pack.delivery.recovery import APART_SECONDS, LATE_SECONDS, NAMED, OVERLAP_SECONDS, Bounds, Recovery
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import EngineUnavailable
from pack.sandbox.engine import EmbeddedEngine
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.peers import ScriptedEngine

PACK = PackSpec(
    name="Slack",
    labels={"env": "a", "az": "1"},
    commands=(CommandSpec("SendMessage", ("MessageSent",), "http://help/send"),),
    events=(EventSpec("ReceivedMessage", "http://help/received"),),
    help_url="http://help",
)

FLOW = """
name: echo
steps:
  - id: answer
    event: {packName: Slack, name: ReceivedMessage}
    command:
      packName: Slack
      packLabels: {env: a}
      name: SendMessage
      input: {message: "{{ Event.Payload.message }}"}
"""

TAKE_SECONDS = 10.0
"""How long a take may last, as the recovery is told; in fact the tests' requests time out sooner."""

OLD_ENOUGH = TAKE_SECONDS + 5.0
SLACK_AHEAD = 1000.0
"""Slack's date is ahead of the engine's by that."""


class BlockableStore(MemoryStore):
    """A store that a test can declare unwritable."""

    problem = ""


class WatchedEngine(FlyteEngine):
    """An engine that keeps how far back its records were asked for."""

    looked_back: list[float]

    async def pending(self, within_seconds: float = math.inf) -> Sequence[Pending]:
        self.looked_back.append(within_seconds)
        return await super().pending(within_seconds)


@dataclass
class Process:
    """A process of the pack, as far as it takes and recovers."""

    link: EngineLink
    store: BlockableStore
    recovery: Recovery
    stop: asyncio.Event
    recovered: list[tuple[Action, float]]
    looked_back: list[float]
    running: asyncio.Task[None] | None = None

    @property
    def messages(self) -> list[str]:
        return [action.input["message"] for action, _ in self.recovered]

    def begin(self) -> None:
        self.running = asyncio.ensure_future(self.recovery.run())

    async def end(self) -> None:
        self.stop.set()
        if self.running:
            await self.running

    async def take(self) -> Action | None:
        """Take an action; None when none was to be had, or its answer was lost."""
        try:
            action = await self.link.attempt(self.link.engine.take, self.stop)
        except EngineUnavailable as error:
            if error.may_have_acted:
                self.recovery.look_after_lost_take()
            return None
        return action if action and await self.store.begin(action, "") else None


@dataclass
class Place:
    """An engine with a clock, and what runs against it."""

    clock: FakeClock
    engine: EmbeddedEngine
    stack: AsyncExitStack
    mistakes: list[Exception] = field(default_factory=list)

    async def process(
        self,
        url: str = "",
        *,
        hours: float = 24,
        take_timeout_seconds: float = TAKE_SECONDS,
        is_known: bool = True,
    ) -> Process:
        session = await self.stack.enter_async_context(open_session(timeout_seconds=0.3))
        client = WatchedEngine(
            base_url=url or self.engine.url,
            pack=PACK,
            session=session,
            jwt=None,
            timeout_seconds=0.3,
            clock=self.clock,
        )
        client.looked_back = []
        link, store, stop = EngineLink(client, self.clock), BlockableStore(self.clock), asyncio.Event()
        recovered: list[tuple[Action, float]] = []

        async def admit(action: Action, suspect_since: float) -> bool:
            if self.mistakes:
                raise self.mistakes.pop()
            if not await store.begin(action, "", suspect_since=suspect_since):
                return False
            recovered.append((action, suspect_since))
            return True

        recovery = Recovery(
            link=link,
            store=store,
            clock=self.clock,
            slack_date=lambda: self.clock.now().timestamp() + SLACK_AHEAD,
            admit=admit,
            bounds=Bounds(hours, take_timeout_seconds),
            stop=stop,
        )
        process = Process(link, store, recovery, stop, recovered, client.looked_back)
        self.stack.push_async_callback(process.end)
        if is_known:
            await link.register()
        return process

    async def offer(self, *messages: str) -> None:
        """Have an action made of each message."""
        for message in messages:
            await self._tell(message)
        await self.engine.settled()

    async def _tell(self, message: str) -> None:
        process = await self.process(hours=0)
        await process.link.engine.emit(Event("ReceivedMessage", {"message": message}))

    async def lose(self, *messages: str) -> None:
        """Have actions taken by a process of which nothing stays."""
        await self.offer(*messages)
        lost = await self.process(hours=0)
        for _ in messages:
            assert await lost.take()
            await self.clock.advance(0.01)

    async def pass_until(self, reached: Callable[[], bool], *, seconds: float = 60) -> None:
        """Let time pass, with real time for the connections, until something is so."""
        until = self.clock.monotonic() + seconds
        while not reached():
            assert self.clock.monotonic() < until, "it did not come to that"
            await self.clock.advance(1)

    async def let_pass(self, seconds: float) -> None:
        """Let time pass, with real time for the connections."""
        for _ in range(int(seconds / 5)):
            await self.clock.advance(5)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = FakeClock()
    async with EmbeddedEngine(clock=clock) as engine, AsyncExitStack() as stack:
        await engine.store_flow(FLOW, yaml=True)
        yield Place(clock, engine, stack)


@pytest.fixture
def informed(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "pack.delivery.recovery"):
        yield caplog


async def test_what_a_lost_process_took_is_recovered_at_the_start_oldest_first(
    place: Place, informed: pytest.LogCaptureFixture
) -> None:
    await place.lose("one", "two", "three")
    await place.clock.advance(100)
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set, seconds=2)
    assert process.messages == ["one", "two", "three"]
    assert process.recovery.recovered == 3
    assert "assumes that no other pack with these labels is alive" in informed.text
    assert "FLYTE_SLACK_RECOVERY_HOURS=0 switches it off" in informed.text
    assert "recovered 3 actions" in informed.text
    for action, _ in process.recovered:
        await process.link.engine.complete(action, Event("MessageSent", None))
    assert await process.link.engine.pending() == []


async def test_a_recovered_action_is_suspect_since_before_it_was_taken(place: Place) -> None:
    await place.lose("one")
    taken_at = place.clock.now().timestamp()
    await place.clock.advance(100)
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    (_, since) = process.recovered[0]
    assert taken_at + SLACK_AHEAD - 70 < since < taken_at + SLACK_AHEAD - 10
    record = await process.store.load(process.recovered[0][0].id)
    assert record is not None and record.suspect_since == since


async def test_what_is_too_young_at_the_start_is_recovered_when_it_is_old_enough(place: Place) -> None:
    await place.lose("one", "two")
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    assert process.recovered == []
    began = place.clock.monotonic()
    await place.pass_until(lambda: len(process.recovered) == 2)
    assert OLD_ENOUGH - 2 <= place.clock.monotonic() - began <= OLD_ENOUGH + APART_SECONDS + 2
    assert process.messages == ["one", "two"]


async def test_without_a_limit_for_takes_an_action_has_to_be_pending_for_a_minute(place: Place) -> None:
    await place.lose("one")
    await place.clock.advance(50)
    process = await place.process(take_timeout_seconds=0)
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    assert process.recovered == []
    await place.pass_until(lambda: bool(process.recovered))


async def test_what_this_process_took_is_never_recovered(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.offer("one")
    assert await process.take()
    place.mistakes.append(AssertionError("what is known is not even offered"))
    process.recovery.look_after_lost_take()
    await place.let_pass(100)
    assert len(process.looked_back) >= 3
    assert process.recovered == [] and place.mistakes


async def test_what_waits_in_the_engine_is_left_to_be_taken(place: Place) -> None:
    await place.offer("one")
    await place.clock.advance(100)
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    assert process.recovered == []
    assert await process.take()


def break_the_connection(engine: EmbeddedEngine) -> None:
    engine.faults.broken_take()


def lose_a_race_that_was_won(engine: EmbeddedEngine) -> None:
    engine.faults.lost_race(taken=True)


def never_answer(engine: EmbeddedEngine) -> None:
    engine.faults.timeout("take", after=True)


def answer_by_half(engine: EmbeddedEngine) -> None:
    engine.faults.truncate("take")


def answer_nonsense(engine: EmbeddedEngine) -> None:
    engine.faults.garble("take", after=True)


@pytest.mark.parametrize(
    "spoil",
    [break_the_connection, lose_a_race_that_was_won, never_answer, answer_by_half, answer_nonsense],
)
async def test_an_action_whose_take_was_not_answered_is_recovered_once(
    place: Place, spoil: Callable[[EmbeddedEngine], None]
) -> None:
    process = await place.process()
    process.begin()
    await place.offer("lost")
    spoil(place.engine)
    assert await process.take() is None
    assert len(await process.link.engine.pending()) == 1
    await place.pass_until(lambda: bool(process.recovered))
    await place.let_pass(70)
    assert process.messages == ["lost"]
    await process.link.engine.complete(process.recovered[0][0], Event("MessageSent", None))


async def test_a_take_that_the_engine_carries_out_late_is_recovered_too(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.offer("late")
    place.engine.faults.timeout("take", lands_after=40)
    assert await process.take() is None
    await place.pass_until(lambda: bool(process.recovered), seconds=120)
    assert process.messages == ["late"]
    assert place.clock.monotonic() > 40


async def test_what_the_last_take_of_a_lost_process_caused_after_the_start_is_recovered(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    await place.lose("one")
    await place.pass_until(lambda: bool(process.recovered))
    assert process.messages == ["one"]


async def test_a_take_that_is_broken_off_at_the_end_is_found_by_the_next_process(place: Place) -> None:
    first = await place.process()
    await place.offer("one")
    place.engine.faults.timeout("take", after=True)
    taking = asyncio.ensure_future(first.take())
    await place.clock.settle()
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    second = await place.process()
    second.begin()
    await place.pass_until(lambda: bool(second.recovered))
    assert second.messages == ["one"] and first.recovered == []


async def test_an_action_that_arrives_after_it_was_recovered_is_not_begun_again(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.lose("one")
    (pending,) = await process.link.engine.pending()
    await place.pass_until(lambda: bool(process.recovered))
    assert not await process.store.begin(pending.action, "")


async def test_many_lost_takes_cause_few_looks(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    before = place.engine.requests("audit")
    for _ in range(20):
        process.recovery.look_after_lost_take()
        await place.clock.advance(0.5)
    await place.let_pass(OLD_ENOUGH + 20)
    assert 1 <= place.engine.requests("audit") - before <= 10 / APART_SECONDS + 3
    await place.let_pass(LATE_SECONDS[-1] + OLD_ENOUGH)
    assert place.engine.requests("audit") - before <= len(LATE_SECONDS) * (10 / APART_SECONDS + 3)


async def test_after_the_start_only_what_happened_since_a_take_was_lost_is_read(place: Place) -> None:
    process = await place.process()
    process.begin()
    await place.let_pass(LATE_SECONDS[-1] + OLD_ENOUGH + APART_SECONDS)
    assert process.looked_back == pytest.approx(
        [24 * 3600, *(OVERLAP_SECONDS + OLD_ENOUGH + late for late in LATE_SECONDS)], abs=APART_SECONDS
    )
    await place.clock.advance(5000)
    process.looked_back.clear()
    process.recovery.look_after_lost_take()
    await place.let_pass(100)
    process.recovery.look_after_lost_take()
    await place.let_pass(LATE_SECONDS[-1] + OLD_ENOUGH + APART_SECONDS)
    assert process.looked_back == pytest.approx(
        [OVERLAP_SECONDS + OLD_ENOUGH + after for after in (0, 60, 100, 160, 600, 700)], abs=APART_SECONDS
    )


async def test_recovery_can_be_switched_off(place: Place, informed: pytest.LogCaptureFixture) -> None:
    await place.lose("one")
    await place.clock.advance(100)
    process = await place.process(hours=0)
    process.begin()
    process.recovery.look_after_lost_take()
    await place.let_pass(60)
    assert process.recovery.looked.is_set()
    assert place.engine.requests("audit") == 0
    assert "are not recovered" in informed.text


async def test_what_is_too_old_is_left_alone_and_said_once(
    place: Place, informed: pytest.LogCaptureFixture
) -> None:
    await place.lose("old")
    await place.clock.advance(3600)
    await place.lose("new")
    await place.clock.advance(1810)
    process = await place.process(hours=1.5)
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    process.recovery.look_after_lost_take()
    await place.let_pass(30)
    assert process.messages == ["new"]
    assert informed.text.count("1 unfinished actions in the engine are older than 1.5 hours") == 1


@pytest.mark.parametrize("time", ["no time", None, "9999-12-31T23:59:59Z"])
async def test_an_action_whose_age_the_records_do_not_tell_is_recovered_in_time(
    place: Place, time: str | None
) -> None:
    engine = await ScriptedEngine().start()
    place.stack.push_async_callback(engine.stop)
    state = {"value": "PENDING", "time": time}
    action = {
        "id": "a1",
        "name": "SendMessage",
        "packName": "Slack",
        "input": {"message": "x"},
        "state": state,
    }
    engine.audit.append({"actions": {"s": action}})
    process = await place.process(engine.url)
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    await place.let_pass(OLD_ENOUGH - 5)
    assert process.recovered == []
    await place.pass_until(lambda: bool(process.recovered))
    (_, since) = process.recovered[0]
    assert since < place.clock.now().timestamp() + SLACK_AHEAD - 24 * 3600


async def test_an_outage_of_the_engine_is_waited_out(place: Place) -> None:
    await place.lose("one")
    await place.clock.advance(100)
    process = await place.process()
    place.engine.faults.down()
    process.begin()
    await place.let_pass(60)
    assert not process.recovery.looked.is_set()
    place.engine.faults.clear()
    await place.pass_until(process.recovery.looked.is_set)
    assert process.messages == ["one"]


@pytest.mark.parametrize("status", [500, 403, 404])
async def test_records_that_cannot_be_read_are_waited_for(
    place: Place, informed: pytest.LogCaptureFixture, status: int
) -> None:
    await place.lose("one")
    await place.clock.advance(100)
    process = await place.process()
    place.engine.faults.answer("audit", status=status, times=None)
    process.begin()
    await place.let_pass(60)
    assert process.recovered == []
    assert informed.text.count("the engine's records cannot be read") == 1
    place.engine.faults.clear()
    await place.pass_until(lambda: bool(process.recovered))
    assert process.messages == ["one"]


async def test_a_pack_that_the_engine_does_not_know_is_registered_first(place: Place) -> None:
    await place.lose("one")
    await place.clock.advance(100)
    process = await place.process(is_known=False)
    process.begin()
    await place.pass_until(lambda: bool(process.recovered))
    assert process.link.registrations == 1


async def test_nothing_is_claimed_while_the_store_cannot_be_written(place: Place) -> None:
    await place.lose("one")
    await place.clock.advance(100)
    process = await place.process()
    process.store.problem = "the disk is full"
    process.begin()
    await place.let_pass(30)
    assert process.recovered == []
    process.store.problem = ""
    await place.pass_until(lambda: bool(process.recovered))


async def test_a_mistake_at_one_look_does_not_end_recovery(
    place: Place, informed: pytest.LogCaptureFixture
) -> None:
    await place.lose("one", "two")
    await place.clock.advance(100)
    process = await place.process()
    place.mistakes.append(RuntimeError("a mistake"))
    process.begin()
    await place.pass_until(lambda: len(process.recovered) == 2, seconds=120)
    assert process.messages == ["one", "two"]
    assert "a mistake of the pack while unfinished actions are recovered" in informed.text


async def test_only_some_of_many_recovered_actions_are_named(
    place: Place, informed: pytest.LogCaptureFixture
) -> None:
    await place.lose(*(f"m{number}" for number in range(NAMED + 2)))
    await place.clock.advance(100)
    process = await place.process()
    process.begin()
    await place.pass_until(process.recovery.looked.is_set)
    (record,) = [one for one in informed.records if "recovered 52 actions" in one.getMessage()]
    assert len(record.__dict__["actions"].split(", ")) == NAMED


async def test_recovery_ends_when_the_pack_stops(place: Place) -> None:
    process = await place.process()
    place.engine.faults.down()
    process.begin()
    await place.clock.advance(1)
    process.stop.set()
    assert process.running is not None
    await asyncio.wait_for(process.running, 1)
