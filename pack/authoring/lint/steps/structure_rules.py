"""Rules about the order of steps: ids, ``dependsOn``, steps that never run, flows that start themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pack.authoring.lint.declared.declarations import Declarations, near
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import listed, step_name
from pack.authoring.lint.steps import loops
from pack.authoring.lint.steps.executions import Executions
from pack.authoring.lint.steps.unreachable import (
    DEPENDENCY_NEVER_HAPPENS,
    UNREACHABLE_STEP,
    unreachable_steps,
)
from pack.authoring.lint.subject import Subject
from pack.flows.model import FATAL_EVENT, Step

DUPLICATE_STEP_ID = Rule("duplicate-step-id", Severity.ERROR, "Several steps have the same id.")
STEP_WITHOUT_ID = Rule(
    "step-without-id", Severity.ERROR, "A step has no id, and another can run only if it had one."
)
UNKNOWN_DEPENDENCY = Rule(
    "unknown-dependency", Severity.ERROR, "A step depends on a step that the flow does not have."
)
MISSING_DEPENDS_ON = Rule(
    "missing-depends-on",
    Severity.WARNING,
    "A step waits for the result of another step without depending on it.",
)
DEPENDS_ON_ANY = Rule(
    "depends-on-any", Severity.NOTE, "A step lists several steps that it depends on: any one is enough."
)

RULES: tuple[Rule, ...] = (
    DUPLICATE_STEP_ID,
    STEP_WITHOUT_ID,
    UNKNOWN_DEPENDENCY,
    DEPENDENCY_NEVER_HAPPENS,
    UNREACHABLE_STEP,
    MISSING_DEPENDS_ON,
    DEPENDS_ON_ANY,
    *loops.RULES,
)

_MOST_COMPARED = 300
"""Among how many ids the one is looked for that an unknown one may stand for."""
_MOST_PAIRED = 100
"""How many of the steps that one depends on are held against each other."""


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Find what is wrong with the order of a flow's steps.

    Loops that need several flows are found by :func:`pack.authoring.lint.steps.loops.check_together`.
    """
    flow = _Checked(subject, declarations, Executions(subject.flow, declarations))
    yield from _duplicate_ids(flow)
    for index, step in enumerate(subject.flow.steps):
        for position, name in enumerate(step.depends_on):
            yield from _dependency(flow, index, position, name)
        yield from _any_of(flow, index, step)
    yield from _ids_taken(flow)
    yield from unreachable_steps(subject, declarations, flow.executions)
    yield from loops.check(subject, declarations, flow.executions)
    in_loops = loops.looping(subject, declarations, flow.executions)
    for index, step in enumerate(subject.flow.steps):
        if index not in in_loops:
            yield from _waits_for_a_result(flow, index, step)


@dataclass(frozen=True, slots=True)
class _Checked:
    subject: Subject
    declarations: Declarations
    executions: Executions

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.subject.flow.steps

    def name(self, index: int) -> str:
        return step_name(self.subject.flow, index)


def _duplicate_ids(flow: _Checked) -> Iterator[Finding]:
    counts = Counter(step.id for step in flow.steps if step.id)
    seen: set[str] = set()
    for index, step in enumerate(flow.steps):
        if step.id and step.id in seen:
            first = flow.executions.named(step.id)[0]
            yield flow.subject.finding(
                DUPLICATE_STEP_ID,
                f"{counts[step.id]} steps have the id {step.id!r} (the first is number {first + 1}): once "
                "one of them has run in an execution the others do not run there any more, and dependsOn "
                "cannot tell them apart",
                "give every step an id of its own; dependsOn may list several",
                ("steps", index, "id"),
            )
        seen.add(step.id)


def _dependency(flow: _Checked, index: int, position: int, name: str) -> Iterator[Finding]:
    if name and flow.executions.named(name):
        return
    path = ("steps", index, "dependsOn", position)
    meant = _without_id(flow, index, name)
    if meant is not None:
        what = f"depends on {name!r}" if name else "depends on a step with an empty id"
        yield flow.subject.finding(
            STEP_WITHOUT_ID,
            f"{flow.name(index)} {what}, and {flow.name(meant)} has no id: nothing can depend on it",
            f"give step number {meant + 1} an id, and name that in dependsOn",
            path,
        )
        return
    later = flow.executions.later(index)
    others = [step for at, step in enumerate(flow.steps) if step.id and at != index and at not in later]
    ids = [step.id for step in others]
    by_content = (step.id for step in others if name in (step.command.name, step.event.name))
    guess = next(by_content, None) or (near(name, ids) if len(ids) <= _MOST_COMPARED else "")
    known = (
        f"the steps are {listed(ids, 'and')}" if ids else "no other step has an id that it could depend on"
    )
    yield flow.subject.finding(
        UNKNOWN_DEPENDENCY,
        f"{flow.name(index)} depends on {name!r}, and no step has that id",
        f"did you mean {guess!r}?" if guess else f"name the id of a step of this flow; {known}",
        path,
    )


