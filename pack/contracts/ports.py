"""The ports: what the middle of the program asks of an engine, of Slack and of a store.

Adapters fill them (:mod:`pack.engine`, :mod:`pack.slack`, :mod:`pack.state`); everything above talks to these
Protocols only.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

Json = Any
"""A JSON value as :func:`json.loads` returns it."""


# --- engine ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnreadableInput:
    """Stands for the input of an action that cannot be read, so that the action can still be ended."""

    reason: str
    """Why, as words that can follow “input: ”."""

    def __str__(self) -> str:
        """Return what to show in its place."""
        return f"(not shown: {self.reason})"


@dataclass(frozen=True, slots=True)
class Action:
    """One command, taken from the engine to be carried out once."""

    id: str
    """The engine's id of the action: stable, whoever asks and however often."""
    command: str
    input: Json
    """A JSON value, or :class:`UnreadableInput`."""
    reply: str
    """Where the result goes; only the adapter that made it reads it (Flyte: the result URL)."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell the engine: the result of an action, or something that happened in Slack."""

    name: str
    payload: Json


class ActionState(Enum):
    """What the engine's records say of an action."""

    PENDING = "pending"
    FINISHED = "finished"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command as it is registered: its name, the events it may end in, and where its help is."""

    name: str
    events: tuple[str, ...]
    help_url: str


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An observed event as it is registered. Events of commands are listed here too, as Flyte's packs do."""

    name: str
    help_url: str


@dataclass(frozen=True, slots=True)
class PackSpec:
    """What a pack registers."""

    name: str
    labels: Mapping[str, str]
    commands: tuple[CommandSpec, ...]
    events: tuple[EventSpec, ...]
    help_url: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that was taken and has no result."""

    action: Action
    age_seconds: float
    """How long ago it was taken, by the engine's clock; infinity when its records do not tell, or name a time
    in the future."""


class Engine(Protocol):
    """A flow engine. Each method is ONE attempt; who calls decides about repeating it.

    All raise ``EngineUnavailable`` when there is no answer or a 5xx, ``CredentialsRefused`` on 401 and 403,
    and ``EngineRefused`` on any other 4xx.
    """

    async def register(self) -> None:
        """Make the pack known, or known again."""
        ...

    async def take(self, command: str = "") -> Action | None:
        """Take the oldest action, or None when there is nothing to do.

        ``command``: only one of that command. ``may_have_acted`` of an EngineUnavailable tells whether an
        action may have been handed out that did not arrive.

        Raises:
            EngineForgot: the engine does not know this pack.
        """
        ...

    async def complete(self, action: Action, result: Event) -> None:
        """Report the action's result; returns when the engine accepted it.

        Raises:
            EngineForgot: the engine does not know the pack or the action.
            AnswerLost: the request was sent and the connection broke or timed out before an answer.
        """
        ...

    async def emit(self, event: Event) -> None:
        """Report an event; returns when the engine accepted it.

        Raises:
            EngineForgot: the engine does not know this pack.
        """
        ...

    async def state_of(self, action: Action) -> ActionState:
        """Ask the engine's records what became of an action.

        UNKNOWN: the records can be read and do not have it. When they cannot be read it raises as above.
        """
        ...

    async def pending(self, within_seconds: float = math.inf) -> Sequence[Pending]:
        """List the actions of this pack that were taken and have no result, oldest first.

        Those that were taken longer ago than ``within_seconds`` may be left out.

        Another living pack of the same name, whose labels contain the action's, may be working on them.
        """
        ...


# --- Slack ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the pack is in Slack (``auth.test``)."""

    team_id: str
    team: str
    user_id: str
    bot_id: str | None
    scopes: frozenset[str] = frozenset()
    """The scopes granted to the token, from the ``x-oauth-scopes`` header; empty when Slack did not say."""


class Slack(Protocol):
    """Slack's Web API. Each call is ONE attempt."""

    async def call(self, method: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Call one method and return its answer, which has ``ok: true``.

        Raises:
            SlackRefused: Slack said ``ok: false``; the message explains the code and what to do.
            CredentialsRefused: the token is not accepted (any more).
            SlackRateLimited: 429; ``retry_after_seconds`` is set.
            SlackUnavailable: not carried out: no connection.
            AnswerLost: sent, but no answer, or a 5xx: it may have been carried out.
        """
        ...

    def date(self) -> float:
        """Return Slack's time, as its last answer's ``Date`` tells: seconds since 1970."""
        ...


class PayloadKind(Enum):
    """The kinds of payload that Slack delivers, by its own names."""

    EVENTS_API = "events_api"
    SLASH_COMMANDS = "slash_commands"
    INTERACTIVE = "interactive"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One payload from Slack, from whichever receiver."""

    kind: PayloadKind
    payload: dict[str, Json]
    retry_attempt: int = 0
    retry_reason: str = ""


Accept = Callable[[Inbound], Awaitable[bool]]
"""Hand a payload over. True: it is kept (or was already): acknowledge. False: no room: do not acknowledge."""


class Receiver(Protocol):
    """A way by which Slack's payloads come in (Socket Mode, or signed HTTP requests)."""

    async def run(self) -> None:
        """Receive until cancelled; outages are waited for."""
        ...

    def status(self) -> Check:
        """Say how it is doing, for the health page."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the health page."""

    healthy: bool
    """False: only a restart can cure it."""
    ready: bool
    """False: it is not working at the moment."""
    status: str
    """A sentence for the operator."""


# --- the backup ------------------------------------------------------------------------------------------


class WantedChannels(Protocol):
    """Where the list of wanted channels survives a restart."""

    problem: str
    """Why the list is not on disk at the moment; empty when it is."""

    def load(self) -> list[str]:
        """Return the channel IDs, in the order in which they were added."""
        ...

    def save(self, channel_ids: Sequence[str]) -> None:
        """Replace the list; when it returns, the list is on disk."""
        ...
