"""The events that tell what happened in Slack, and what each of them takes.

The contract is flyte-slack's README and its later versions (``docs/events.md`` has it in full).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def _leave_out(schema: dict[str, Any]) -> None:
    """Say in a schema that keys which are there only when they are true may be missing."""
    marks = ("recovered", "redelivered")
    schema["required"] = [name for name in schema.get("required", ()) if name not in marks]


class Payload(BaseModel):
    """An event's payload."""

    model_config = ConfigDict(frozen=True, defer_build=True, json_schema_serialization_defaults_required=True)


def _when_true(description: str) -> Any:
    """Return a field that is left out unless it is true."""
    return Field(False, description=description, exclude_if=lambda value: not value)


class Told(Payload):
    """The payload of an event that the pack tells of by itself."""

    model_config = ConfigDict(json_schema_extra=_leave_out)


_REDELIVERED = _when_true(
    "True when it may have been told before, since nobody knows how telling it ended; else left out."
)


class User(Payload):
    """A person or bot in Slack. When the lookup failed only ``id`` is known; the rest is empty text."""

    id: str = Field(description="The user's ID.")
    name: str = Field("", description="Slack's `user.name` (the handle).")
    email: str = Field("", description="Needs the scope users:read.email.")
    title: str = Field("", description="For instance Principal Systems Engineer.")
    firstName: str = Field("", description="First name.")
    lastName: str = Field("", description="Last name.")
    displayName: str = Field("", description="The name that Slack shows, when one was chosen.")


class Sender(User):
    """Who sent a message. The timestamps stand here too, where the first flyte-slack had them."""

    timestamp: str = Field(description="The message's timestamp.")
    threadTimestamp: str = Field(description="The thread's first message; the message's own outside threads.")


class Reply(Payload):
    """One reply to a message, when Slack tells."""

    user: str = Field(description="The ID of who replied.")
    ts: str = Field(description="The reply's timestamp.")


class ReceivedMessage(Told):
    """Somebody wrote in a channel that the pack is in, or to the pack itself."""

    channelId: str = Field(description="The channel's ID.")
    user: Sender = Field(description="Who wrote it.")
    message: str = Field(description="The text as Slack sends it: &, < and > are escaped.")
    timestamp: str = Field(description="The message's timestamp, its ID within the channel.")
    threadTimestamp: str = Field(description="The thread's first message; its own timestamp outside threads.")
    replyCount: int = Field(0, description="How many replies it has, when Slack tells.")
    replies: list[Reply] = Field(default_factory=list, description="Its replies, when Slack tells.")
    recovered: bool = _when_true(
        "True when Slack did not deliver it and it was read from the channel's history later; else left out."
    )
    redelivered: bool = _REDELIVERED


class Item(Payload):
    """What somebody reacted to."""

    type: str = Field(description="`message`, nearly always.")
    channel: str = Field("", description="The channel's ID.")
    timestamp: str = Field("", description="The message's timestamp.")


class ReactionAdded(Told):
    """Somebody reacted to a message in a channel that the pack is in; the pack's own messages included."""

    type: str = Field(description="Always `reaction_added`.")
    user: User = Field(description="Who reacted.")
    itemUser: User = Field(
        description="Who wrote the message; its fields are empty when Slack does not tell."
    )
    item: Item = Field(description="What was reacted to.")
    reaction: str = Field(description="The emoji's name, without colons.")
    eventTimestamp: str = Field(description="When it happened, as a timestamp.")
    redelivered: bool = _REDELIVERED


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """An event that the pack tells of by itself, declared once.

    ``subscriptions`` are the names of Slack's events that it is made from
    (https://docs.slack.dev/reference/events), ``scopes`` what their delivery and the payload need.
    """

    name: str
    payload: type[Told]
    subscriptions: tuple[str, ...]
    scopes: tuple[str, ...]


MESSAGES = ObservedEvent(
    name="ReceivedMessage",
    payload=ReceivedMessage,
    subscriptions=("message.channels", "message.groups", "message.im", "message.mpim"),
    scopes=(
        "channels:history",
        "groups:history",
        "im:history",
        "mpim:history",
        "users:read",
        "users:read.email",
    ),
)

REACTIONS = ObservedEvent(
    name="ReactionAdded",
    payload=ReactionAdded,
    subscriptions=("reaction_added",),
    scopes=("reactions:read", "users:read", "users:read.email"),
)

OBSERVED_EVENTS = (MESSAGES, REACTIONS)
"""Every event that the pack tells of by itself."""

MEMBERSHIP_SUBSCRIPTIONS = (
    "member_joined_channel",
    "member_left_channel",
    "channel_left",
    "group_left",
    "channel_rename",
    "group_rename",
    "channel_created",
    "channel_deleted",
    "channel_archive",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_unarchive",
    "channel_id_changed",
)
"""Slack's events that keep the list of channels and memberships true; none is told to the engine."""

MEMBERSHIP_SCOPES = ("channels:read", "groups:read", "im:read", "mpim:read")
"""The scopes that looking up channels and memberships needs."""
