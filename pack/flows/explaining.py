"""What a step makes of an event, and why: as :mod:`.stepping` does it, with every rendering explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pack.clock import Clock
from pack.flowlang import Deadline, Explainer, Explanation, FlowLangError
from pack.flows.model import Event, Step
from pack.flows.stepping import Functions, Made, Stage, take_step_by, waits_for

Json = Any


class Outcome(Enum):
    """What becomes of a step when an event comes."""

    NOT_WAITED_FOR = "not waited for"
    """The step waits for another event, or for one of another pack."""
    LABELS_DIFFER = "labels differ"
    """The pack that sent the event has not the labels that the step asks for."""
    NOT_MET = "criteria not met"
    FAILED = "failed"
    """A template failed, or the criteria is no boolean: the real server skips the step and says nothing."""
    TAKEN = "taken"
    """The step makes an action for its command."""


@dataclass(frozen=True, slots=True)
class StepExplanation:
    """How a step came to its outcome.

    ``stages``: the explanations of each stage that was reached, in order; empty for a stage that has no
    templates. ``stopped_at``: the stage at which it ended (None when it was taken, or not waited for).
    ``why``: that in a sentence, with the data. ``made``: what the step made, when it was taken.
    ``error``: when it failed.
    """

    step: Step
    outcome: Outcome
    why: str
    stages: Mapping[Stage, tuple[Explanation, ...]]
    stopped_at: Stage | None = None
    made: Made | None = None
    error: FlowLangError | None = None

    def results(self, stage: Stage) -> dict[str, str]:
        """Return what the texts of a stage rendered to, by name; those that failed are not in it."""
        return {
            str(explanation.path[0]): explanation.result
            for explanation in self.stages.get(stage, ())
            if explanation.path and explanation.result is not None
        }

    @property
    def data(self) -> tuple[str, ...]:
        """The values around what failed, one sentence each: ``Event.Payload.n is 3.000000 (a number)``."""
        found = []
        for explanation in self.stages.get(self.stopped_at, ()) if self.stopped_at else ():
            failure = explanation.failure
            if failure is None:
                continue
            gaps = [lookup.gap for lookup in explanation.lookups if lookup.failed and lookup.gap]
            pairs = [(gap.owner, gap.value) for gap in gaps if gap.value is not None]
            for name, value in pairs or [(failure.written, value) for value in failure.given]:
                verb = "is" if pairs else "was given"
                found.append(f"{name} {verb} {value.text} (a {value.kind})")
        return tuple(found)

    @property
    def criteria(self) -> Explanation | None:
        """How the criteria was decided; None when it was not asked."""
        return next(iter(self.stages.get(Stage.CRITERIA, ())), None)


def explain_step(
    step: Step,
    event: Event,
    parent_context: Mapping[str, str],
    functions: Functions,
    clock: Clock,
    *,
    deadline: Deadline | None = None,
) -> StepExplanation:
    """Return what a step makes of an event and why; what it depends on is taken as done.

    Arguments as :func:`~pack.flows.stepping.take_step` takes them.
    """
    if not waits_for(step, event):
        return StepExplanation(step, Outcome.NOT_WAITED_FOR, _other_event(step, event), {})
    shared = deadline or Deadline(clock)
    explainers: dict[Stage, Explainer] = {}

    def explainer(stage: Stage, names: Mapping[str, object]) -> Explainer:
        explainers[stage] = Explainer(names, functions, clock=clock, deadline=shared)
        return explainers[stage]

    made, failure = None, None
    try:
        made = take_step_by(explainer, step, event, parent_context)
    except FlowLangError as error:
        failure = error
    stages = {stage: tuple(explainer.explanations) for stage, explainer in explainers.items()}
    if made is not None:
        why = f"{step.command.pack_name} gets {step.command.name}"
        return StepExplanation(step, Outcome.TAKEN, why, stages, made=made)
    last = list(explainers)[-1]
    if failure is not None:
        why = f"the {last.value} cannot be rendered: {failure.message}"
        return StepExplanation(step, Outcome.FAILED, why, stages, stopped_at=last, error=failure)
    if last is Stage.EVENT_LABELS:
        return StepExplanation(
            step, Outcome.LABELS_DIFFER, _other_labels(event, stages[last]), stages, stopped_at=last
        )
    return StepExplanation(step, Outcome.NOT_MET, "the criteria is false", stages, stopped_at=last)


def _other_event(step: Step, event: Event) -> str:
    wanted = step.event
    if wanted.name != event.name:
        return f"it waits for {wanted.name!r} of {wanted.pack_name!r}, and this is {event.name!r}"
    return f"it waits for {wanted.name!r} of {wanted.pack_name!r}, and this one is of {event.sender.name!r}"


def _other_labels(event: Event, explanations: tuple[Explanation, ...]) -> str:
    differing = []
    for explanation in explanations:
        name, wanted = str(explanation.path[0]), explanation.result
        there = event.sender.labels.get(name)
        if there != wanted:
            has = "has none" if there is None else f"has {there!r}"
            differing.append(f"{name} has to be {wanted!r}, and {event.sender.name} {has}")
    return "the labels of the event's pack differ: " + "; ".join(differing)
