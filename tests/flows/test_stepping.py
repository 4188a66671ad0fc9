"""How long a step may take."""

import pytest

from pack.flowlang import Deadline, FlowLangError
from pack.flows.explaining import Outcome, explain_step
from pack.flows.model import Command, Event, EventMatch, Sender, Step
from pack.flows.stepping import Made, Stage, take_step
from tests.clock import FakeClock


class Work(FakeClock):
    """A clock that goes on when the engine's function ``work`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.worked = 0.0

    def monotonic(self) -> float:
        return self.worked

    def work(self, seconds: str) -> str:
        self.worked += float(seconds)
        return "true"


def step(seconds: float) -> Step:
    """Return a step that works that long in its context, its criteria and its input each."""
    work = f"{{{{ work('{seconds}') }}}}"
    event = EventMatch("E", "P", {})
    return Step("s", (), event, {"a": work}, work, Command("C", "P", {}, {"list": [work, "plain"]}))


def event(clock: FakeClock) -> Event:
    return Event("E", Sender("P", "P", {}), {}, clock.now(), clock.now())


def test_the_templates_of_a_step_share_one_deadline() -> None:
    clock = Work()
    made = take_step(step(0.6), event(clock), {}, {"work": clock.work}, clock)
    assert made == Made({"a": "true"}, {}, {"list": ["true", "plain"]})
    with pytest.raises(FlowLangError, match="longer than 2 seconds together"):
        take_step(step(0.8), event(clock), {}, {"work": clock.work}, clock)


def test_a_step_that_takes_too_long_is_explained() -> None:
    clock = Work()
    explained = explain_step(step(0.8), event(clock), {}, {"work": clock.work}, clock)
    assert (explained.outcome, explained.stopped_at) == (Outcome.FAILED, Stage.INPUT)
    assert "longer than 2 seconds together" in explained.why


def test_a_deadline_may_be_shared_with_what_came_before() -> None:
    clock = Work()
    deadline, functions = Deadline(clock), {"work": clock.work}
    assert take_step(step(0.6), event(clock), {}, functions, clock, deadline=deadline) is not None
    with pytest.raises(FlowLangError, match="longer than 2 seconds together"):
        take_step(step(0.6), event(clock), {}, functions, clock, deadline=deadline)
    explained = explain_step(step(0), event(clock), {}, functions, clock, deadline=deadline)
    assert (explained.outcome, explained.stopped_at) == (Outcome.FAILED, Stage.CONTEXT)
