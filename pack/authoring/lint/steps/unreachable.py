"""Steps that never run, and why."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.declared.declarations import Declarations, near, near_pack
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import listed, step_name
from pack.authoring.lint.steps.circles import circles
from pack.authoring.lint.steps.executions import Executions
from pack.authoring.lint.subject import Subject
from pack.flows.model import FATAL_EVENT, Step

DEPENDENCY_NEVER_HAPPENS = Rule(
    "dependency-never-happens",
    Severity.ERROR,
    "A step waits for an event in which none of the steps that it depends on ends.",
)
UNREACHABLE_STEP = Rule("unreachable-step", Severity.ERROR, "A step depends only on steps that never run.")


def unreachable_steps(
    subject: Subject, declarations: Declarations, executions: Executions
) -> Iterator[Finding]:
    """Find the steps that never run; those that depend on an unknown step alone are told of elsewhere."""
    stuck = _stuck(executions)
    groups = circles(sorted(stuck), executions.needed)
    by_step = {index: sorted(group) for group in groups for index in group}
    for index in range(len(executions.steps)):
        needed = executions.needed(index)
        if executions.runs(index) or not needed:
            continue
        if index in stuck and index in by_step:
            if index == by_step[index][0]:
                yield _circle_finding(subject, by_step[index], index)
        elif not any(executions.runs(other) for other in needed):
            names = listed((step_name(subject.flow, other) for other in needed), "and")
            yield subject.finding(
                UNREACHABLE_STEP,
                f"{step_name(subject.flow, index)} never runs: it depends on {names}, and that never runs",
                "see what is wrong there, or take this step out",
                _entry(executions, index, needed[0]),
            )
        elif not _is_misspelt(declarations, executions, index):
            yield _never_happens(subject, declarations, executions, index)


def _stuck(executions: Executions) -> set[int]:
    """Return the steps that depend, by whatever steps between, only on steps that never run."""
    every = range(len(executions.steps))
    loose = {index for index in every if executions.runs(index) or not executions.needed(index)}
    queue = list(loose)
    while queue:
        for other in executions.dependents(queue.pop()):
            if other not in loose:
                loose.add(other)
                queue.append(other)
    return set(every) - loose


def _circle_finding(subject: Subject, circle: list[int], index: int) -> Finding:
    if len(circle) == 1:
        message = f"{step_name(subject.flow, index)} depends on itself, so it never runs"
    else:
        names = listed((step_name(subject.flow, other) for other in circle), "and")
        message = f"{names} depend on one another in a circle, so none of them ever runs"
    return subject.finding(
        UNREACHABLE_STEP,
        message,
        "let the first of them depend on nothing, or on a step that runs before",
        ("steps", index, "dependsOn"),
    )


def _is_misspelt(declarations: Declarations, executions: Executions, index: int) -> bool:
    """Say whether the name of the event or of its pack is wrong, which is told of elsewhere."""
    wanted = executions.steps[index].event
    pack = declarations.packs.get(wanted.pack_name)
    if pack is not None:
        return pack.tells_events and wanted.name != FATAL_EVENT and pack.event(wanted.name) is None
    packs = {executions.steps[other].command.pack_name for other in executions.needed(index)}
    return near_pack(wanted.pack_name, declarations.packs) in packs


def _never_happens(
    subject: Subject, declarations: Declarations, executions: Executions, index: int
) -> Finding:
    needed = next(other for other in executions.needed(index) if executions.runs(other))
    step, before = executions.steps[index], executions.steps[needed]
    here, there = step_name(subject.flow, index), step_name(subject.flow, needed)
    declared = declarations.command(before.command)
    ends = [event.name for event in (declared.results or () if declared else ())]
    if _only_observed(declarations, executions, index):
        why = f"{step.event.name} is no command's result: it starts executions, and never continues one"
        advice = "take dependsOn out and tell by the criteria which events are meant, or wait for " + (
            listed(ends) or f"a result of {there}"
        )
    elif before.command.pack_name != step.event.pack_name:
        why, advice = _other_pack(step, before, there, ends)
    else:
        why = (
            f"{before.command.name} of {there}, on which it depends, ends in {listed(ends)}, "
            f"never in {step.event.name}"
        )
        later = executions.later(index)
        producers = [executions.steps[other].id for other in executions.feeders(index) if other not in later]
        advice = _right_event(step.event.name, ends, list(filter(None, producers)))
    return subject.finding(
        DEPENDENCY_NEVER_HAPPENS, f"{here} never runs: {why}", advice, _entry(executions, index, needed)
    )


def _other_pack(step: Step, before: Step, there: str, ends: list[str]) -> tuple[str, str]:
    wanted, pack = step.event, before.command.pack_name
    why = (
        f"it waits for {wanted.name} of the pack {wanted.pack_name}, but {there}, on which it depends, runs "
        f"a command of the pack {pack}"
    )
    if wanted.name in (*ends, FATAL_EVENT):
        return why, f"write packName: {pack} in the step's event"
    return why, f"wait for an event of {pack}" + (f": {listed(ends)}" if ends else "")


def _right_event(wanted: str, ends: list[str], producers: list[str]) -> str:
    if guess := near(wanted, ends):
        return f"did you mean {guess!r}?"
    if producers:
        return f"depend on {listed(map(repr, producers))}, which ends in {wanted}"
    return f"wait for {listed(ends)}, or depend on a step whose command ends in {wanted}"


def _only_observed(declarations: Declarations, executions: Executions, index: int) -> bool:
    """Say whether a step's event is one that no command of its pack ends in."""
    wanted = executions.steps[index].event
    pack = declarations.packs.get(wanted.pack_name)
    return (
        pack is not None
        and pack.is_observed(wanted.name)
        and pack.tells_results
        and not any(command.result(wanted.name) for command in pack.commands.values())
        and not executions.feeders(index)
    )


def _entry(executions: Executions, index: int, needed: int) -> tuple[str | int, ...]:
    """Return the place in ``dependsOn`` that names a step."""
    position = executions.steps[index].depends_on.index(executions.steps[needed].id)
    return ("steps", index, "dependsOn", position)
