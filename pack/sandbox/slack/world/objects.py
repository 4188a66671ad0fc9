"""Conversations of the simulated workspace, and the app; users are in :mod:`people`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pack.sandbox.slack.world.people import User
from pack.sandbox.slack.world.timeline import Message, Timeline

__all__ = ["App", "Channel", "Kind", "Remark", "User"]

Json = Any

NEVER_READ = "0000000000.000000"
_TABS = ("files", "bookmarks")
_NOT_AT_FIRST = (
    "is_archived",
    "is_ext_shared",
    "is_frozen",
    "is_group",
    "is_im",
    "is_mpim",
    "is_org_shared",
    "is_pending_ext_shared",
    "is_private",
    "is_shared",
)
"""What no public channel is when it is made."""


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

    @property
    def direct(self) -> bool:
        """Whether it is a direct message, with one or with several."""
        return self in (Kind.DIRECT, Kind.GROUP_DIRECT)

    def scope(self, right: str) -> str:
        """Return the scope for a right (``read``, ``history``) in this kind: ``channels:history``."""
        family = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}[self.value]
        return f"{family}:{right}"


@dataclass(slots=True)
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
            "icons": bot_icons(),
            "deleted": False,
            "updated": self.created,
            "team_id": self.team_id,
        }


@dataclass(frozen=True, slots=True)
class Remark:
    """A channel's topic or purpose: who set it, and when."""

    value: str = ""
    creator: str = ""
    last_set: int = 0

    def as_json(self) -> dict[str, Json]:
        """Return it as the conversation object carries it."""
        return {"value": self.value, "creator": self.creator, "last_set": self.last_set}


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
    topic_set: Remark = Remark()
    purpose_set: Remark = Remark()
    previous_names: list[str] = field(default_factory=list)
    peer: str = ""
    """Direct messages: the user on the other side of who opened it."""
    updated: int = 0
    """When it was last changed, in milliseconds since 1970; 0: never."""
    last_read: dict[str, str] = field(default_factory=dict)
    """How far each member has read, by user ID."""
    closed_by: set[str] = field(default_factory=set)
    """Direct messages: who does not have it in the list."""
    read_only: bool = False
    """Whether only admins may post."""
    canvas: str = ""
    """The file ID of the channel's canvas; empty: there is none."""
    connected: dict[str, bool] = field(default_factory=dict)
    """Workspaces that it is shared with, each with whether its members may invite others."""
    unheard_mentions: dict[str, str] = field(default_factory=dict)
    """The newest message by which each user mentioned the app's bot while it was no member: ts by user ID."""
    awaiting: dict[str, None] = field(default_factory=dict)
    """Workspaces that were invited and have accepted, and wait for an approval."""

    @property
    def topic(self) -> str:
        """What is talked about now."""
        return self.topic_set.value

    @property
    def purpose(self) -> str:
        """What the channel is for."""
        return self.purpose_set.value

    @property
    def private(self) -> bool:
        """Whether somebody who is not a member cannot see that it exists."""
        return self.kind is not Kind.PUBLIC

    def peer_of(self, viewer: str) -> str:
        """Return who is on the other side of a direct message; oneself in one's own."""
        return next((member for member in self.members if member != viewer), self.peer)

    def as_json(
        self,
        viewer: str,
        *,
        membership: bool = True,
        num_members: bool = False,
        unread: bool = False,
        peer_deleted: bool = False,
    ) -> dict[str, Json]:
        """Return the conversation object as the given user sees it.

        ``membership``: tell whether the viewer is a member, and how far it has read. ``unread``: add the
        newest message and how many are not read; ``peer_deleted``: the other side is deactivated.
        """
        if self.kind is Kind.DIRECT:
            described = self._direct_as_json(viewer, peer_deleted)
        else:
            described = self._channel_as_json(viewer)
            if membership:
                described["is_member"] = viewer in self.members
        if membership and viewer in self.members and (unread or self.kind is not Kind.DIRECT):
            described["last_read"] = self.last_read.get(viewer, NEVER_READ)
        if unread:
            described |= self._unread(viewer)
        if num_members:
            described["num_members"] = len(self.members)
        return described

    def as_created(self) -> dict[str, Json]:
        """Return what the workspace is told of a new public channel."""
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "creator": self.creator,
            "is_channel": True,
            "is_general": self.is_general,
            "context_team_id": self.team_id,
            **dict.fromkeys(_NOT_AT_FIRST, False),
        }

    def _channel_as_json(self, viewer: str) -> dict[str, Json]:
        shared = bool(self.connected)
        described: dict[str, Json] = {
            "id": self.id,
            "name": self.name,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": self.kind is Kind.GROUP_DIRECT,
            "is_private": self.private,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_general": self.is_general,
            "unlinked": 0,
            "name_normalized": self.name,
            "is_shared": shared,
            "is_frozen": False,
            "is_org_shared": False,
            "is_pending_ext_shared": bool(self.awaiting),
            "pending_shared": list(self.awaiting),
            "context_team_id": self.team_id,
            "updated": self.updated or self.created * 1000,
            "parent_conversation": None,
            "creator": self.creator,
            "is_ext_shared": shared,
            "shared_team_ids": [self.team_id, *self.connected],
            "pending_connected_team_ids": list(self.awaiting),
            "topic": self.topic_set.as_json(),
            "purpose": self.purpose_set.as_json(),
            "properties": self._properties(),
            "previous_names": list(self.previous_names),
        }
        if shared:
            described |= {"conversation_host_id": self.team_id, "connected_team_ids": list(self.connected)}
        if self.kind is Kind.GROUP_DIRECT:
            described |= {"is_open": viewer not in self.closed_by, "priority": 0}
        return described

    def _properties(self) -> dict[str, Json]:
        tabs: list[dict[str, Json]] = [{"id": tab, "label": "", "type": tab} for tab in _TABS]
        properties: dict[str, Json] = {}
        if self.canvas:
            properties["canvas"] = {"file_id": self.canvas, "is_empty": False, "quip_thread_id": ""}
            tabs.append({"id": "canvas", "label": "", "type": "channel_canvas"})
        if self.read_only:
            properties["posting_restricted_to"] = {"type": ["admin", "owner"], "user": []}
        return {**properties, "tabs": tabs}

    def _direct_as_json(self, viewer: str, peer_deleted: bool) -> dict[str, Json]:
        return {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": self.team_id,
            "updated": self.updated or self.created * 1000,
            "user": self.peer_of(viewer),
            "is_user_deleted": peer_deleted,
            "is_open": viewer not in self.closed_by,
            "priority": 0,
        }

    def _unread(self, viewer: str) -> Mapping[str, Json]:
        shown = self.timeline.between(self.last_read.get(viewer, ""), "", inclusive=False)
        unread = [message for message in shown if message.user != viewer]
        newest = self._newest(shown)
        return {
            "latest": newest.as_json() if newest else None,
            "unread_count": len(unread),
            "unread_count_display": sum(1 for message in unread if message.subtype is None),
        }

    def _newest(self, unread: list[Message]) -> Message | None:
        if unread:
            return unread[0]
        return next(iter(self.timeline.between("", "", inclusive=False)), None)


def bot_icons() -> dict[str, str]:
    """Return the addresses of a bot's default picture, as Slack words them."""
    base = "https://a.slack-edge.com/80588/img/plugins/app/bot"
    return {f"image_{size}": f"{base}_{size}.png" for size in (36, 48, 72)}


def team_icon() -> dict[str, Json]:
    """Return the picture of a workspace that has set none, in every size."""
    base = "https://a.slack-edge.com/80588/img/avatars-teams/ava_0001"
    sizes = (34, 44, 68, 88, 102, 132, 230)
    return {f"image_{size}": f"{base}-{size}.png" for size in sizes} | {"image_default": True}