def _without_id(flow: _Checked, index: int, name: str) -> int | None:
    """Return the step without an id that is meant by its number, command or event."""
    nameless = [other for other, step in enumerate(flow.steps) if not step.id and other != index]
    for other in nameless:
        command, event = flow.steps[other].command, flow.steps[other].event
        if name in (command.name, event.name):
            return other
    if name.isdecimal():
        return next((other for other in nameless if int(name) in (other, other + 1)), None)
    feeding = [other for other in nameless if flow.executions.feeds(other, index)]
    return next(iter(feeding or nameless), None) if not name else None


def _ids_taken(flow: _Checked) -> Iterator[Finding]:
    """Find steps without an id that never get their turn, since another without one ran before them."""
    nameless = [index for index, step in enumerate(flow.steps) if not step.id]
    first = [index for index in nameless if not flow.steps[index].depends_on]
    for index in nameless:
        if not flow.steps[index].depends_on or not flow.executions.runs(index):
            continue
        for other in first:
            if flow.executions.together(index, other):
                yield flow.subject.finding(
                    STEP_WITHOUT_ID,
                    f"{flow.name(index)} has no id, nor has {flow.name(other)}, which runs before it: to "
                    "Flyte they are the same step, and that runs only once in an execution",
                    "give every step an id",
                    ("steps", index),
                )
                break


def _any_of(flow: _Checked, index: int, step: Step) -> Iterator[Finding]:
    needed = [other for other in flow.executions.needed(index) if other != index]
    wanted = (step.event.pack_name, step.event.name)
    feeding = [other for other in needed if flow.executions.feeds(other, index)]
    idle = [other for other in needed if not flow.executions.feeds(other, index)]
    if feeding and idle:
        names = listed((flow.name(other) for other in idle), "and")
        yield flow.subject.finding(
            DEPENDS_ON_ANY,
            f"{flow.name(index)} waits for {step.event.name}, in which {names} never ends: it runs without "
            "waiting for that, since any one of dependsOn is enough",
            "to wait for several steps one after the other, let each depend on the one before",
            ("steps", index, "dependsOn"),
        )
        return
    for position, one in enumerate(feeding[:_MOST_PAIRED]):
        for other in feeding[position + 1 : _MOST_PAIRED]:
            if _both_finish(flow, one, other, wanted):
                yield flow.subject.finding(
                    DEPENDS_ON_ANY,
                    f"{flow.name(index)} runs as soon as {flow.name(one)} or {flow.name(other)} has ended in "
                    f"{step.event.name}, and only once: it does not wait for both",
                    "to wait for several steps one after the other, let each depend on the one before",
                    ("steps", index, "dependsOn"),
                )
                return


def _both_finish(flow: _Checked, one: int, other: int, wanted: tuple[str, str]) -> bool:
    """Say whether two steps may well both end in the same execution, and not one instead of the other."""
    first, second = flow.steps[one], flow.steps[other]
    if first.criteria or second.criteria or not flow.executions.together(one, other):
        return False
    events = {(step.event.pack_name, step.event.name) for step in (first, second)}
    if len(events) == 1:
        return True
    for early, late in ((one, other), (other, one)):
        event = flow.steps[late].event
        if early in flow.executions.parents(late) and (event.pack_name, event.name) == wanted:
            return True
    return False


def _waits_for_a_result(flow: _Checked, index: int, step: Step) -> Iterator[Finding]:
    if step.depends_on or step.event.name == FATAL_EVENT:
        return
    wanted = step.event
    for other in flow.executions.feeders(index):
        producer = flow.steps[other]
        if not flow.executions.runs(other):
            continue
        if flow.declarations.is_known_to_end_in(producer.command, wanted.pack_name, wanted.name):
            later = flow.executions.later(index)
            advice = (
                "let one of them wait for another event"
                if other in later
                else f"add dependsOn: [{producer.id}]"
                if producer.id
                else f"give {flow.name(other)} an id and depend on it"
            )
            twice = ", and one of this flow runs it twice" if step.id else ""
            yield flow.subject.finding(
                MISSING_DEPENDS_ON,
                f"{flow.name(index)} waits for {wanted.name}, in which {flow.name(other)} ends, but does not "
                f"depend on it: every {wanted.name} of any flow starts it, with an empty context{twice}",
                f"{advice}; if it is meant for all flows, put it into a flow of its own",
                ("steps", index, "event", "name"),
            )
            return
