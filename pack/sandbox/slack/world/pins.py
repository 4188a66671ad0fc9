"""What is pinned to conversations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.permalinks import permalink
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

MOST_PINS = 100
"""How many pins a conversation can have (Slack's help pages)."""
_SCOPE = "pins:read"
_PINNED_ITEM = "pinned_item"


@dataclass(frozen=True, slots=True)
class Pin:
    """One pinned message."""

    ts: str
    created: int
    """In seconds since 1970."""
    created_by: str


class Pins:
    """Pins by conversation; a message that was deleted is no longer pinned."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._pins: dict[str, dict[str, Pin]] = {}

    def reset(self) -> None:
        """Forget every pin."""
        self._pins.clear()

    def of(self, channel: Channel) -> list[tuple[Pin, Message]]:
        """Return a conversation's pins with their messages, the newest first."""
        kept = self._pins.get(channel.id, {})
        found = [(pin, channel.timeline.get(pin.ts)) for pin in reversed(kept.values())]
        return [(pin, message) for pin, message in found if message is not None and _is_pinned(message)]

    def add(self, channel: Channel, message: Message, user: str) -> None:
        """Pin a message, and say so in the conversation.

        Raises:
            Refusal: ``not_pinnable`` (messages about membership, topics, pins…), ``already_pinned``,
                ``too_many_pins``.
        """
        if message.subtype == _PINNED_ITEM or (message.subtype or "").startswith(("channel_", "group_")):
            raise Refusal("not_pinnable")
        pinned = self.of(channel)
        if any(pin.ts == message.ts for pin, _ in pinned):
            raise Refusal("already_pinned")
        if len(pinned) >= MOST_PINS:
            raise Refusal("too_many_pins")
        pin = Pin(message.ts, self._workspace.seconds(), user)
        # Kept anew, so that pins of deleted messages do not gather.
        self._pins[channel.id] = {kept.ts: kept for kept, _ in reversed(pinned)} | {pin.ts: pin}
        message.fields["pinned_to"] = [channel.id]
        message.fields["pinned_info"] = self._info(channel, pin)
        self._emit("pin_added", channel, message, pin, user)
        self._workspace.post(
            channel,
            f"<@{user}> pinned a message to this channel.",
            user=user,
            subtype=_PINNED_ITEM,
            fields={"item_type": "C", "item": {"type": "C", "channel": channel.id, "ts": message.ts}},
        )

    def remove(self, channel: Channel, message: Message, user: str) -> None:
        """Take a pin off.

        Raises:
            Refusal: ``no_pin``.
        """
        pin = self._pins.get(channel.id, {}).pop(message.ts, None)
        if pin is None or not _is_pinned(message):
            raise Refusal("no_pin")
        for mark in ("pinned_to", "pinned_info"):
            message.fields.pop(mark, None)
        self._emit("pin_removed", channel, message, pin, user)

    def describe(self, channel: Channel, pin: Pin, message: Message) -> dict[str, Json]:
        """Return an item of ``pins.list``."""
        link = permalink(self._workspace.app, channel, message)
        return {
            "type": "message",
            "created": pin.created,
            "created_by": pin.created_by,
            "channel": channel.id,
            "message": {**message.as_json(), "permalink": link},
        }

    def _info(self, channel: Channel, pin: Pin) -> dict[str, Json]:
        return {"channel": channel.id, "pinned_by": pin.created_by, "pinned_ts": pin.created}

    def _emit(self, kind: str, channel: Channel, message: Message, pin: Pin, user: str) -> None:
        left = len(self.of(channel))
        event: dict[str, Json] = {
            "type": kind,
            "user": user,
            "channel_id": channel.id,
            "item": self.describe(channel, pin, message),
            "pin_count": left,
            "pinned_info": self._info(channel, pin),
            "event_ts": self._workspace.new_ts(),
        }
        if message.user:
            event["item_user"] = message.user
        if kind == "pin_removed":
            event["has_pins"] = left > 0
        self._workspace.emit(event, channel, _SCOPE)


def _is_pinned(message: Message) -> bool:
    """Say whether a message is more than the tombstone of one that was pinned."""
    return "pinned_to" in message.fields
