"""What the engine remembers, asked without HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pack.flows.model import Event, Flow
from pack.sandbox.engine.actions import NewAction, NotPending, Run
from pack.sandbox.engine.arrivals import Arrival
from pack.sandbox.engine.audit import ExecutionFilter
from pack.sandbox.engine.database import Database
from pack.sandbox.engine.ids import Ids
from pack.sandbox.engine.model import Pack, Taken
from pack.sandbox.engine.shelves import Packs
from pack.sandbox.engine.state import State
from tests.clock import FakeClock

CLOCK = FakeClock()
FLOW = Flow("uuid", "flow", "", ())


@pytest.fixture
def state(request: pytest.FixtureRequest) -> Iterator[State]:
    """A state with a flow; its parameter is how many finished executions it keeps."""
    opened = State(CLOCK, finished_kept=getattr(request, "param", 3))
    opened.flows.put(FLOW)
    yield opened
    opened.close()


def pack(name: str = "Slack", **labels: str) -> Pack:
    return Pack(name, labels, (), (), (), CLOCK.now())


def event(name: str = "Done", sender: Pack | None = None) -> Event:
    return Event(name, (sender or pack()).sender, None, CLOCK.now(), CLOCK.now())


def arrive(state: State, arriving: Event) -> Arrival:
    """Let an event come and be the next to be dealt with."""
    state.arrivals.put(arriving)
    arrival = state.arrivals.next()
    assert arrival is not None
    return arrival


def start(state: State, number: int, **labels: str) -> None:
    """Start an execution ``cN`` with an action N, as an event would."""
    arrival = arrive(state, event())
    run = state.actions.begin(f"c{number}", 1, FLOW)
    add(state, run, number, arrival, **labels)
    state.arrivals.settle(arrival, 1)
    state.actions.store(run)


def add(state: State, run: Run, number: int, arrival: Arrival, step: str = "s", **labels: str) -> None:
    state.actions.add(run, NewAction(str(number), step, "Do", "Slack", labels, None, {}, arrival.number))


def take(state: State) -> Taken:
    taken = state.actions.take(pack())
    assert taken is not None
    return taken


def complete(state: State, taken: Taken, result: Event) -> None:
    standing = state.actions.get(taken.id)
    assert standing is not None
    state.actions.complete(standing, result)


def finish(state: State, taken: Taken, *further: int) -> None:
    """Complete an action; its result makes further ones."""
    complete(state, taken, event())
    arrival = state.arrivals.next()
    assert arrival is not None
    assert arrival.completes is not None
    run, _ = state.actions.continued(arrival.completes)
    for number in further:
        add(state, run, number, arrival, step=str(number))
    state.arrivals.settle(arrival, len(further) + 1)
    state.actions.store(run)


def counts(state: State) -> dict[str, int]:
    tables = ("events", "executions", "actions", "flows")
    return {table: state._database.value(f"SELECT count(*) FROM {table}") for table in tables}


def test_only_so_many_finished_executions_are_remembered_and_every_open_one(state: State) -> None:
    for number in range(10):
        start(state, number)
    taken = [take(state) for _ in range(10)]
    for done in taken[1:]:
        finish(state, done)
    found = state.audit.find(ExecutionFilter(), 0, 100)
    assert [execution.correlation_id for execution in found] == ["c9", "c8", "c7", "c0"]
    assert state.actions.get("1") is None
    assert state.actions.get("0") is not None
    assert state.audit.execution("c1") is None
    assert counts(state) == {"events": 7, "executions": 4, "actions": 4, "flows": 1}


@pytest.mark.parametrize("state", [0], indirect=True)
def test_an_execution_that_goes_on_is_not_counted_as_finished(state: State) -> None:
    start(state, 1)
    finish(state, take(state), 2)
    assert state.actions.get("1") is not None
    finish(state, take(state))
    assert counts(state) == {"events": 0, "executions": 0, "actions": 0, "flows": 1}


def test_a_result_is_stored_once(state: State) -> None:
    start(state, 1)
    taken = take(state)
    standing = state.actions.get(taken.id)
    assert standing is not None
    state.actions.complete(standing, event("First"))
    for known in (standing, state.actions.get(taken.id)):
        assert known is not None
        with pytest.raises(NotPending):
            state.actions.complete(known, event("Second"))
    execution = state.audit.execution("c1")
    assert execution is not None
    result = execution.actions["s"].result
    assert result is not None
    assert result.name == "First"


def test_what_fails_in_a_transaction_leaves_nothing(state: State) -> None:
    start(state, 1)
    before = counts(state)
    with pytest.raises(ZeroDivisionError), state.transaction():
        start(state, 2)
        raise ZeroDivisionError
    assert counts(state) == before
    assert state.arrivals.next() is None


@pytest.mark.parametrize("labels", [2, 12])
def test_a_pack_gets_the_oldest_that_asks_for_labels_it_has(state: State, labels: int) -> None:
    owner = pack(**{f"l{number}": "x" for number in range(labels)})
    for number, wanted in enumerate(({"l1": "x"}, {"l1": "y"}, {}, {"l1": "x", "l0": "x"}, {"other": "x"})):
        start(state, number, **wanted)
    taken = [state.actions.take(owner) for _ in range(4)]
    assert [action.id if action else None for action in taken] == ["0", "2", "3", None]


def test_taking_costs_the_same_however_many_wait_that_do_not_fit(state: State) -> None:
    def steps() -> int:
        """Count what SQLite does for a take that finds nothing, in instructions of its virtual machine."""
        count = 0

        def step() -> None:
            nonlocal count
            count += 1

        state._database._connection.set_progress_handler(step, 1)
        assert state.actions.take(pack(env="a"), "Do") is None
        assert state.actions.take(pack(env="b")) is None
        state._database._connection.set_progress_handler(None, 1)
        return count

    start(state, 0, env="c")
    few = steps()
    for number in range(1, 500):
        start(state, number, env="c" if number % 2 else f"c{number}")
    assert steps() == few


def test_a_pack_that_was_not_seen_for_a_week_is_forgotten() -> None:
    database, now = Database(), CLOCK.now()
    packs = Packs(database)
    packs.put(pack("Old"))
    packs.put(pack("New"))
    assert packs.seen("New", now + timedelta(days=6)) is not None
    later = now + timedelta(days=7, seconds=1)
    assert [kept.name for kept in packs.all(later)] == ["New"]
    assert packs.seen("Old", later) is None
    assert not packs.remove("Old", later)
    database.close()


def test_a_replaced_flow_no_longer_starts_by_its_old_event(state: State) -> None:
    from tests.sandbox.engine.test_flows import flow_of

    flows = state.flows

    def started(event_name: str) -> list[Flow]:
        return [flows.version(number) for number in flows.started_by("Src", event_name)]

    flows.put(flow_of("f", "Src.Old", "Src.Both"))
    flows.put(flow_of("g", "Src.Both"))
    flows.put(flow_of("f", "Src.New", "Src.Both"))
    assert started("Old") == []
    assert [flow.name for flow in started("New")] == ["f"]
    assert [flow.name for flow in started("Both")] == ["g", "f"]
    assert [flow.name for flow in flows.all()] == ["flow", "f", "g"]
    assert flows.remove("f")
    assert [flow.name for flow in started("Both")] == ["g"]
    assert not flows.remove("f")


@pytest.mark.parametrize("state", [0], indirect=True)
def test_an_old_version_of_a_flow_is_kept_as_long_as_something_goes_by_it(state: State) -> None:
    from tests.sandbox.engine.test_flows import flow_of

    state.flows.put(flow_of("f", "Slack.Done"))
    arrival = arrive(state, event())
    ((number, flow),) = arrival.flows
    assert state.flows.remove("f")
    assert counts(state)["flows"] == 2
    run = state.actions.begin("c1", number, flow)
    add(state, run, 1, arrival)
    state.arrivals.settle(arrival, 1)
    state.actions.store(run)
    state.flows.put(flow_of("g", "Slack.Other"))
    assert counts(state)["flows"] == 3
    finish(state, take(state))
    state.flows.put(flow_of("g", "Slack.Other"))
    assert counts(state)["flows"] == 2


def test_ids_are_24_digits_that_grow_and_never_repeat() -> None:
    ids = Ids()
    made = [ids.new(CLOCK.now()) for _ in range(1000)]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {24}
    other = Ids()
    assert not set(made) & {other.new(CLOCK.now()) for _ in range(1000)}
