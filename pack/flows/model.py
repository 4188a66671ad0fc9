"""A flow as it is understood: steps, each of which makes a command of an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any

FATAL_EVENT = "FATAL"
"""The event by which a pack says that it could not handle an action."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sender:
    """The pack that an event came from."""

    id: str
    name: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a pack reported: an observation, or the result of an action."""

    name: str
    sender: Sender
    payload: Json
    created_at: datetime
    received_at: datetime

    @property
    def is_fatal(self) -> bool:
        """Whether it says that an action could not be handled."""
        return self.name == FATAL_EVENT


@dataclass(frozen=True, slots=True)
class EventMatch:
    """Which events a step waits for."""

    name: str
    pack_name: str
    pack_labels: Labels


@dataclass(frozen=True, slots=True)
class Command:
    """What a step does: every text in ``input`` and ``pack_labels`` is a template."""

    name: str
    pack_name: str
    pack_labels: Labels
    input: Json


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow; ``id`` and ``criteria`` are empty when it has none."""

    id: str
    depends_on: tuple[str, ...]
    event: EventMatch
    context: Mapping[str, str]
    criteria: str
    command: Command


@dataclass(frozen=True, slots=True)
class Flow:
    """One version of a flow; ``uuid`` tells it from the other versions of the same name."""

    uuid: str
    name: str
    description: str
    steps: tuple[Step, ...]


def has_labels(labels: Labels, wanted: Labels) -> bool:
    """Say whether all wanted labels are there with their values."""
    return all(labels.get(key) == value for key, value in wanted.items())
