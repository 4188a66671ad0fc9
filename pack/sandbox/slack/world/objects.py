"""Users and conversations of the simulated workspace, and how they look on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pack.sandbox.slack.world.timeline import Timeline

Json = Any


class Kind(Enum):
    """The kinds of conversation, by the ``channel_type`` that message events carry."""

    PUBLIC = "channel"
    PRIVATE = "group"
    DIRECT = "im"
    GROUP_DIRECT = "mpim"

    @property
    def listed_as(self) -> str:
        """The kind as ``conversations.list`` names it in ``types``."""
        names = {"channel": "public_channel", "group": "private_channel", "im": "im", "mpim": "mpim"}
        return names[self.value]

    def scope(self, right: str) -> str:
        """Return the scope for a right (``read``, ``history``) in this kind: ``channels:history``."""
        family = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}[self.value]
        return f"{family}:{right}"


@dataclass(frozen=True, slots=True)
class App:
    """The app whose tokens the simulator issues, installed in one workspace."""

    app_id: str
    bot_id: str
    bot_user_id: str
    name: str
    team_id: str
    team_name: str
    team_domain: str
    created: int
    """When it was installed, in seconds since 1970."""

    @property
    def team_url(self) -> str:
        """The workspace's address; permalinks begin with it."""
        return f"https://{self.team_domain}.slack.com/"

    def bot_profile(self) -> dict[str, Json]:
        """Return what messages of the bot say of their sender."""
        return {
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user_id,
            "name": self.name,
            "icons": {},
            "deleted": False,
            "updated": self.created,
            "team_id": self.team_id,
        }


@dataclass(slots=True)
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    team_id: str
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    is_bot: bool = False
    bot_id: str = ""
    app_id: str = ""
    deleted: bool = False
    tz: str = "Etc/UTC"
    updated: int = 0

    def as_json(self, *, email: bool = True, locale: bool = False) -> dict[str, Json]:
        """Return the user object of ``users.info``; the address only with ``users:read.email``."""
        user: dict[str, Json] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "color": "9f69e7",
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": "Coordinated Universal Time",
            "tz_offset": 0,
            "profile": self._profile(email=email),
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }
        if locale:
            user["locale"] = "en-US"
        return user

    def _profile(self, *, email: bool) -> dict[str, Json]:
        profile: dict[str, Json] = {
            "title": self.title,
            "phone": "",
            "skype": "",
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "status_text": "",
            "status_emoji": "",
            "status_expiration": 0,
            "avatar_hash": "",
            "first_name": self.first_name,
            "last_name": self.last_name,
            "team": self.team_id,
        }
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id, "always_active": False}
        elif email and self.email:
            profile["email"] = self.email
        return profile


@dataclass(slots=True)
class Channel:
    """A conversation of any kind: public or private channel, direct message, group direct message."""

    id: str
    name: str
    kind: Kind
    creator: str
    created: int
    team_id: str
    timeline: Timeline
    members: dict[str, None] = field(default_factory=dict)
    """User IDs in the order in which they joined."""
    is_archived: bool = False
    is_general: bool = False
    topic: str = ""
    purpose: str = ""
    previous_names: list[str] = field(default_factory=list)
    peer: str = ""
    """Direct messages: the user on the other side."""

    @property
    def private(self) -> bool:
        """Whether somebody who is not a member cannot see that it exists."""
        return self.kind is not Kind.PUBLIC

    def as_json(self, viewer: str, *, membership: bool = True, num_members: bool = False) -> dict[str, Json]:
        """Return the conversation object as the given user sees it."""
        if self.kind is Kind.DIRECT:
            return self._direct_as_json(num_members)
        described: dict[str, Json] = {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind is Kind.PUBLIC,
            "is_group": self.kind is Kind.PRIVATE,
            "is_im": False,
            "is_mpim": self.kind is Kind.GROUP_DIRECT,
            "is_private": self.private,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": self.is_general,
            "unlinked": 0,
            "name_normalized": self.name,
            "is_shared": False,
            "is_org_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
            "pending_connected_team_ids": [],
            "context_team_id": self.team_id,
            "shared_team_ids": [self.team_id],
            "updated": self.created * 1000,
            "creator": self.creator,
            "topic": self._remark(self.topic),
            "purpose": self._remark(self.purpose),
            "previous_names": list(self.previous_names),
        }
        if membership:
            described["is_member"] = viewer in self.members
        if num_members:
            described["num_members"] = len(self.members)
        return described

    def _remark(self, text: str) -> Mapping[str, Json]:
        return {
            "value": text,
            "creator": self.creator if text else "",
            "last_set": self.created if text else 0,
        }

    def _direct_as_json(self, num_members: bool) -> dict[str, Json]:
        described: dict[str, Json] = {
            "id": self.id,
            "created": self.created,
            "is_im": True,
            "is_org_shared": False,
            "is_archived": self.is_archived,
            "context_team_id": self.team_id,
            "user": self.peer,
            "is_user_deleted": False,
            "is_open": True,
            "priority": 0,
        }
        if num_members:
            described["num_members"] = len(self.members)
        return described
