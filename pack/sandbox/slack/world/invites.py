"""Invites of Slack Connect: who invites whom, from which workspace, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pack.sandbox.slack.world.objects import Channel, User, team_icon

Json = Any

LIFETIME = 14 * 24 * 3_600
"""How long an invite can be accepted, in seconds."""
_SHARED = frozenset({"team", "avatar_hash", "email"})


class Status(Enum):
    """What became of an invite, or of a request for one."""

    SENT = "sent"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class OtherTeam:
    """Another workspace."""

    id: str
    name: str
    domain: str
    created: int

    def as_json(self) -> dict[str, Json]:
        """Return the team as invites carry it."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": team_icon(),
            "avatar_base_url": "https://ca.slack-edge.com/",
            "is_verified": False,
            "domain": self.domain,
            "date_created": self.created,
            "requires_sponsorship": False,
        }


@dataclass(slots=True)
class Invite:
    """An invite to share a channel, or a member's request for one (``asked``)."""

    id: str
    team: OtherTeam
    """Who invites."""
    user: dict[str, Json]
    """Who invites, as invites carry it."""
    recipient: str
    """An address, or the ID of a user."""
    channel_name: str
    created: int
    updated: int
    channel: str
    """The channel's ID, in every workspace that has it."""
    external_limited: bool = True
    incoming: bool = False
    asked: bool = False
    status: Status = Status.SENT
    accepted_by: dict[str, OtherTeam] = field(default_factory=dict)

    @property
    def expires(self) -> int:
        """When it ends, in seconds since 1970."""
        return self.created + LIFETIME

    def as_json(self) -> dict[str, Json]:
        """Return the invite as events and lists carry it."""
        to = "recipient_email" if "@" in self.recipient else "recipient_user_id"
        return {
            "id": self.id,
            "date_created": self.created,
            "date_invalid": self.expires,
            "inviting_team": self.team.as_json(),
            "inviting_user": self.user,
            to: self.recipient,
            "is_sponsored": False,
            "is_external_limited": self.external_limited,
        }


def describe_channel(invite: Invite, channel: Channel | None) -> dict[str, Json]:
    """Return an invite's channel as events and lists carry it."""
    private = channel is not None and channel.private
    name = invite.channel_name if channel is None else channel.name
    return {"id": invite.channel, "is_private": private, "is_im": False, "name": name}


def describe_user(user: User) -> dict[str, Json]:
    """Return a user as events and invites carry it."""
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "updated": user.updated,
        "who_can_share_contact_card": "EVERYONE",
        "profile": {name: part for name, part in user.profile_as_json().items() if _is_shared(name)},
    }


def describe_actor(user: User) -> dict[str, Json]:
    """Return who asked that somebody be invited, as the event carries it."""
    return {
        "id": user.id,
        "name": user.name,
        "is_bot": user.is_bot,
        "team_id": user.team_id,
        "timezone": user.tz,
        "real_name": user.real_name,
        "display_name": user.display_name,
    }


def describe_stranger(team: OtherTeam) -> dict[str, Json]:
    """Return somebody of another workspace as events and invites carry it."""
    user = User(id=f"U{team.id[1:]}", name=f"someone.{team.domain}", team_id=team.id, updated=team.created)
    user.real_name = user.display_name = f"Someone of {team.name}"
    user.email = f"someone@{team.domain}.example.com"
    return describe_user(user)


def _is_shared(name: str) -> bool:
    """Say whether other workspaces see a part of a profile: names, address, picture."""
    return name.startswith(("real_name", "display_name", "image_")) or name in _SHARED
