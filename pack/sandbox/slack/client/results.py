"""What the sandbox answers.

People, channels, files, views and messages are Slack's own objects, as dictionaries; the rest has a type
here. Fields that a newer sandbox adds are ignored.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Json = Any
Object = dict[str, Any]
"""An object as Slack has it, such as a user, a channel or a view."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a person wrote."""

    channel: str
    """The channel's ID."""
    ts: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that a person uploaded; ``channel`` and ``ts`` of the message that shares it, if one does."""

    file: Object
    channel: str | None = None
    ts: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something that a person did with the app."""

    accepted: bool
    """Whether the app acknowledged in time, with an answer that Slack takes."""
    reason: str = ""
    """Why not: ``operation_timeout``, ``dispatch_failed``, ``http_client_error``, ``http_service_error``;
    ``invalid_response``; ``errors``: the app refused the form; ``invalid_input``: Slack itself did."""
    message: str = ""
    """What the person reads of it."""
    errors: dict[str, str] = field(default_factory=dict)
    """What a form was refused for, by block_id."""
    sent: bool = True
    """Whether the app was told at all."""
    answer: Json = None
    """What the app answered."""
    shown: list[Object] = field(default_factory=list)
    """What came before the person since, oldest first; each with ``kind`` (``ephemeral``, ``message``,
    ``message_changed``, ``message_deleted``, ``view``, ``home``, ``errors``, ``error``)."""
    view: Object | None = None
    """The person's topmost modal now."""
    options: list[Object] = field(default_factory=list)
    """The options that the app gave a menu."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the app."""

    token: str
    kind: str
    """``bot``, ``user`` or ``app``."""
    user: str | None
    """Who acts with it, by ID; None: nobody."""
    scopes: list[str]
    refusal: str | None = None
    """The code that it is refused with; None: it holds, as far as its time is not over."""


@dataclass(frozen=True, slots=True)
class SocketMode:
    """Whether Socket Mode is on, and how long a connection lasts that is opened from now on."""

    enabled: bool
    connection_seconds: float


@dataclass(frozen=True, slots=True)
class Direct:
    """A direct message: its channel's ID, and whether it was open already."""

    channel: str
    already_open: bool


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace's name and subdomain."""

    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class ConnectInvite:
    """An invite to share a channel, and the other workspace's ID."""

    invite_id: str
    team_id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is in force or was lately, and how often it struck."""

    id: str
    fault: str
    method: str
    """The method, event or request that it befalls; ``*``: any."""
    match: dict[str, Json]
    probability: float
    details: Object
    hits: int
    times_left: int | None
    seconds_left: float | None
    active: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The rate limits: whether they hold, their figures, and per method what was asked for and refused."""

    on: bool
    tiers: dict[str, Object]
    own: dict[str, Object]
    posting: dict[str, Object]
    methods: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How events get to the app, and what became of them."""

    subscriptions: Object
    request_urls: Object
    socket_mode: Object


@dataclass(frozen=True, slots=True)
class Screen:
    """What one person has before them."""

    user: str
    name: str
    views: list[Object]
    """The open modals, topmost last."""
    home: Object | None
    """The home tab's view; None: the app published none."""
    ephemerals: list[Object]


@dataclass(frozen=True, slots=True)
class State:
    """The whole workspace."""

    bot_user_id: str
    users: list[Object]
    channels: list[Object]
    """Each as Slack has it, and ``kind``, ``members`` and the latest 50 ``messages``."""
    open_sockets: int
    events_url: str | None
    unacknowledged: int
    """How many payloads the app has not acknowledged."""

    def channel(self, named: str) -> Object:
        """Return a channel by its ID, name or #name.

        Raises:
            LookupError: there is none.
        """
        return _find(self.channels, named.removeprefix("#"), "channel")

    def user(self, named: str) -> Object:
        """Return a person by ID or name.

        Raises:
            LookupError: there is none.
        """
        return _find(self.users, named.removeprefix("@"), "user")

    def messages(self, channel: str) -> list[Object]:
        """Return a channel's latest messages, oldest first.

        Raises:
            LookupError: there is no such channel.
        """
        found: list[Object] = self.channel(channel)["messages"]
        return found


R = TypeVar("R")


def made(kind: type[R], answer: Mapping[str, Json]) -> R:
    """Return an answer as a result of this type, without the fields that it does not know."""
    known = {one.name for one in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in answer.items() if name in known})


def _find(objects: list[Object], named: str, kind: str) -> Object:
    for one in objects:
        if named in (one["id"], one.get("name")):
            return one
    there = ", ".join(str(one.get("name") or one["id"]) for one in objects)
    raise LookupError(f"there is no {kind} {named}; there are {there}")
