"""Where a file stands: the messages that carry it, and who may therefore see it."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.file_objects import File, Share
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.workspace import Workspace

Json = Any


class FilePlaces:
    """Reads a file's shares against the conversations as they are now."""

    def __init__(self, workspace: Workspace, clock: SlackClock) -> None:
        self._workspace = workspace
        self._clock = clock

    def is_visible(self, file: File, user_id: str) -> bool:
        """Say whether a user may see a file: its own, or one shared where it can look."""
        if file.user == user_id:
            return True
        workspace = self._workspace
        return any(workspace.sees(user_id, workspace.channels[share.channel]) for share in self.live(file))

    def is_public(self, file: File) -> bool:
        """Say whether a file stands in a public channel."""
        return any(self._workspace.channels[share.channel].kind is Kind.PUBLIC for share in self.live(file))

    def channels_of(self, file: File) -> list[str]:
        """Return the conversations in which a file stands, without those that are not shown yet."""
        return list(dict.fromkeys(share.channel for share in self.live(file) if self._shown(share)))

    def live(self, file: File) -> list[Share]:
        """Return the shares whose message is still there, and still carries the file."""
        return [share for share in file.shares if self._carries(share, file)]

    def _carries(self, share: Share, file: File) -> bool:
        channel = self._workspace.channels.get(share.channel)
        message = channel.timeline.get(share.ts) if channel is not None else None
        parts = message.fields.get("files", ()) if message is not None else ()
        return any(part["id"] == file.id for part in parts)

    def _shown(self, share: Share) -> bool:
        return share.shown_at <= self._clock.monotonic()

    def describe(self, file: File) -> dict[str, Json]:
        """Return the keys of a file object that tell of places; shares of the last moment are left out."""
        shares: dict[str, dict[str, list[Json]]] = {}
        named: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
        for share in self.live(file):
            if not self._shown(share):
                continue
            channel = self._workspace.channels[share.channel]
            group = shares.setdefault("private" if channel.private else "public", {})
            group.setdefault(channel.id, []).append(self._describe_share(channel, share))
            key = {Kind.PUBLIC: "channels", Kind.DIRECT: "ims"}.get(channel.kind, "groups")
            if channel.id not in named[key]:
                named[key].append(channel.id)
        return {"is_public": self.is_public(file), "shares": shares, **named}

    def _describe_share(self, channel: Channel, share: Share) -> dict[str, Json]:
        message = channel.timeline.get(share.ts)
        assert message is not None
        described: dict[str, Json] = {
            "reply_users": list(message.reply_users),
            "reply_users_count": len(message.reply_users),
            "reply_count": message.reply_count,
            "ts": share.ts,
        }
        if message.thread_ts or message.reply_count:
            described["thread_ts"] = message.thread_ts or message.ts
        if message.latest_reply:
            described["latest_reply"] = message.latest_reply
        if channel.kind is not Kind.DIRECT:
            described["channel_name"] = channel.name
        return described | {"team_id": channel.team_id, "share_user_id": message.user or ""}
