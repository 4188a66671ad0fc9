"""What the engine keeps of packs, and the executions of flows that events started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from pack.flows.model import Event, Flow, Labels, Sender, has_labels

Json = Any


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


class ActionState(Enum):
    """How far an action got. PENDING is taken and not reported; it stays so for ever."""

    NEW = "NEW"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FATAL = "FATAL"


@dataclass(frozen=True, slots=True)
class StateChange:
    """A state and when it was reached."""

    state: ActionState
    time: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """An action as it is handed to a pack; ``time``: when that was."""

    id: str
    name: str
    input: Json
    time: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an action got, and who may handle it."""

    number: int
    id: str
    name: str
    pack_name: str
    pack_labels: Labels
    state: ActionState

    @property
    def is_finished(self) -> bool:
        """Whether its result is known."""
        return self.state in (ActionState.SUCCESS, ActionState.FATAL)

    def fits(self, pack: Pack) -> bool:
        """Say whether a pack may handle it: same name, and it has all labels that are asked for."""
        return self.pack_name == pack.name and has_labels(pack.labels, self.pack_labels)


@dataclass(frozen=True, slots=True)
class Action:
    """One command to be run once, with all that happened to it; ``changes``: oldest first, never empty."""

    id: str
    step_id: str
    name: str
    pack_name: str
    pack_labels: Labels
    input: Json
    context: Mapping[str, str]
    trigger: Event
    changes: Sequence[StateChange]
    result: Event | None


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of one version of a flow; ``actions``: the newest of each step, oldest first.

    Steps without an id share the empty one.
    """

    correlation_id: str
    flow: Flow
    actions: Mapping[str, Action]
