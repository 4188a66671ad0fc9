"""What is said of executions before anything runs, held against executions that are played through."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pack.authoring.lint.declared.declarations import own_declarations
from pack.authoring.lint.steps.executions import Executions
from pack.flows.model import Command, EventMatch, Flow, Step

KNOWN = own_declarations()
RESULTS = {
    "SendMessage": ("MessageSent", "SendMessageFailed"),
    "JoinChannel": ("ChannelJoined", "JoinChannelFailed"),
}
EVENTS = ("ReceivedMessage", "ReactionAdded", "MessageSent", "SendMessageFailed", "ChannelJoined")


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Make flows of up to five steps, whose ids are the letters from a on."""
    count = draw(st.integers(1, 5))
    letters = "abcdef"
    steps = []
    for index in range(count):
        needed = draw(st.lists(st.sampled_from(letters[: count + 1]), max_size=2, unique=True))
        steps.append(
            Step(
                id=letters[index],
                depends_on=tuple(needed if index or draw(st.booleans()) else ()),
                event=EventMatch(draw(st.sampled_from(EVENTS)), "Slack", {}),
                context={},
                criteria="",
                command=Command(draw(st.sampled_from(sorted(RESULTS))), "Slack", {}, {}),
            )
        )
    return Flow("", "f", "", tuple(steps))


Played = tuple[frozenset[int], frozenset[int]]
"""The steps that ran, and those of them whose action has a result."""


def played(flow: Flow) -> set[int]:
    """Return the steps that run in any execution, with any results in any order."""
    ran: set[int] = set()
    states: list[Played] = []
    for event in EVENTS:
        first = frozenset(
            i for i, step in enumerate(flow.steps) if not step.depends_on and step.event.name == event
        )
        states.append((first, frozenset()))
    seen = set(states)
    while states:
        state = states.pop()
        ran |= state[0]
        for later in _next(flow, *state):
            if later not in seen:
                seen.add(later)
                states.append(later)
    return ran


def _next(flow: Flow, ran: frozenset[int], finished: frozenset[int]) -> Iterator[Played]:
    for done in ran - finished:
        after = finished | {done}
        ids = {flow.steps[index].id for index in after}
        for event in RESULTS[flow.steps[done].command.name]:
            now = {
                index
                for index, step in enumerate(flow.steps)
                if index not in ran
                and step.event.name == event
                and (not step.depends_on or ids.intersection(step.depends_on))
            }
            yield ran | now, after


@settings(max_examples=300, deadline=None)
@given(flows())
def test_a_step_that_some_execution_runs_is_never_said_to_be_out_of_reach(flow: Flow) -> None:
    executions = Executions(flow, KNOWN)
    said = {index for index in range(len(flow.steps)) if executions.runs(index)}
    assert played(flow) <= said


@settings(max_examples=300, deadline=None)
@given(flows())
def test_a_step_that_is_said_to_run_has_something_that_it_runs_on(flow: Flow) -> None:
    executions = Executions(flow, KNOWN)
    for index, step in enumerate(flow.steps):
        if executions.runs(index) and step.depends_on:
            assert executions.parents(index)
