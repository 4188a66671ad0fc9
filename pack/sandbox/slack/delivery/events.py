"""The Events API: what the app is told of the workspace, wrapped as Slack wraps it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.world.directory import Occurrence
from pack.sandbox.slack.world.grants import Grant
from pack.sandbox.slack.world.workspace import Workspace

Json = Any
Delivery = Callable[[dict[str, Json]], None]
"""Takes one wrapped event on its way to the app."""

EVENT_TYPES = frozenset(
    {
        "app_mention",
        "channel_archive",
        "channel_created",
        "channel_left",
        "channel_rename",
        "channel_unarchive",
        "group_archive",
        "group_left",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message",
        "reaction_added",
        "reaction_removed",
    }
)
"""Every type of event that the simulator makes."""


class EventsApi:
    """Decides which occurrences the app is told of, and hands them over wrapped.

    An event is delivered when the app subscribes to its type, its token has the scope for it, and the bot is
    where it happened.
    """

    def __init__(self, workspace: Workspace, grant: Grant, deliver: Delivery) -> None:
        self.subscriptions: set[str] = set(EVENT_TYPES)
        """The event types that the app subscribes to; all at first."""
        self.copies = 0
        """How many further copies of each event follow, each with an event_id of its own."""
        self._workspace = workspace
        self._grant = grant
        self._deliver = deliver
        self._events = 0

    def publish(self, occurrence: Occurrence) -> None:
        """Deliver what happened, if the app is to know."""
        if not occurrence.to_bot or occurrence.event["type"] not in self.subscriptions:
            return
        if occurrence.scope is not None and occurrence.scope not in self._grant.scopes:
            return
        for _ in range(1 + self.copies):
            self._deliver(self.wrap(occurrence.event))

    def wrap(self, event: dict[str, Json]) -> dict[str, Json]:
        """Return an event in its outer envelope, with an event_id of its own."""
        app = self._workspace.app
        self._events += 1
        return {
            "token": "sandbox-verification-token",
            "team_id": app.team_id,
            "context_team_id": app.team_id,
            "context_enterprise_id": None,
            "api_app_id": app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{encode_number(self._events)}",
            "event_time": int(float(event["event_ts"])),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": app.team_id,
                    "user_id": app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": self._context(event),
        }

    def _context(self, event: dict[str, Json]) -> str:
        app = self._workspace.app
        named = {"et": event["type"], "tid": app.team_id, "aid": app.app_id, "cid": _channel_of(event)}
        return "4-" + base64.b64encode(json.dumps(named).encode()).decode()


def _channel_of(event: dict[str, Json]) -> str | None:
    """Return the ID of the channel that an event is about; it stands in different places."""
    channel = event.get("channel") or event.get("item", {}).get("channel")
    named: str | None = channel["id"] if isinstance(channel, dict) else channel
    return named
