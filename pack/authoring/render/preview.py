"""What the steps of a flow would do with an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pack.authoring.render.inputs import FlowFile, GivenEvent
from pack.clock import Clock
from pack.flowlang import Explanation
from pack.flows.document import Position
from pack.flows.explaining import Outcome, StepExplanation, explain_step
from pack.flows.model import Event, Sender, Step
from pack.flows.stepping import Functions, Stage

Json = Any
Path = tuple[str | int, ...]

_PATHS: Mapping[Stage, Path] = {
    Stage.CONTEXT: ("context",),
    Stage.EVENT_LABELS: ("event", "packLabels"),
    Stage.CRITERIA: ("criteria",),
    Stage.COMMAND_LABELS: ("command", "packLabels"),
    Stage.INPUT: ("command", "input"),
}


@dataclass(frozen=True, slots=True)
class StepPreview:
    """What one step would do with the event, which is shown as the step met it.

    ``number`` counts from 1. ``assumed`` says what of the event was not given and taken as the step wants it.
    """

    number: int
    event: Event
    assumed: tuple[str, ...]
    explanation: StepExplanation

    @property
    def step(self) -> Step:
        """The step."""
        return self.explanation.step

    @property
    def name(self) -> str:
        """What the step is called: its id, or its number."""
        return self.step.id or f"{self.number} (without id)"

    @property
    def starts_the_flow(self) -> bool:
        """Whether an event that fits starts an execution with it."""
        return not self.step.depends_on

    @property
    def is_for_it(self) -> bool:
        """Whether the event is one that the step waits for."""
        return self.explanation.outcome is not Outcome.NOT_WAITED_FOR

    @property
    def failed(self) -> bool:
        """Whether it fails to render."""
        return self.explanation.outcome is Outcome.FAILED

    def where(self, file: FlowFile, stage: Stage, explanation: Explanation) -> Position | None:
        """Return where in the flow's file a failed template's mistake is; None when nothing failed."""
        if explanation.failure is None:
            return None
        error = explanation.failure.error
        path = ("steps", self.number - 1, *_PATHS[stage], *explanation.path)
        return file.document.inside(path, error.line, error.column)


def path_of(stage: Stage, explanation: Explanation) -> str:
    """Return how a template of a step is named: ``command.input.message``."""
    return ".".join(str(part) for part in (*_PATHS[stage], *explanation.path))


def preview(
    file: FlowFile, given: GivenEvent, context: Mapping[str, str], functions: Functions, clock: Clock
) -> Iterator[StepPreview]:
    """Yield what each step would do, in the order of the flow."""
    now = clock.now()
    for number, step in enumerate(file.flow.steps, start=1):
        event = _event_for(step, given, now)
        explanation = explain_step(step, event, context, functions, clock)
        if explanation.outcome is Outcome.LABELS_DIFFER and given.labels is None:
            event = _with_labels(event, explanation.results(Stage.EVENT_LABELS))
            explanation = explain_step(step, event, context, functions, clock)
        yield StepPreview(number, event, tuple(_assumed(given, event)), explanation)


def _event_for(step: Step, given: GivenEvent, now: datetime) -> Event:
    time = given.created_at or now
    sender = Sender("", given.pack_name or step.event.pack_name, given.labels or {})
    name = step.event.name if given.name is None else given.name
    return Event(name, sender, given.payload, created_at=time, received_at=time)


def _with_labels(event: Event, labels: Mapping[str, str]) -> Event:
    sender = Sender("", event.sender.name, labels)
    return Event(event.name, sender, event.payload, event.created_at, event.received_at)


def _assumed(given: GivenEvent, event: Event) -> Iterator[str]:
    if given.name is None:
        yield f"event {event.name}"
    if given.pack_name is None:
        yield f"pack {event.sender.name}"
    if given.labels is None and event.sender.labels:
        labels = ", ".join(f"{name}={value}" for name, value in event.sender.labels.items())
        yield f"labels {labels}"
