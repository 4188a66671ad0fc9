"""The store: what has to be remembered so that every action ends once and every event is told once.

A durable store (:mod:`pack.state`) fills :class:`Store`. Its operations are atomic. Those that are awaited
are on disk when they return; those whose names begin with ``note_`` return at once and are on disk no later
than the next awaited one, in the order in which they were called. What cannot be written is kept in memory
and written later: nothing here raises for a full disk; ``problem`` says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from pack.contracts.ports import Action, Event, Json

# --- actions --------------------------------------------------------------------------------------------


class EffectState(Enum):
    """How far one step of an action got."""

    WAITING = "waiting"
    """It is known not to have been carried out so far."""
    SENDING = "sending"
    """It is, or was, under way: without an answer nobody knows whether it was carried out."""
    SENT = "sent"
    REFUSED = "refused"


@dataclass(slots=True)
class Effect:
    """One step of an action that changes something in Slack."""

    action_id: str
    step: str
    method: str
    state: EffectState = EffectState.SENDING
    attempts: int = 0
    """How often Slack was called for it."""
    sent_at: float = 0.0
    """When it was first sent, by Slack's date: seconds since 1970."""
    readable: bool = True
    """Whether the message carries what it can be found by in the channel's history."""
    answer: dict[str, Json] = field(default_factory=dict)
    """Slack's answer; with state SENT."""
    refusal: dict[str, Json] | None = None
    """The error as :func:`pack.errors.to_record` has it; with state REFUSED."""


class ActionStage(Enum):
    """How far an action got."""

    TAKEN = "taken"
    DONE = "done"
    """It has a result, which the engine may not have yet."""
    REPORTED = "reported"
    """The engine has the result."""
    ASIDE = "aside"
    """It has a result, and the engine will not have it."""


@dataclass(slots=True)
class Record:
    """What is remembered of one action."""

    action: Action
    order_key: str
    """The channels that it concerns, as the input names them, with spaces between; empty: none are known."""
    stage: ActionStage
    taken_at: float
    """When it was taken, by this machine's date: seconds since 1970."""
    suspect_since: float | None = None
    """Not None: each of its steps may have been carried out since then, by Slack's date, without being noted
    here; 0: since it was taken."""
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """By step."""
    result: Event | None = None
    failed: bool = False
    """Whether the result is a failure."""
    reason: str = ""
    """Why the engine will not have the result; with stage ASIDE."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An action that is to be carried out or reported, without its body."""

    id: str
    command: str
    order_key: str


# --- what came in ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that happened in Slack and is to be told to the engine."""

    keys: tuple[str, ...]
    """What copies of it have in common; one key that is known already makes it a copy."""
    lane: str
    """The order that it keeps: its channel."""
    event: Mapping[str, Json]
    """Slack's event."""
    thread: str = ""
    """The timestamp of the thread's first message when it was said in a thread."""
    recovered: bool = False
    """Whether it was read from the channel's history instead of delivered."""


@dataclass(frozen=True, slots=True)
class Untold:
    """An arrival that the engine does not have yet, for all that is known."""

    id: int
    arrival: Arrival
    telling: bool = False
    """Whether a process was about to tell the engine when it ended: the engine may have it."""


class Receipt(Enum):
    """What became of an arrival in the store."""

    KEPT = "kept"
    """It is on disk."""
    COPY = "copy"
    """It was known already, and what was known is on disk."""
    UNKEPT = "unkept"
    """It is no copy, and the store cannot be written: it is remembered only while the process lives."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to when everything said in a channel, or in one of its threads, is known to have been received."""

    channel: str
    since: float
    """By Slack's date, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class ActiveThread:
    """A thread in which something was said not long ago."""

    channel: str
    thread: str
    """The timestamp of its first message."""
    active_at: float
    """When something was last said in it, by Slack's date."""


class Store(Protocol):
    """What is remembered; see the module for what awaiting means."""

    @property
    def problem(self) -> str:
        """Why it cannot be written at the moment, as a sentence for the operator; empty when it can."""
        ...

    @property
    def survives(self) -> bool:
        """Whether another process can go on from what is remembered here."""
        ...

    @property
    def blind_until(self) -> float:
        """Until when, by this machine's date, an earlier process may have told what it could not note.

        0: it noted everything.
        """
        ...

    # actions

    async def begin(self, action: Action, order_key: str, *, suspect_since: float | None = None) -> bool:
        """Note an action before anything is done for it; False when it is known, whatever became of it."""
        ...

    async def load(self, action_id: str) -> Record | None:
        """Return what is remembered of an action; None when it is not known (any more)."""
        ...

    async def known(self, action_ids: Collection[str]) -> set[str]:
        """Return which of these actions are remembered, whatever became of them."""
        ...

    async def unfinished(self) -> Sequence[Waiting]:
        """List the actions that have no result, in the order in which they were taken."""
        ...

    async def unreported(self) -> Sequence[Waiting]:
        """List the actions whose result the engine does not have, in the order in which they ended."""
        ...

    async def save_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        ...

    def note_effect(self, effect: Effect) -> None:
        """Note a step's state, without waiting."""
        ...

    async def finish(self, action_id: str, result: Event, *, failed: bool) -> None:
        """Note an action's result, which is to be reported; a later one replaces it."""
        ...

    def note_reported(self, action_id: str) -> None:
        """Note that the engine has the result. The action is remembered for some days."""
        ...

    async def set_aside(self, action_id: str, reason: str) -> None:
        """Note that the engine will not have the result, and why, for a person to look at."""
        ...

    async def forget(self, action_id: str) -> None:
        """Forget an action that is reported or set aside, with its steps; another one keeps its record."""
        ...

    # what came in

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        """Note an arrival, unless one of its keys is known; check and insert are one step.

        Returns what became of it and its id. ``telling``: it will be told at once, see :meth:`save_telling`.
        """
        ...

    async def save_telling(self, arrival_id: int) -> None:
        """Note that the engine is about to be told."""
        ...

    def note_told(self, arrival_id: int) -> None:
        """Note that the engine has it, or never will: only its keys are remembered from now on."""
        ...

    async def untold(self) -> Sequence[Untold]:
        """List what the engine does not have, in the order in which it was received."""
        ...

    # watermarks

    async def watch(self, channel: str, since: float) -> None:
        """Begin a channel's watermark, unless it has one."""
        ...

    async def unwatch(self, channel: str) -> None:
        """Forget a channel's watermark and its threads."""
        ...

    def note_watermarks(self, channels: Collection[str], since: float) -> None:
        """Move the watermarks of these channels on; one that is later already stays."""
        ...

    async def watermarks(self) -> Sequence[Watermark]:
        """List the watermarks."""
        ...

    async def active_threads(self, since: float) -> Sequence[ActiveThread]:
        """List the threads in which something was said since then, the latest first."""
        ...
