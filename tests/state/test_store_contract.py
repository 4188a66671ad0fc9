"""What every store does, whatever it keeps things in.

A new store joins by one line in ``STORES``: a context that opens it in a directory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from pack.contracts.ports import Action, Event, UnreadableInput
from pack.contracts.storing import (
    ActionStage,
    ActiveThread,
    Arrival,
    Effect,
    EffectState,
    Receipt,
    Store,
    Untold,
    Waiting,
    Watermark,
)
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.state.journals import opened, until


@asynccontextmanager
async def memory(directory: Path, clock: FakeClock) -> AsyncIterator[Store]:
    yield MemoryStore(clock)


@asynccontextmanager
async def journal(directory: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with opened(directory, clock) as store:
        yield store


@asynccontextmanager
async def journal_that_cannot_be_written(directory: Path, clock: FakeClock) -> AsyncIterator[Store]:
    """Everything but an arrival's receipt is as if it could: nothing is lost while the process lives."""
    async with opened(directory, clock) as store:
        take_away(directory)
        await until(lambda: store.problem)
        yield store


def take_away(directory: Path) -> None:
    directory.rename(directory.with_name("elsewhere"))
    directory.touch()


STORES: dict[str, Callable[[Path, FakeClock], AbstractAsyncContextManager[Store]]] = {
    "memory": memory,
    "journal": journal,
    "journal in trouble": journal_that_cannot_be_written,
}

