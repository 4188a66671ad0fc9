"""What is accepted is kept before it is acknowledged, told once, in order, and after a restart too."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from pack.clock import SystemClock
from pack.contracts.ports import Event, Inbound, PayloadKind
from pack.contracts.storing import Arrival, Receipt
from pack.delivery.stuck import DAY_SECONDS, HOUR_SECONDS, Failures, Progress
from pack.observations import OBSERVATIONS, FindUser, Observation, copies_of
from pack.state.journal import Journal
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.intake_desk import Delegate, Desk, open_desk, open_journal, said
from tests.peers import ScriptedEngine


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedEngine]:
    engine = await ScriptedEngine().start()
    yield engine
    await engine.stop()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with open_journal(tmp_path) as opened:
        yield opened


def live(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "event_ts": event["ts"]}


class SlowStore(Delegate):
    """Receives at once and commits when it is let; copies wait for that commit."""

    def __init__(self, inner: MemoryStore) -> None:
        super().__init__(inner)
        self.commit = asyncio.Event()

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        received = await super().receive(arrival, telling=telling)
        await self.commit.wait()
        return received


class FullStore(Delegate):
    """A store whose disk is full until there is room: it remembers, and answers as the contract says."""

    full = True

    @property
    def problem(self) -> str:
        return "the disk is full" if self.full else ""

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        receipt, number = await super().receive(arrival, telling=telling)
        return (Receipt.UNKEPT if self.full and receipt is Receipt.KEPT else receipt), number


# --- what copies have in common ---

HISTORY = said("hello", "1.000001")


@pytest.mark.parametrize(
    "delivered",
    [
        live(HISTORY),
        live(HISTORY) | {"channel_type": "channel", "team": "T1", "client_msg_id": "x"},
        live(HISTORY) | {"subtype": "thread_broadcast", "thread_ts": "0.5"},
        live(HISTORY) | {"subtype": "file_share", "files": [{}]},
        live(HISTORY) | {"user": "UBOT", "bot_id": "B1", "bot_profile": {"name": "x"}},
        {key: value for key, value in live(HISTORY).items() if key != "user"} | {"bot_id": "B1"},
    ],
)
def test_a_message_has_the_same_key_from_history_and_live(delivered: dict[str, Any]) -> None:
    keys = copies_of({"event_id": "Ev1"}, delivered)
    assert keys[0] == "Ev1"
    assert set(copies_of({}, HISTORY)) <= set(keys)


def test_changes_of_a_message_are_no_copies_of_it_nor_of_each_other() -> None:
    inner = {"message": {"ts": "1.000001", "text": "new"}}
    changes = [
        said("", "1.000001", subtype="message_changed", event_ts="2.000001", **inner),
        said("", "1.000001", subtype="message_changed", event_ts="3.000001", **inner),
        said("", "1.000001", subtype="message_deleted", event_ts="3.000001", deleted_ts="1.000001"),
        said("", "1.000001", subtype="channel_topic"),
    ]
    keys = [copies_of({}, event) for event in (HISTORY, *changes)]
    assert all(keys)
    assert len({key for one in keys for key in one}) == len(keys)


def test_reactions_differ_by_who_what_where_and_when() -> None:
    reaction = {
        "type": "reaction_added",
        "user": "U1",
        "reaction": "eyes",
        "item": {"type": "message", "channel": "C1", "ts": "1.1"},
        "event_ts": "2.1",
    }
    others = [
        {**reaction, "user": "U2"},
        {**reaction, "reaction": "tada"},
        {**reaction, "event_ts": "2.2"},
        {**reaction, "item": {"type": "message", "channel": "C2", "ts": "1.1"}},
        {**reaction, "item": {"type": "message", "channel": "C1", "ts": "1.2"}},
        {**reaction, "type": "reaction_removed"},
    ]
    assert len({copies_of({}, event) for event in (reaction, *others)}) == 1 + len(others)


def test_what_has_no_time_and_no_id_has_nothing_in_common_with_anything() -> None:
    assert copies_of({}, {"type": "message", "channel": "C1"}) == ()


# --- the acknowledgement ---


async def test_a_payload_is_acknowledged_after_its_commit_and_not_after_the_engine(
    peer: ScriptedEngine,
) -> None:
    store = SlowStore(MemoryStore(SystemClock()))
    await peer.stop()
    async with open_desk(peer, store, register=False) as desk:
        accepting = asyncio.create_task(desk.offer(said("one", "1.1")))
        await desk.until(lambda: store.calls)
        assert not accepting.done()
        store.commit.set()
        assert await accepting
        assert desk.told == []


async def test_a_copy_is_acknowledged_after_the_original(peer: ScriptedEngine) -> None:
    store = SlowStore(MemoryStore(SystemClock()))
    async with open_desk(peer, store) as desk:
        both = [asyncio.create_task(desk.offer(live(said("one", "1.1")), event_id=name)) for name in "ab"]
        await desk.until(lambda: store.calls)
        await asyncio.sleep(0.02)
        assert not any(task.done() for task in both)
        store.commit.set()
        assert await asyncio.gather(*both) == [True, True]
        assert await desk.all_told() == ["one"]


async def test_what_a_receiver_no_longer_waits_for_is_told_all_the_same(peer: ScriptedEngine) -> None:
    store = SlowStore(MemoryStore(SystemClock()))
    async with open_desk(peer, store) as desk:
        accepting = asyncio.create_task(desk.offer(said("one", "1.1")))
        await desk.until(lambda: store.calls)
        accepting.cancel()
        await asyncio.wait({accepting})
        store.commit.set()
        assert await desk.offer(said("one", "1.1"))
        assert await desk.all_told() == ["one"]


async def test_payloads_offered_at_once_keep_their_order_in_their_channel(
    peer: ScriptedEngine, journal: Journal
) -> None:
    async with open_desk(peer, journal) as desk:
        events = [said(str(at), f"{at}.1") for at in range(100)]
        assert all(await asyncio.gather(*map(desk.offer, events)))
        assert await desk.all_told() == [str(at) for at in range(100)]


async def test_only_what_will_be_told_is_put_into_the_store(peer: ScriptedEngine) -> None:
    store = Delegate(MemoryStore(SystemClock()))
    async with open_desk(peer, store) as desk:
        assert await desk.offer(said("own", "1.1", user="UPACK"))
        assert await desk.offer(said("own", "1.2", bot_id="BPACK"))
        assert await desk.offer(said("", "1.3", subtype="message_changed"))
        assert await desk.offer({"type": "member_joined_channel", "channel": "C1", "user": "UPACK"})
        assert await desk.offer({"type": "app_home_opened", "user": "U1"})
        assert await desk.all_told() == []
        assert store.calls == []


async def test_a_membership_is_followed_once_by_copies(peer: ScriptedEngine) -> None:
    async with open_desk(peer, MemoryStore(SystemClock())) as desk:
        joined = {"type": "member_joined_channel", "channel": "C1", "user": "UPACK", "event_ts": "1.1"}
        left = {"type": "member_left_channel", "channel": "C1", "user": "UPACK", "event_ts": "1.2"}
        for event in (joined, left, joined):
            await desk.offer(event)
        await desk.all_told()
        assert desk.channels.joined == set()


async def observe_rename(event: Mapping[str, Any], find_user: FindUser) -> Event:
    return Event("Renamed", {"message": event["channel"]["name"]})


async def test_what_is_told_of_a_channel_is_followed_too_but_once(peer: ScriptedEngine) -> None:
    observed = {"channel_rename": Observation(observe_rename)}
    async with open_desk(peer, MemoryStore(SystemClock()), observations=observed) as desk:
        for name, at in (("old", "1.1"), ("new", "2.1"), ("old", "1.1")):
            channel = {"id": "C1", "name": name}
            await desk.offer({"type": "channel_rename", "channel": channel, "event_ts": at})
        assert await desk.all_told() == ["old", "new"]
        known = desk.channels.known("C1")
        assert known
        assert known.name == "new"


# --- telling ---


async def test_the_quiet_path_costs_one_commit(peer: ScriptedEngine) -> None:
    store = Delegate(MemoryStore(SystemClock()))
    async with open_desk(peer, store) as desk:
        await desk.offer(said("first", "1.1"))
        await desk.all_told()
        assert store.calls == ["receive", "telling", "told"]  # the user had to be looked up first
        store.calls.clear()
        await desk.offer(said("second", "1.2"))
        assert await desk.all_told() == ["first", "second"]
        assert store.calls == ["receive and telling", "told"]


async def test_in_a_busy_lane_each_is_noted_before_it_is_told(peer: ScriptedEngine) -> None:
    store = Delegate(MemoryStore(SystemClock()))
    async with open_desk(peer, store) as desk:
        await asyncio.gather(*(desk.offer(said(str(at), f"{at}.1", user="")) for at in range(3)))
        assert await desk.all_told() == ["0", "1", "2"]
        assert store.calls[:3] == ["receive and telling", "receive", "receive"]
        assert store.calls[3:] == ["told", "telling", "told", "telling", "told"]


@pytest.mark.parametrize("outcome", [500, 503, "lost"])
async def test_after_an_end_that_nobody_knows_it_is_told_again_and_marked(
    peer: ScriptedEngine, outcome: int | str
) -> None:
    clock = FakeClock(jump=True)
    async with open_desk(peer, MemoryStore(clock), clock=clock) as desk:
        peer.answer("event", outcome)
        await desk.offer(said("one", "1.1"))
        expected = ["one", "one redelivered"] if outcome == "lost" else ["one redelivered"]
        assert await desk.all_told() == expected


@pytest.mark.parametrize("outcome", [404, 401, 403, 429])
async def test_what_certainly_did_not_arrive_is_told_without_a_mark(
    peer: ScriptedEngine, outcome: int
) -> None:
    clock = FakeClock(jump=True)
    async with open_desk(peer, MemoryStore(clock), clock=clock) as desk:
        peer.answer("event", outcome)
        await desk.offer(said("one", "1.1"))
        assert await desk.all_told() == ["one"]


async def test_what_finds_no_connection_is_told_later_without_a_mark(peer: ScriptedEngine) -> None:
    clock, port = FakeClock(jump=True), peer.port
    async with open_desk(peer, MemoryStore(clock), clock=clock) as desk:
        await peer.stop()
        for at in range(3):
            assert await desk.offer(said(str(at), f"{at}.1"))
        await desk.until(lambda: clock.monotonic() > 60)
        await peer.start(port)
        assert await desk.all_told() == ["0", "1", "2"]


# --- restarts ---


async def test_what_was_never_told_is_told_after_a_restart_in_order_and_before_the_new(
    peer: ScriptedEngine, tmp_path: Path
) -> None:
    port = peer.port
    async with open_journal(tmp_path) as first, open_desk(peer, first, clock=FakeClock()) as desk:
        await peer.stop()
        await desk.offer(said("0", "0.1"))
        await desk.until(lambda: not desk.link.is_open)
        for at in range(1, 5):
            assert await desk.offer(said(str(at), f"{at}.1"))
        await desk.abandon()
        await peer.start(port)
        async with open_journal(tmp_path) as second, open_desk(peer, second) as again:
            await again.intake.restore()
            assert await again.offer(said("5", "5.1"))
            assert await again.offer(live(said("3", "3.1")), event_id="Ev3")
            assert await again.all_told() == ["0 redelivered", "1", "2", "3", "4", "5"]


async def test_what_was_about_to_be_told_is_marked_after_a_restart(
    peer: ScriptedEngine, tmp_path: Path
) -> None:
    async with open_journal(tmp_path) as first, open_desk(peer, first, clock=FakeClock()) as desk:
        peer.answer("event", "lost")
        await desk.offer(said("0", "0.1"))
        await desk.until(lambda: desk.told)
        await desk.offer(said("1", "1.1"))
        await desk.abandon()
        async with open_journal(tmp_path) as second, open_desk(peer, second) as again:
            await again.intake.restore()
            assert await again.all_told() == ["0", "0 redelivered", "1"]
            assert await second.untold() == []


async def test_what_was_told_is_not_told_again_after_a_restart(peer: ScriptedEngine, tmp_path: Path) -> None:
    async with open_journal(tmp_path) as first, open_desk(peer, first) as desk:
        await desk.offer(said("0", "0.1"), event_id="Ev0")
        await desk.all_told()
    async with open_journal(tmp_path) as second, open_desk(peer, second) as again:
        await again.intake.restore()
        assert await again.offer(said("0", "0.1"), event_id="Ev0")
        assert not await again.intake.accept_recovered("C1", {"user": "U1", "text": "0", "ts": "0.1"})
        assert await again.all_told() == ["0"]


async def test_before_the_pack_is_registered_nothing_is_noted_as_told(
    peer: ScriptedEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, port = FakeClock(), peer.port
    async with open_journal(tmp_path) as first, open_desk(peer, first, clock=clock, register=False) as desk:
        await peer.stop()
        await desk.offer(said("one", "1.1", user=""))
        await clock.advance(60)
        assert [one.telling for one in await first.untold()] == [False]
        assert "does not know this pack" not in caplog.text
        await desk.abandon()
        await peer.start(port)
    async with open_journal(tmp_path) as second, open_desk(peer, second) as again:
        await again.intake.restore()
        assert await again.all_told() == ["one"]


async def test_people_are_looked_up_together_after_a_restart(peer: ScriptedEngine, tmp_path: Path) -> None:
    async with open_journal(tmp_path) as first, open_desk(peer, first, register=False) as desk:
        desk.people.open.clear()
        for at in range(10):
            await desk.offer(said(str(at), f"{at}.1", user=f"U{at}"))
        await desk.abandon()
    clock = FakeClock(jump=True)
    async with open_journal(tmp_path) as second, open_desk(peer, second, clock=clock) as again:
        again.people.open.clear()
        await again.intake.restore()
        assert await again.all_told() == [str(at) for at in range(10)]
        assert clock.monotonic() < 40


# --- what was missed ---


async def test_a_missed_message_is_told_once_and_says_so(peer: ScriptedEngine, journal: Journal) -> None:
    async with open_desk(peer, journal) as desk:
        missed = {"type": "message", "user": "U1", "text": "missed", "ts": "2.1"}
        assert await desk.offer(live(said("before", "1.1")), event_id="Ev1")
        assert not await desk.intake.accept_recovered("C1", {"user": "U1", "text": "before", "ts": "1.1"})
        assert await desk.intake.accept_recovered("C1", missed)
        assert not await desk.intake.accept_recovered("C1", missed)
        assert await desk.offer(live(said("missed", "2.1")), event_id="Ev2")
        assert not await desk.intake.accept_recovered("C1", {**missed, "ts": "3.1", "bot_id": "BPACK"})
        assert not await desk.intake.accept_recovered(
            "C1", {**missed, "ts": "4.1", "subtype": "channel_join"}
        )
        assert await desk.all_told() == ["before", "missed recovered"]


async def test_a_missed_message_says_so_after_a_restart_too(peer: ScriptedEngine, tmp_path: Path) -> None:
    async with open_journal(tmp_path) as first, open_desk(peer, first) as desk:
        desk.people.open.clear()
        assert await desk.intake.accept_recovered("C1", {"user": "U1", "text": "missed", "ts": "2.1"})
        await first.close()
        await desk.abandon()
    async with open_journal(tmp_path) as second, open_desk(peer, second) as again:
        await again.intake.restore()
        assert await again.all_told() == ["missed recovered"]


async def test_what_is_read_from_history_leaves_room_for_what_comes_live(peer: ScriptedEngine) -> None:
    clock = FakeClock()
    async with open_desk(peer, MemoryStore(clock), clock=clock, capacity=4) as desk:
        desk.people.open.clear()
        reading = [
            asyncio.create_task(desk.intake.accept_recovered("C1", said(str(at), f"{at}.1")))
            for at in range(6)
        ]
        await desk.until(lambda: sum(task.done() for task in reading) == 2)
        await clock.settle()
        assert sum(task.done() for task in reading) == 2
        assert await desk.offer(said("live", "9.1", channel="C2", user=""))
        await desk.until(lambda: desk.told == ["live"])
        desk.people.open.set()
        while not all(task.done() for task in reading):
            await clock.advance(1)
        assert len(await desk.all_told()) == 7


class BlindStore(Delegate):
    """A store whose last process may have told, until then, what it could not note."""

    blind_until = 100.0


@pytest.mark.parametrize("recovered", [True, False])
async def test_what_was_said_while_nothing_could_be_noted_is_marked_however_it_comes(
    peer: ScriptedEngine, recovered: bool
) -> None:
    async with open_desk(peer, BlindStore(MemoryStore(SystemClock()))) as desk:
        for event in (said("then", "101.9"), said("later", "102.1")):
            if recovered:
                assert await desk.intake.accept_recovered("C1", event)
            else:
                assert await desk.offer(live(event))
        mark = " recovered" * recovered
        assert await desk.all_told() == [f"then{mark} redelivered", f"later{mark}"]


# --- while the store cannot be written ---


async def test_without_a_store_the_engine_is_told_before_the_acknowledgement(peer: ScriptedEngine) -> None:
    async with open_desk(peer, FullStore(MemoryStore(SystemClock()))) as desk:
        assert await desk.offer(said("one", "1.1"))
        assert desk.told == ["one"]
        assert await desk.offer(live(said("one", "1.1")), event_id="Ev1")
        assert await desk.all_told() == ["one"]
        assert desk.gaps == []


async def test_without_store_and_engine_slack_is_asked_to_send_again_and_it_is_told_once(
    peer: ScriptedEngine,
) -> None:
    clock, port = FakeClock(jump=True), peer.port
    async with open_desk(peer, FullStore(MemoryStore(clock)), clock=clock) as desk:
        await peer.stop()
        assert not await desk.offer(said("one", "1.1", user=""), event_id="Ev1")
        assert clock.monotonic() < 3
        assert not await desk.offer(said("one", "1.1", user=""), event_id="Ev1")
        assert len(desk.gaps) == 2
        await peer.start(port)
        await desk.until(lambda: desk.told)
        assert await desk.offer(said("one", "1.1", user=""), event_id="Ev1")
        assert await desk.all_told() == ["one"]


async def test_copies_at_once_without_a_store_are_told_once(peer: ScriptedEngine) -> None:
    async with open_desk(peer, FullStore(MemoryStore(SystemClock()))) as desk:
        offers = [desk.offer(live(said("one", "1.1")), event_id=name) for name in "abc"]
        assert await asyncio.gather(*offers) == [True, True, True]
        assert await desk.all_told() == ["one"]


async def test_without_store_and_engine_no_copy_is_acknowledged(peer: ScriptedEngine) -> None:
    clock = FakeClock(jump=True)
    async with open_desk(peer, FullStore(MemoryStore(clock)), clock=clock) as desk:
        await peer.stop()
        offers = [desk.offer(live(said("one", "1.1", user="")), event_id=name) for name in "abc"]
        assert await asyncio.gather(*offers) == [False, False, False]


async def test_what_is_on_disk_at_last_is_acknowledged_though_it_is_not_told(peer: ScriptedEngine) -> None:
    clock = FakeClock(jump=True)
    store = FullStore(MemoryStore(clock))
    async with open_desk(peer, store, clock=clock) as desk:
        await peer.stop()
        assert not await desk.offer(said("one", "1.1"))
        store.full = False
        assert await desk.offer(said("one", "1.1"))
        assert desk.told == []


async def test_a_full_intake_says_that_it_refused(peer: ScriptedEngine) -> None:
    async with open_desk(peer, MemoryStore(SystemClock()), capacity=0) as desk:
        assert not await desk.offer(said("one", "1.1"))
        assert await desk.offer({"type": "app_home_opened"})
        assert len(desk.gaps) == 1


async def test_an_intake_that_was_full_is_ready_as_soon_as_the_engine_took_what_waited(
    peer: ScriptedEngine,
) -> None:
    clock, port = FakeClock(jump=True), peer.port
    async with open_desk(peer, MemoryStore(clock), clock=clock, capacity=3) as desk:
        await peer.stop()
        events = [said(str(at), f"{at}.1", channel=f"C{at}") for at in range(4)]
        assert [await desk.offer(event) for event in events] == [True, True, True, False]
        full = desk.intake.status()
        assert (full.ready, full.status) == (False, "3 payloads waiting, full")
        await peer.start(port)
        await desk.until(lambda: not desk.outbox.waiting)
        free = desk.intake.status()
        assert (free.ready, free.status) == (True, "0 payloads waiting")


# --- an event that the engine fails at ---


class Picky(ScriptedEngine):
    """An engine that fails at some events, whenever they come."""

    async def _event(self, request: web.Request) -> web.StreamResponse:
        if b"poison" in await request.read():
            return web.Response(status=500)
        return await super()._event(request)


@pytest.fixture
async def picky() -> AsyncIterator[ScriptedEngine]:
    engine = await Picky().start()
    yield engine
    await engine.stop()


async def go_on(desk: Desk, clock: FakeClock, seconds: float) -> None:
    """Let time pass while something is said in another channel every two minutes."""
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        count, at = len(desk.told), f"{clock.monotonic() + 100:.6f}"
        assert await desk.offer(said("good", at, "CGOOD", user=""))
        await desk.until(functools.partial(lambda before: len(desk.told) > before, count))
        await clock.advance(120)


async def test_a_channel_behind_an_event_that_the_engine_fails_at_leaves_room_for_the_others(
    picky: ScriptedEngine,
) -> None:
    clock = FakeClock()
    async with open_desk(picky, MemoryStore(clock), clock=clock, capacity=10) as desk:
        bad = [
            said("poison", "1.1", "CBAD", user=""),
            *(said(str(n), f"{n}.1", "CBAD", user="") for n in range(2, 20)),
        ]
        assert sum([await desk.offer(event) for event in bad]) == 8
        assert await desk.offer(said("good", "1.1", "CGOOD", user=""))
        await desk.until(lambda: desk.told == ["good"])


async def test_an_event_that_the_engine_fails_at_while_it_takes_others_is_named_and_then_given_up(
    picky: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with open_desk(picky, MemoryStore(clock), clock=clock, capacity=3) as desk:
        for text, at in (("poison", "1.1"), ("behind it", "2.1")):
            await desk.offer(said(text, at, "CBAD", user=""))
        await go_on(desk, clock, 900)
        status = desk.intake.status()
        assert status.ready
        assert status.status.endswith("an event that the engine fails at: message 1.1 in CBAD")
        assert caplog.text.count("its channel waits behind it") == 1
        assert "behind it" not in desk.told
        await go_on(desk, clock, 3600)
        await desk.until(lambda: "behind it" in desk.told)
        assert "(message 1.1 in CBAD) while it worked otherwise; it is given up" in caplog.text
        assert desk.intake.status().status == "0 payloads waiting"


def failed(for_seconds: float, *, events: int, calls: int) -> Failures:
    """Fail every half minute at an event while that many others, and other calls, go well in between."""
    failures = Failures()
    for at in range(0, int(for_seconds) + 1, 30):
        failures.add(Progress(at * events, at * calls, at), answered=True)
    return failures


def test_without_others_an_event_is_given_up_after_a_day_on_which_the_engine_worked() -> None:
    assert not failed(DAY_SECONDS, events=0, calls=1).is_hopeless()
    assert failed(DAY_SECONDS + 60, events=0, calls=1).is_hopeless()
    assert failed(HOUR_SECONDS + 60, events=1, calls=1).is_hopeless()
    weekend = failed(3 * DAY_SECONDS, events=0, calls=0)
    assert not weekend.is_stuck and not weekend.is_hopeless()


async def test_an_outage_in_which_the_engine_fails_at_everything_gives_nothing_up(
    peer: ScriptedEngine,
) -> None:
    clock = FakeClock()
    async with open_desk(peer, MemoryStore(clock), clock=clock) as desk:
        peer.answer("event", *[503] * 200)
        for channel in ("C1", "C2"):
            await desk.offer(said(channel, "1.1", channel, user=""))
        while peer.answers["event"]:
            await clock.advance(300)
        assert clock.monotonic() > 2_000
        await clock.advance(60)
        await desk.until(lambda: len(desk.told) == 2)


async def test_an_intake_at_its_limit_says_so_once_a_minute(
    peer: ScriptedEngine, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with open_desk(peer, MemoryStore(clock), clock=clock, capacity=1) as desk:
        for minute in range(2):
            for at in range(5):
                peer.answer("event", 503)
                assert await desk.offer(said("x", f"{minute}{at}.1", user=""))
                assert not await desk.offer(said("y", f"{minute}{at}.2", user=""))
                while desk.outbox.waiting:
                    await clock.advance(0.5)
            await clock.advance(60)
        assert caplog.text.count("the intake is full") == 2


async def test_what_comes_only_when_slack_sends_it_again_says_that_others_may_be_missing(
    peer: ScriptedEngine,
) -> None:
    async with open_desk(peer, MemoryStore(SystemClock())) as desk:
        assert await desk.offer(said("one", "1.1"), attempt=0)
        assert await desk.offer(said("one", "1.1"), attempt=1)
        assert desk.gaps == []
        assert await desk.offer(said("two", "2.1"), attempt=1)
        assert len(desk.gaps) == 1
        assert await desk.all_told() == ["one", "two"]


# --- triggers ---


async def observe_click(event: Mapping[str, Any], find_user: FindUser) -> Event:
    return Event("Clicked", {"message": f"click {event['trigger_id']}"})


OBSERVED = {**OBSERVATIONS, "block_actions": Observation(observe_click)}


async def click(desk: Desk, trigger: str) -> bool:
    payload = {"type": "block_actions", "channel": {"id": "C1"}, "trigger_id": trigger}
    return await desk.intake.accept(Inbound(PayloadKind.INTERACTIVE, payload))


async def test_what_bears_a_trigger_does_not_wait_behind_its_channel(
    peer: ScriptedEngine, journal: Journal
) -> None:
    async with open_desk(peer, journal, observations=OBSERVED) as desk:
        desk.people.open.clear()
        assert await desk.offer(said("slow", "1.1"))
        assert await click(desk, "t1")
        assert await click(desk, "t1")
        await desk.until(lambda: desk.told == ["click t1"])
        desk.people.open.set()
        assert await desk.all_told() == ["click t1", "slow"]


async def test_what_bears_a_trigger_goes_first_when_slots_are_scarce(peer: ScriptedEngine) -> None:
    clock, port = FakeClock(), peer.port
    async with open_desk(peer, MemoryStore(clock), clock=clock, observations=OBSERVED) as desk:
        await peer.stop()
        for at in range(100):
            await desk.offer(said(str(at), f"{at}.1", channel=f"C{at}", user=""))
        assert await click(desk, "t1")
        await peer.start(port)
        while len(desk.told) < 101:
            await clock.advance(5)
        assert desk.told.index("click t1") <= 32
        assert len(await desk.all_told()) == 101


# --- property ---

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["live", "copy", "history", "restart"]),
        st.integers(0, 7),
        st.sampled_from(["C1", "C2"]),
        st.sampled_from([202, 202, 202, 404, 500, "lost"]),
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
)
@given(steps=STEPS)
def test_however_events_come_each_is_told_once_or_marked_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str, int | str]]
) -> None:
    asyncio.run(play(tmp_path_factory.mktemp("journal"), steps))


async def play(directory: Path, steps: list[tuple[str, int, str, int | str]]) -> None:
    """Deliver messages in random ways and check what the engine heard."""
    peer = await ScriptedEngine().start()
    order: dict[str, list[str]] = {"C1": [], "C2": []}
    rounds: list[list[tuple[str, int, str, int | str]]] = [[]]
    for step in steps:
        rounds[-1].append(step)
        if step[0] == "restart":
            rounds.append([])
    for one in rounds:
        async with open_journal(directory) as journal:
            clock = FakeClock(jump=True)
            async with open_desk(peer, journal, clock=clock) as desk:
                await desk.intake.restore()
                for how, number, channel, answer in one:
                    if how == "restart":
                        break
                    text = f"{channel}-{number}"
                    if answer != 202:
                        peer.answer("event", answer)
                    if text not in order[channel]:
                        order[channel].append(text)
                    event = said(text, f"{number}.1", channel)
                    if how == "history":
                        await desk.intake.accept_recovered(channel, event)
                    else:
                        assert await desk.offer(live(event), event_id=f"{text}-{how}")
                if one is rounds[-1]:
                    await desk.all_told()
    await peer.stop()
    for channel, expected in order.items():
        heard = [one.payload for one in peer.events if one.payload["channelId"] == channel]
        firsts = [one["message"] for one in heard if "redelivered" not in one]
        assert len(firsts) == len(set(firsts))
        assert list(dict.fromkeys(one["message"] for one in heard)) == expected
