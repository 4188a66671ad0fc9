"""What every Web API method of the simulator works with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.interaction.interactions import Interactions
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import Grant
from pack.sandbox.slack.world.objects import App, Channel, Kind
from pack.sandbox.slack.world.pictures import can_show
from pack.sandbox.slack.world.workspace import Workspace
from pack.sandbox.slack.world.world import World

Json = Any
Arguments = dict[str, Json]
"""Arguments after the checks of :mod:`pack.sandbox.slack.calls.arguments`."""


@dataclass(frozen=True, slots=True)
class Api:
    """What a method may use: what there is, and the token by which it was called."""

    world: World
    grant: Grant
    interactions: Interactions
    offer_socket: Callable[[str], dict[str, Json]]
    """Return ``apps.connections.open``'s answer to a caller who knows the server by that ``host:port``."""
    host: str = ""
    """The ``host:port`` by which the caller reached the server."""

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self.world.workspace

    @property
    def app(self) -> App:
        """The app that calls."""
        return self.world.app

    @property
    def scopes(self) -> frozenset[str]:
        """The token's scopes."""
        return self.grant.scopes

    @property
    def user_id(self) -> str:
        """Who acts: the bot's user ID, or that of the person whose token it is."""
        return self.grant.user_id

    def require(self, *scopes: str) -> None:
        """Refuse the call unless the token has all of these scopes.

        Raises:
            Refusal: ``missing_scope`` with ``needed`` and ``provided``.
        """
        lacking = [scope for scope in scopes if scope not in self.scopes]
        if lacking:
            raise missing_scope(lacking, self.scopes)

    def require_managing(self, kind: Kind, special: str = "") -> None:
        """Refuse unless the token may manage conversations of this kind.

        ``special``: the narrower right that is enough, ``topic`` or ``invites``.

        Raises:
            Refusal: ``missing_scope``: ``channels:manage`` (a person's token: ``channels:write``),
                ``groups:write``, ``im:write`` or ``mpim:write``.
        """
        whole = kind.scope("write")
        accepted = ["channels:manage", whole] if kind is Kind.PUBLIC else [whole]
        if special:
            accepted.append(f"{whole}.{special}")
        if not self.scopes.intersection(accepted):
            raise missing_scope(accepted[:1], self.scopes)

    def visible(self, channel_id: str) -> Channel:
        """Return a conversation by its ID, as far as the caller may know of it.

        Raises:
            Refusal: ``channel_not_found``, also for a private channel that the caller is not in, and for
                any that a guest is not in.
        """
        channel = self.workspace.channels.get(str(channel_id))
        if channel is None or not self.workspace.sees(self.user_id, channel):
            raise Refusal("channel_not_found")
        return channel

    def is_member(self, channel: Channel) -> bool:
        """Say whether the caller is a member."""
        return self.user_id in channel.members

    def shows_file(self, slack_file: Mapping[str, Json]) -> bool:
        """Say whether the caller's blocks may show an uploaded file."""
        return can_show(self.world.files, slack_file, self.user_id)

    def visible_channels(self, kinds: Iterable[Kind]) -> list[Channel]:
        """Return the conversations of these kinds that the caller may know of, in a stable order."""
        wanted = set(kinds)
        return [
            channel
            for channel in self.workspace.channels.values()
            if channel.kind in wanted and self.workspace.sees(self.user_id, channel)
        ]


Method = Callable[[Api, Arguments], dict[str, Json]]
"""Carries out one Web API method: returns its answer (``ok`` is added) or raises ``Refusal``."""


def missing_scope(needed: Iterable[str], provided: Iterable[str]) -> Refusal:
    """Return the refusal of a token that lacks a scope."""
    return Refusal("missing_scope", needed=",".join(needed), provided=",".join(sorted(provided)))


def read_kinds(arguments: Arguments) -> list[Kind]:
    """Return the kinds of conversation that the argument ``types`` asks for; default: public channels.

    Raises:
        Refusal: ``invalid_types``.
    """
    named: Mapping[str, Kind] = {kind.listed_as: kind for kind in Kind}
    asked = [part.strip() for part in str(arguments.get("types") or "public_channel").split(",")]
    if any(part not in named for part in asked):
        raise Refusal("invalid_types")
    return [named[part] for part in dict.fromkeys(asked)]
