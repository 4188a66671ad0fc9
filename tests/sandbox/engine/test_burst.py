"""A burst of events: all are accepted at once, wait outside of this process's objects, and are worked off."""

from __future__ import annotations

import asyncio
import gc
import sys

from pack.flows.model import Event
from pack.sandbox.engine.execution import Executor
from pack.sandbox.engine.feed import Feed
from pack.sandbox.engine.model import Pack
from pack.sandbox.engine.state import State
from tests.clock import FakeClock
from tests.sandbox.engine.caller import Caller, step
from tests.sandbox.engine.test_flows import flow_of

EVENTS = 10_000
FLOWS = 5
MOST_BLOCKS = 2_000
"""Far below one for each event; caches and SQLite's statements need some."""


def blocks() -> int:
    """Count what Python has allocated and still holds."""
    gc.collect()
    return sys.getallocatedblocks()


def test_ten_thousand_events_with_five_flows_are_held_by_no_object() -> None:
    clock = FakeClock()
    state = State(clock, finished_kept=100)
    executor = Executor(state, {}, Feed(), clock)
    for number in range(FLOWS):
        state.flows.put(flow_of(f"flow{number}", "Src.Happened"))
    source = Pack("Src", {}, (), (), (), clock.now())

    def happen(text: str) -> None:
        state.arrivals.put(Event("Happened", source.sender, {"text": text}, clock.now(), clock.now()))

    happen("first")
    arrival = state.arrivals.next()
    assert arrival is not None
    executor.handle(arrival)
    before = blocks()
    for number in range(EVENTS):
        happen(f"{number}")
    assert state.arrivals.waiting() == EVENTS
    assert blocks() - before < MOST_BLOCKS
    handled = []
    while (arrival := state.arrivals.next()) is not None:
        executor.handle(arrival)
        handled.append(arrival.number)
    assert handled == sorted(handled)
    assert len(handled) == EVENTS
    del arrival, handled
    assert blocks() - before < MOST_BLOCKS
    taker = Pack("Slack", {}, (), (), (), clock.now())
    for _ in range(FLOWS * 1_000):
        assert state.actions.take(taker) is not None
    assert blocks() - before < MOST_BLOCKS
    state.close()


async def test_a_burst_over_http_is_accepted_while_it_is_worked_off_in_order(packs: Caller) -> None:
    for number in range(FLOWS):
        await packs.store(step("s", input=f"{{{{ Event.Payload }}}} {number}"), name=f"flow{number}")

    async def burst(sender: int) -> None:
        for number in range(60):
            event = {"event": "Happened", "payload": f"{sender} {number}"}
            answer = await packs.send("POST", "/v1/packs/Src/events", event)
            assert answer.status == 202

    await asyncio.gather(*(burst(sender) for sender in range(5)))
    await packs.engine.settled()
    inputs = await packs.take_all()
    assert len(inputs) == 5 * 60 * FLOWS
    for sender in range(5):
        own = [text.split()[1:] for text in inputs if text.startswith(f"{sender} ")]
        assert own == [[f"{number}", f"{flow}"] for number in range(60) for flow in range(FLOWS)]


async def test_an_event_that_nothing_waits_for_leaves_nothing(packs: Caller) -> None:
    for _ in range(3):
        await packs.happen("Unheard", {"large": "x" * 1000})
    state = packs.engine._state
    assert state._database.value("SELECT count(*) FROM events") == 0
