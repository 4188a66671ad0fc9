"""What the engine remembers, asked without HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pack.flows.model import Event, Flow
from pack.sandbox.engine.actions import Actions, ExecutionFilter, NotPending
from pack.sandbox.engine.ids import Ids
from pack.sandbox.engine.model import Action, Execution, Pack
from pack.sandbox.engine.shelves import Flows, Packs
from tests.clock import FakeClock

CLOCK = FakeClock()
FLOW = Flow("uuid", "flow", "", ())


def pack(name: str = "Slack", **labels: str) -> Pack:
    return Pack(name, labels, (), (), (), CLOCK.now())


def event(name: str = "Done") -> Event:
    return Event(name, pack().sender, None, CLOCK.now(), CLOCK.now())


def action(number: int) -> Action:
    return Action(str(number), Execution(f"c{number}", FLOW), "s", "Do", "Slack", {}, None, {}, event())


def finish(actions: Actions, done: Action) -> None:
    actions.complete(done, event())
    actions.close(done)


def test_only_so_many_finished_executions_are_remembered_and_every_open_one() -> None:
    actions = Actions(CLOCK, finished_kept=3)
    for number in range(10):
        actions.add(action(number))
    taken = [actions.take(pack()) for _ in range(10)]
    for done in taken[1:]:
        assert done is not None
        finish(actions, done)
    found = actions.find(ExecutionFilter(), 0, 100)
    assert [execution.correlation_id for execution in found] == ["c9", "c8", "c7", "c0"]
    assert actions.get("1") is None
    assert actions.get("0") is taken[0]
    assert actions.execution("c1") is None


def test_an_execution_that_goes_on_is_not_counted_as_finished() -> None:
    actions = Actions(CLOCK, finished_kept=0)
    first = action(1)
    actions.add(first)
    assert actions.take(pack()) is first
    actions.complete(first, event())
    second = Action("2", first.execution, "t", "Do", "Slack", {}, None, {}, event())
    actions.add(second)
    actions.close(first)
    assert actions.get("1") is first
    assert actions.take(pack()) is second
    finish(actions, second)
    assert actions.get("1") is None


def test_a_result_is_stored_once() -> None:
    actions = Actions(CLOCK)
    actions.add(action(1))
    taken = actions.take(pack())
    assert taken is not None
    actions.complete(taken, event("First"))
    with pytest.raises(NotPending):
        actions.complete(taken, event("Second"))
    assert taken.result is not None
    assert taken.result.name == "First"


def test_a_pack_that_was_not_seen_for_a_week_is_forgotten() -> None:
    packs, now = Packs(), CLOCK.now()
    packs.put(pack("Old"))
    packs.put(pack("New"))
    assert packs.seen("New", now + timedelta(days=6)) is not None
    later = now + timedelta(days=7, seconds=1)
    assert [kept.name for kept in packs.all(later)] == ["New"]
    assert packs.seen("Old", later) is None
    assert not packs.remove("Old", later)


def test_a_replaced_flow_no_longer_starts_by_its_old_event() -> None:
    from tests.sandbox.engine.test_flows import flow_of

    flows = Flows()
    flows.put(flow_of("f", "Src.Old", "Src.Both"))
    flows.put(flow_of("f", "Src.New", "Src.Both"))
    flows.put(flow_of("g", "Src.Both"))
    assert flows.started_by("Src", "Old") == ()
    assert [flow.name for flow in flows.started_by("Src", "New")] == ["f"]
    assert [flow.name for flow in flows.started_by("Src", "Both")] == ["f", "g"]
    assert flows.remove("f")
    assert [flow.name for flow in flows.started_by("Src", "Both")] == ["g"]
    assert not flows.remove("f")


def test_ids_are_24_digits_that_grow_and_never_repeat() -> None:
    ids = Ids()
    made = [ids.new(CLOCK.now()) for _ in range(1000)]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {24}
