"""What the engine keeps: packs, flows, and the executions that events started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

Json = Any

FATAL_EVENT = "FATAL"
"""The event by which a pack says that it could not handle an action."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a pack declared it."""

    href: str
    rel: str


@dataclass(frozen=True, slots=True)
class CommandDeclaration:
    """A command that a pack offers; ``events`` is None when it did not say."""

    name: str
    events: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class EventDeclaration:
    """An event that a pack declared."""

    name: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """The pack that an event came from."""

    id: str
    name: str
    labels: Labels


@dataclass(slots=True)
class Pack:
    """A registered pack; ``last_seen`` moves with each of its requests."""

    name: str
    labels: Labels
    commands: tuple[CommandDeclaration, ...]
    events: tuple[EventDeclaration, ...]
    links: tuple[Link, ...]
    last_seen: datetime

    @property
    def id(self) -> str:
        """The name, then ``.key.value`` for each label, keys sorted."""
        return self.name + "".join(f".{key}.{self.labels[key]}" for key in sorted(self.labels))

    @property
    def sender(self) -> Sender:
        """What its events carry of it."""
        return Sender(self.id, self.name, self.labels)


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


class ActionState(Enum):
    """How far an action got. PENDING is taken and not reported; it stays so for ever."""

    NEW = "NEW"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FATAL = "FATAL"


@dataclass(frozen=True, slots=True)
class StateChange:
    """A state and when it was reached; ``order`` tells changes of the same moment apart."""

    state: ActionState
    time: datetime
    order: int


@dataclass(slots=True, eq=False)
class Action:
    """One command to be run once."""

    id: str
    execution: Execution
    step_id: str
    name: str
    pack_name: str
    pack_labels: Labels
    input: Json
    context: Mapping[str, str]
    trigger: Event
    changes: list[StateChange] = field(default_factory=list)
    result: Event | None = None

    @property
    def state(self) -> ActionState:
        """The state that it is in."""
        return self.changes[-1].state

    @property
    def is_finished(self) -> bool:
        """Whether its result is known."""
        return self.result is not None

    def fits(self, pack: Pack) -> bool:
        """Say whether a pack may handle it: same name, and it has all labels that are asked for."""
        return self.pack_name == pack.name and has_labels(pack.labels, self.pack_labels)


@dataclass(slots=True, eq=False)
class Execution:
    """One run of one version of a flow.

    ``actions``: by step id, the newest of each; steps without an id share the empty one. ``open_actions``:
    how many have no result yet, or one that was not dealt with.
    """

    correlation_id: str
    flow: Flow
    actions: dict[str, Action] = field(default_factory=dict)
    every_action: list[Action] = field(default_factory=list)
    open_actions: int = 0


def has_labels(labels: Labels, wanted: Labels) -> bool:
    """Say whether all wanted labels are there with their values."""
    return all(labels.get(key) == value for key, value in wanted.items())
