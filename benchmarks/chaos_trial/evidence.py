"""What can be seen from outside the pack: actions, messages, what people did, what the engine was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Command:
    """One action as the engine's audit has it in the end."""

    id: str
    name: str
    token: str
    """What its messages can be told by."""
    channel: str
    """The ID of the one channel that it concerns; empty: none, or several."""
    state: str
    result: str = ""
    """The name of the event that it ended in; empty: it has none."""
    payload: Json = None
    results: int = 0
    """How many results the engine accepted for it."""
    taken: int | None = None
    """Its place in the order in which actions were taken; None: it was not, or nobody knows."""
    orderly: bool = True
    """Whether the pack certainly got it when it was taken, and so can keep its place in the order."""

    @property
    def failed(self) -> bool:
        """Whether its result says that it was not carried out."""
        return self.result.endswith(("Failed", "Failure", "FATAL"))

    @property
    def error_code(self) -> str:
        """The ``errorCode`` of its result."""
        code = self.payload.get("errorCode") if isinstance(self.payload, dict) else None
        return code if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the pack in Slack."""

    channel: str
    ts: str
    token: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a person did in Slack, which the engine is to be told."""

    key: str
    """What it can be told by."""
    kind: str
    """``message`` or ``reaction``."""
    channel: str
    at: float
    """When it happened, by the trial's monotonic clock."""
    acknowledged: float | None = None
    """When Slack was seen to have the pack's acknowledgement, by the same clock; None: never."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that the engine was told, in the order of the list that it stands in."""

    key: str
    channel: str
    redelivered: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """What the pack promises under the circumstances of a trial."""

    acknowledged_kept: bool = True
    """Nothing is lost that was acknowledged, and it is told in order."""
    missed_recovered: bool = True
    """No message of a person is lost, acknowledged or not."""
    not_doubled: bool = True
    """No message of the pack is there twice."""
    commands_in_order: bool = True
    """Messages for one channel stand in the order in which the actions were taken."""
    events_once: bool = True
    """No event is told twice without a mark."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was seen in one trial."""

    promise: Promise = field(default_factory=Promise)
    commands: Sequence[Command] = ()
    posted: Sequence[Posted] = ()
    happenings: Sequence[Happening] = ()
    told: Sequence[Told] = ()
    mishaps: Sequence[str] = ()
    """What went wrong with the process itself: it ended when nobody ended it, or would not end."""
