"""Whatever is drawn, called and left in whatever order: each turn comes once, in its channel's order."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pack.delivery.admission import Place
from pack.delivery.queue import Turns

CHANNELS = st.sampled_from(["C1", "C2", "C3"])


class Waiter:
    """One place and what became of it."""

    def __init__(self, channel: str, number: int, *, leaves_at_once: bool) -> None:
        self.channel = channel
        self.number = number
        self.place = Place(channel)
        self.leaves_at_once = leaves_at_once
        self.is_given = False
        self.asks = False
        self.calls = 0
        self.left_before_called = False


class Queues(RuleBasedStateMachine):
    """Places of several channels; those that are found late are found in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()
        self.waiters: list[Waiter] = []
        self.called: list[Waiter] = []

    @rule(channel=CHANNELS, leaves_at_once=st.booleans(), is_found=st.booleans())
    def draw(self, channel: str, leaves_at_once: bool, is_found: bool) -> None:
        waiter = Waiter(channel, len(self.waiters), leaves_at_once=leaves_at_once)
        self.waiters.append(waiter)
        if is_found:
            for one in self.waiters:
                if not one.is_given and one.channel == channel:
                    self.find(one)

    @rule()
    def find_all(self) -> None:
        for one in self.waiters:
            if not one.is_given:
                self.find(one)

    def find(self, waiter: Waiter) -> None:
        waiter.is_given = True
        waiter.place.give(self.turns.draw(waiter.channel))

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        if waiters := [one for one in self.waiters if not one.asks]:
            waiter = data.draw(st.sampled_from(waiters))
            waiter.asks = True
            waiter.place.when_called(lambda: self.come(waiter))

    def come(self, waiter: Waiter) -> None:
        waiter.calls += 1
        self.called.append(waiter)
        if waiter.leaves_at_once:
            waiter.place.leave()

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.waiters:
            waiter = data.draw(st.sampled_from(self.waiters))
            waiter.left_before_called = waiter.left_before_called or waiter.calls == 0
            waiter.place.leave()

    @invariant()
    def each_is_called_once_and_never_after_it_left(self) -> None:
        for waiter in self.waiters:
            assert waiter.calls <= (0 if waiter.left_before_called else 1)

    @invariant()
    def the_first_of_each_channel_has_its_turn_and_nobody_else(self) -> None:
        for channel in ("C1", "C2", "C3"):
            waiting = [one for one in self.waiters if one.channel == channel and not one.place.is_left]
            found = [one for one in waiting if one.is_given]
            assert [one.calls for one in found[1:]] == [0] * len(found[1:])
            if found and found[0].asks:
                assert found[0].calls == 1
            assert self.turns.depth(channel) == len(found)

    @invariant()
    def turns_come_in_order(self) -> None:
        for channel in ("C1", "C2", "C3"):
            numbers = [one.number for one in self.called if one.channel == channel]
            assert numbers == sorted(numbers)

    def teardown(self) -> None:
        for waiter in self.waiters:
            if not waiter.is_given:
                self.find(waiter)
            waiter.place.leave()
        assert self.turns.depths() == {}


TestQueues = Queues.TestCase
TestQueues.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


# --- what waiting costs ---------------------------------------------------------------------------------


def wait_in(turns: Turns, channel: str, number: int, called: list[int]) -> Place:
    place = Place(channel)
    place.give(turns.draw(channel))
    place.when_called(lambda: called.append(number))
    return place


def test_who_waits_takes_less_than_half_a_kilobyte() -> None:
    turns, called = Turns(), list[int]()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        places = [wait_in(turns, "C1", number, called) for number in range(10_000)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert called == [0]
    assert (after - before) / len(places) <= 500


def test_ten_thousand_that_wait_for_one_channel_delay_no_other() -> None:
    turns, called, other = Turns(), list[int](), list[int]()
    places = [wait_in(turns, "C1", number, called) for number in range(10_000)]
    wait_in(turns, "C2", 7, other)
    assert other == [7]
    for place in places:
        place.leave()
    assert called == list(range(10_000))
    assert turns.depth("C1") == 0


def test_a_chain_of_turns_that_end_at_once_goes_through_without_nesting() -> None:
    turns = Turns()
    first, others = turns.draw("C"), [turns.draw("C") for _ in range(20_000)]
    for turn in others:
        turn.when_called(turn.end)
    first.end()
    assert all(turn.has_come for turn in others)
    assert turns.depths() == {}


def test_a_mistake_at_the_begin_of_a_turn_does_not_keep_it(caplog: pytest.LogCaptureFixture) -> None:
    turns, called = Turns(), list[int]()
    first, second, third = (turns.draw("C") for _ in range(3))
    second.when_called(lambda: called.append(1 // 0))
    third.when_called(lambda: called.append(3))
    first.end()
    assert called == [3]
    assert "a mistake of the pack" in caplog.text


def test_only_one_waits_for_a_place() -> None:
    place = Place("general")
    place.when_called(lambda: None)
    with pytest.raises(RuntimeError, match="general"):
        place.when_called(lambda: None)


async def test_a_place_that_was_left_cannot_be_entered() -> None:
    place = Place("general")
    place.leave()
    with pytest.raises(RuntimeError, match="left"):
        await place.__aenter__()
