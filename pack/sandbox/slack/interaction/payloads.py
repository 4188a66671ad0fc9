"""What every interaction payload says of where it comes from."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.world.objects import Channel, Kind, User
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105
_NAMES = {Kind.DIRECT: "directmessage", Kind.PRIVATE: "privategroup", Kind.GROUP_DIRECT: "privategroup"}


def channel_name(channel: Channel) -> str:
    """Return a conversation's name as interactions carry it: those of closed ones are not told."""
    return _NAMES.get(channel.kind, channel.name)


class Payloads:
    """Builds the parts that all interaction payloads share."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def head(self, kind: str, user: User) -> dict[str, Json]:
        """Return who did what, for which app, in which team."""
        app = self._workspace.app
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": app.team_id},
            "api_app_id": app.app_id,
            "token": VERIFICATION_TOKEN,
            "team": {"id": app.team_id, "domain": app.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def channel(self, channel: Channel) -> dict[str, Json]:
        """Return the channel as payloads name it."""
        return {"id": channel.id, "name": channel_name(channel)}

    def message_container(self, message: Message, *, ephemeral: bool, attachment: int | None) -> Json:
        """Return the container of an element in a message."""
        container: dict[str, Json] = {
            "type": "message" if attachment is None else "message_attachment",
            "message_ts": message.ts,
        }
        if attachment is not None:
            container["attachment_id"] = attachment
        container |= {"channel_id": message.channel, "is_ephemeral": ephemeral}
        if attachment is not None:
            container["is_app_unfurl"] = False
        if message.is_reply:
            container["thread_ts"] = message.thread_ts
        return container

    def action_ts(self) -> str:
        """Return the moment of an action."""
        return self._workspace.new_ts()
