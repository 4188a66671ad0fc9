"""Following: what is seen live keeps the channels and memberships true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pack.contracts.ports import Identity
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership

RENAMED = frozenset({"channel_rename", "group_rename", "channel_created"})
GONE = frozenset({"channel_deleted", "channel_archive", "group_deleted", "group_archive"})
BACK = frozenset({"channel_unarchive", "group_unarchive"})
LEFT = frozenset({"channel_left", "group_left"})
MEMBERS = frozenset({"member_joined_channel", "member_left_channel"})


class Following:
    """Reads Slack's events about channels and members (https://docs.slack.dev/reference/events)."""

    def __init__(self, *, identity: Identity, channels: ChannelDirectory, membership: Membership) -> None:
        self._identity = identity
        self._channels = channels
        self._membership = membership

    def concerns(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event changes a channel, or whether the bot is in it."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return False
        if kind in MEMBERS:
            return event.get("user") == self._identity.user_id
        return kind in RENAMED | GONE | BACK | LEFT or kind == "channel_id_changed"

    async def follow(self, event: Mapping[str, Any], channel_id: str) -> None:
        """Note what an event says of a channel; one that says nothing of one is passed over."""
        kind = event.get("type")
        if not self.concerns(event):
            return
        if kind == "channel_id_changed":
            old_id, new_id = event.get("old_channel_id"), event.get("new_channel_id")
            if isinstance(old_id, str) and isinstance(new_id, str) and new_id:
                await self._membership.moved(old_id, new_id, _moment(event.get("event_ts")))
        elif channel_id:
            await self._note(str(kind), event.get("channel"), channel_id)

    async def _note(self, kind: str, channel: object, channel_id: str) -> None:
        if kind == "member_joined_channel":
            await self._membership.invited(channel_id)
        elif kind in LEFT or kind == "member_left_channel":
            await self._membership.kicked(channel_id)
        elif kind in RENAMED and isinstance(channel, dict):
            self._channels.rename(channel_id, str(channel.get("name") or ""))
        elif kind in GONE:
            self._channels.joined.discard(channel_id)
            self._channels.forget(channel_id)
        elif kind in BACK:
            await self._membership.unarchived(channel_id)


def _moment(timestamp: object) -> float | None:
    """Return when something happened, None when that is not to be read."""
    try:
        moment = float(timestamp) if isinstance(timestamp, str) else 0.0
    except ValueError:
        return None
    return moment if math.isfinite(moment) and moment > 0 else None