A = Action(
    "a", "SendMessage", {"channel": "C1", "text": "hé \ud83d 😀", "n": [1, 2.5, None, True]}, "https://e/a"
)
B = Action("b", "SendMessage", {}, "https://e/b")
DONE = Event("MessageSent", {"ts": "1.000001", "text": "ok"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    directory = tmp_path / "state"
    directory.mkdir()
    async with STORES[request.param](directory, clock) as made:
        yield made


def waiting(action: Action, order_key: str = "C1") -> Waiting:
    return Waiting(action.id, action.command, order_key)


def message(key: str, *, lane: str = "C1", thread: str = "", ts: str = "5.0") -> Arrival:
    return Arrival((key, f"also {key}"), lane, {"type": "message", "ts": ts, "text": key}, thread)


# --- actions


async def test_an_action_is_begun_once(store: Store, clock: FakeClock) -> None:
    assert await store.begin(A, "C1")
    assert not await store.begin(A, "C1")
    record = await store.load("a")
    assert record is not None
    assert (record.action, record.order_key, record.stage) == (A, "C1", ActionStage.TAKEN)
    assert (record.taken_at, record.suspect_since) == (clock.now().timestamp(), None)
    assert (record.effects, record.result, record.failed, record.reason) == ({}, None, False, "")


async def test_of_many_who_begin_an_action_at_once_one_may(store: Store) -> None:
    assert sorted(await asyncio.gather(*(store.begin(A, "C1") for _ in range(20)))) == [False] * 19 + [True]


async def test_what_was_suspected_stays_so(store: Store) -> None:
    assert await store.begin(A, "", suspect_since=1234.5)
    await store.save_effect(Effect("a", "1", "chat.postMessage"))
    record = await store.load("a")
    assert record and record.suspect_since == 1234.5


async def test_an_input_that_cannot_be_read_stays_one(store: Store) -> None:
    action = Action("u", "SendMessage", UnreadableInput("it is no JSON"), "r")
    await store.begin(action, "")
    await store.save_effect(Effect("u", "1", "chat.postMessage"))
    record = await store.load("u")
    assert record and record.action == action


async def test_what_is_not_known_is_none(store: Store) -> None:
    assert await store.load("nobody") is None
    assert await store.known(["nobody"]) == set()
    assert await store.known([]) == set()


async def test_which_of_ten_thousand_are_known(store: Store) -> None:
    await store.begin(A, "")
    await store.begin(B, "")
    assert await store.known([f"x{n}" for n in range(10_000)] + ["a", "b"]) == {"a", "b"}


async def test_the_unfinished_are_listed_as_they_were_taken(store: Store) -> None:
    actions = [Action(f"n{9 - n}", "AddReaction", {}, "r") for n in range(5)]
    for action in actions:
        await store.begin(action, "C2")
    await store.save_effect(Effect("n9", "1", "reactions.add"))
    await store.finish("n7", DONE, failed=False)
    assert await store.unfinished() == [waiting(actions[n], "C2") for n in (0, 1, 3, 4)]


async def test_the_unreported_are_listed_as_they_ended(store: Store) -> None:
    for action in (A, B):
        await store.begin(action, "C1")
    await store.finish("b", DONE, failed=False)
    await store.finish("a", DONE, failed=True)
    assert await store.unreported() == [waiting(B), waiting(A)]
    assert await store.unfinished() == []
    await store.finish("b", DONE, failed=False)
    assert await store.unreported() == [waiting(A), waiting(B)]


async def test_a_steps_state_is_replaced(store: Store) -> None:
    await store.begin(A, "C1")
    await store.save_effect(Effect("a", "post", "chat.postMessage", EffectState.SENDING, 1, 100.5))
    sent = Effect("a", "post", "chat.postMessage", EffectState.SENT, 2, 100.5, False, {"ts": "1.0"})
    store.note_effect(sent)
    refused = Effect("a", "pin", "pins.add", EffectState.REFUSED, 1, 101.0, refusal={"error": "no_pin"})
    store.note_effect(refused)
    record = await store.load("a")
    assert record and record.effects == {"post": sent, "pin": refused}


async def test_a_step_that_is_changed_afterwards_is_noted_as_it_was(store: Store) -> None:
    await store.begin(A, "C1")
    effect = Effect("a", "post", "chat.postMessage", answer={"ts": "1.0"})
    store.note_effect(effect)
    effect.attempts = 7
    effect.state = EffectState.SENT
    record = await store.load("a")
    assert record
    assert (record.effects["post"].attempts, record.effects["post"].state) == (0, EffectState.SENDING)


async def test_the_step_of_an_action_that_is_not_known_is_nothing(store: Store) -> None:
    await store.save_effect(Effect("a", "1", "chat.postMessage"))
    await store.begin(A, "C1")
    record = await store.load("a")
    assert record and record.effects == {}


async def test_an_action_ends_with_its_result(store: Store) -> None:
    await store.begin(A, "C1")
    await store.finish("a", DONE, failed=True)
    record = await store.load("a")
    assert record
    assert (record.stage, record.result, record.failed) == (ActionStage.DONE, DONE, True)
    store.note_reported("a")
    record = await store.load("a")
    assert record
    assert (record.stage, record.result, record.failed) == (ActionStage.REPORTED, DONE, True)
    assert await store.unreported() == []
    assert not await store.begin(A, "C1")


async def test_a_later_result_is_reported_again(store: Store) -> None:
    await store.begin(A, "C1")
    await store.finish("a", DONE, failed=True)
    await store.set_aside("a", "the engine refuses it")
    await store.finish("a", Event("MessageSent", {"again": True}), failed=False)
    record = await store.load("a")
    assert record
    assert (record.stage, record.result, record.failed, record.reason) == (
        ActionStage.DONE,
        Event("MessageSent", {"again": True}),
        False,
        "",
    )
    assert await store.unreported() == [waiting(A)]


async def test_a_result_that_is_set_aside_says_why(store: Store) -> None:
    await store.begin(A, "C1")
    await store.finish("a", DONE, failed=False)
    await store.set_aside("a", "the engine refuses it")
    record = await store.load("a")
    assert record
    assert (record.stage, record.reason) == (ActionStage.ASIDE, "the engine refuses it")
    assert await store.unreported() == []


async def test_ending_what_is_not_known_is_nothing(store: Store) -> None:
    await store.finish("nobody", DONE, failed=False)
    store.note_reported("nobody")
    await store.set_aside("nobody", "why")
    assert await store.load("nobody") is None
    assert await store.unreported() == []


async def test_a_loaded_record_is_the_callers_own(store: Store) -> None:
    await store.begin(A, "C1")
    record = await store.load("a")
    assert record
    record.stage = ActionStage.ASIDE
    again = await store.load("a")
    assert again and again.stage is ActionStage.TAKEN


# --- what came in


async def receive(store: Store, arrival: Arrival, *, telling: bool = False) -> int:
    receipt, number = await store.receive(arrival, telling=telling)
    assert receipt is (Receipt.UNKEPT if store.problem else Receipt.KEPT)
    return number


async def test_an_arrival_is_kept_until_it_is_told(store: Store) -> None:
    one, two = message("k1"), Arrival(("k2",), "", {"type": "team_join"}, recovered=True)
    first, second = await receive(store, one), await receive(store, two, telling=True)
    assert await store.untold() == [Untold(first, one), Untold(second, two, telling=True)]
    await store.save_telling(first)
    store.note_told(second)
    assert await store.untold() == [Untold(first, one, telling=True)]
    store.note_told(first)
    assert await store.untold() == []


@pytest.mark.parametrize("keys", [("k",), ("also k",), ("new", "also k"), ("k", "k")])
async def test_one_known_key_makes_a_copy(store: Store, keys: tuple[str, ...]) -> None:
    number = await receive(store, message("k"))
    store.note_told(number)
    assert await store.receive(Arrival(keys, "C9", {})) == (Receipt.COPY, 0)
    assert await store.untold() == []


async def test_of_many_copies_at_once_one_is_none(store: Store) -> None:
    async def deliver() -> Receipt:
        receipt, number = await store.receive(message("k"))
        if receipt is not Receipt.COPY:
            store.note_told(number)
        return receipt

    receipts = await asyncio.gather(*(deliver() for _ in range(20)))
    assert receipts.count(Receipt.COPY) == 19


async def test_arrivals_without_a_key_are_never_copies(store: Store) -> None:
    assert await receive(store, Arrival((), "C1", {})) != await receive(store, Arrival((), "C1", {}))


async def test_a_key_may_come_twice_in_one_arrival(store: Store) -> None:
    assert await receive(store, Arrival(("k", "k"), "C1", {}))


async def test_what_was_told_may_be_said_again(store: Store) -> None:
    number = await receive(store, message("k"))
    store.note_told(number)
    store.note_told(number)
    await store.save_telling(number)
    assert await store.untold() == []


# --- watermarks


async def test_a_watermark_is_begun_once_and_only_moves_on(store: Store) -> None:
    await store.watch("C1", 10.0)
    await store.watch("C1", 5.0)
    await store.watch("C2", 20.0)
    store.note_watermarks(["C1", "C2", "C3"], 15.0)
    assert sorted(await store.watermarks(), key=str) == [Watermark("C1", 15.0), Watermark("C2", 20.0)]
    store.note_watermarks([], 99.0)
    store.note_watermarks(["C1"], 14.0)
    store.note_watermarks(["C1"], 16.0)
    assert sorted(await store.watermarks(), key=str) == [Watermark("C1", 16.0), Watermark("C2", 20.0)]


async def test_a_channel_that_was_left_begins_anew(store: Store) -> None:
    await store.watch("C1", 10.0)
    await receive(store, message("k", thread="1.0"))
    await store.unwatch("C1")
    await store.unwatch("C7")
    assert await store.watermarks() == []
    assert await store.active_threads(0) == []
    await store.watch("C1", 3.0)
    assert await store.watermarks() == [Watermark("C1", 3.0)]


async def test_threads_are_listed_by_when_something_was_said_in_them(store: Store, clock: FakeClock) -> None:
    await receive(store, message("k1", thread="1.0", ts="30.5"))
    await receive(store, message("k2", thread="2.0", ts="40.0"))
    await receive(store, message("k3", thread="1.0", ts="20.0"))
    await receive(store, message("k4", ts="50.0"))
    assert await store.active_threads(0) == [ActiveThread("C1", "2.0", 40.0), ActiveThread("C1", "1.0", 30.5)]
    assert await store.active_threads(30.6) == [ActiveThread("C1", "2.0", 40.0)]
    await receive(store, Arrival(("k5",), "C1", {"ts": "never"}, "3.0"))
    assert (await store.active_threads(0))[0] == ActiveThread("C1", "3.0", clock.now().timestamp())


async def test_an_ended_action_is_forgotten_with_its_steps_and_its_id_is_free(store: Store) -> None:
    await store.begin(B, "C1")
    await store.save_effect(Effect("b", "post", "chat.postMessage", EffectState.SENT))
    await store.forget("b")
    assert await store.known(["b"]) == {"b"}
    await store.finish("b", Event("MessageSent", {}), failed=False)
    await store.forget("b")
    assert await store.known(["b"]) == {"b"}
    store.note_reported("b")
    await store.forget("b")
    assert await store.load("b") is None
    assert await store.known(["b"]) == set()
    assert await store.begin(B, "C2")
    again = await store.load("b")
    assert again is not None
    assert (again.order_key, dict(again.effects)) == ("C2", {})
