"""What a step makes of an event: the order in which its templates are rendered, and what they see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pack.clock import Clock
from pack.flowlang import Deadline, Renderer
from pack.flows.model import Event, Step, has_labels

Json = Any

Functions = Mapping[str, Callable[..., object]]


class Stage(Enum):
    """What a step renders, in this order."""

    CONTEXT = "context"
    EVENT_LABELS = "event labels"
    CRITERIA = "criteria"
    COMMAND_LABELS = "command labels"
    INPUT = "input"


Renderers = Callable[[Stage, Mapping[str, object]], Renderer]
"""Gives what renders a stage, whose templates see the names of that scope."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a step made: the command's input and labels, and the context that later steps go on with."""

    context: Mapping[str, str]
    pack_labels: Mapping[str, str]
    input: Json


def waits_for(step: Step, event: Event) -> bool:
    """Say whether a step waits for an event of this name, from a pack of this name."""
    return (step.event.name, step.event.pack_name) == (event.name, event.sender.name)


def scope(event: Event, context: Mapping[str, str]) -> dict[str, object]:
    """Return the names that a template sees."""
    sender = event.sender
    return {
        "Event": {
            "Name": event.name,
            "Payload": event.payload,
            "Pack": {"Id": sender.id, "Name": sender.name, "Labels": sender.labels},
            "CreatedAt": event.created_at,
            "ReceivedAt": event.received_at,
        },
        "Context": context,
    }


def take_step(
    step: Step,
    event: Event,
    parent_context: Mapping[str, str],
    functions: Functions,
    clock: Clock,
    *,
    deadline: Deadline | None = None,
) -> Made | None:
    """Return what a step makes of an event, None when the labels or the criteria say no.

    ``parent_context``: that of the step whose result the event is. Context values see it, and not each
    other; the rest sees both. All templates share one deadline, which may be shared with more than this step.

    Raises:
        FlowLangError: a template fails, or the criteria is no boolean.
    """
    shared = deadline or Deadline(clock)

    def renderer(stage: Stage, names: Mapping[str, object]) -> Renderer:
        return Renderer(names, functions, clock=clock, deadline=shared)

    return take_step_by(renderer, step, event, parent_context)


def take_step_by(
    renderer: Renderers, step: Step, event: Event, parent_context: Mapping[str, str]
) -> Made | None:
    """Do what :func:`take_step` does, with renderers of the caller's choice.

    Raises:
        FlowLangError: a template fails, or the criteria is no boolean.
    """
    own = renderer(Stage.CONTEXT, scope(event, parent_context)).value(dict(step.context))
    context = {**parent_context, **own}
    names, command = scope(event, context), step.command
    wanted = renderer(Stage.EVENT_LABELS, names).value(dict(step.event.pack_labels))
    if not has_labels(event.sender.labels, wanted):
        return None
    if not renderer(Stage.CRITERIA, names).criterion(step.criteria):
        return None
    labels = renderer(Stage.COMMAND_LABELS, names).value(dict(command.pack_labels))
    return Made(context, labels, renderer(Stage.INPUT, names).value(command.input))
