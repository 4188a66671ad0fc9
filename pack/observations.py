"""What happens in Slack, as the events that flows know.

Each observation reads one of Slack's events (https://docs.slack.dev/reference/events) and returns ours, or
None when it is nothing to tell. Nothing that the pack itself did is ever told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pack.contracts.events import (
    MESSAGES,
    REACTIONS,
    Item,
    ReactionAdded,
    ReceivedMessage,
    Reply,
    Sender,
    User,
)
from pack.contracts.ports import Event, Identity

FindUser = Callable[[str], Awaitable[User]]

TOLD_SUBTYPES = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The kinds of message that somebody wrote; all others are about messages or channels."""


def by_pack(event: Mapping[str, Any], identity: Identity) -> bool:
    """Tell whether the pack itself caused an event, by its bot ID and its user ID."""
    if identity.bot_id and event.get("bot_id") == identity.bot_id:
        return True
    return bool(identity.user_id) and event.get("user") == identity.user_id


async def observe_message(event: Mapping[str, Any], find_user: FindUser) -> Event | None:
    """Read a ``message`` event (https://docs.slack.dev/reference/events/message)."""
    if _text(event, "subtype") not in TOLD_SUBTYPES or not _text(event, "ts"):
        return None
    timestamp = _text(event, "ts")
    thread = _text(event, "thread_ts") or timestamp
    user = await find_user(_text(event, "user")) if event.get("user") else _bot(event)
    payload = ReceivedMessage(
        channelId=_text(event, "channel"),
        user=Sender(**user.model_dump(), timestamp=timestamp, threadTimestamp=thread),
        message=_text(event, "text"),
        timestamp=timestamp,
        threadTimestamp=thread,
        replyCount=_count(event.get("reply_count")),
        replies=_replies(event.get("replies")),
    )
    return Event(MESSAGES.name, payload.model_dump())


async def observe_reaction(event: Mapping[str, Any], find_user: FindUser) -> Event | None:
    """Read a ``reaction_added`` event (https://docs.slack.dev/reference/events/reaction_added)."""
    item = event.get("item")
    item = item if isinstance(item, dict) else {}
    author = _text(event, "item_user")
    payload = ReactionAdded(
        type="reaction_added",
        user=await find_user(_text(event, "user")),
        itemUser=await find_user(author) if author else User(id=""),
        item=Item(type=_text(item, "type"), channel=_text(item, "channel"), timestamp=_text(item, "ts")),
        reaction=_text(event, "reaction"),
        eventTimestamp=_text(event, "event_ts"),
    )
    return Event(REACTIONS.name, payload.model_dump())


OBSERVATIONS: Mapping[str, Callable[[Mapping[str, Any], FindUser], Awaitable[Event | None]]] = {
    "message": observe_message,
    "reaction_added": observe_reaction,
}
"""What reads which of Slack's events."""


def people_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the IDs of the users whose profiles telling of this event will need."""
    kind = event.get("type")
    if kind == "message" and _text(event, "subtype") in TOLD_SUBTYPES:
        return (_text(event, "user"),)
    return (_text(event, "user"), _text(event, "item_user")) if kind == "reaction_added" else ()


def lane_of(event: Mapping[str, Any]) -> str:
    """Return the channel of an event, within which order is kept; empty when it has none."""
    channel = event.get("channel")
    if isinstance(channel, dict):
        channel = channel.get("id")
    if isinstance(channel, str):
        return channel
    item = event.get("item")
    return _text(item, "channel") if isinstance(item, dict) else _text(event, "channel_id")


def _bot(event: Mapping[str, Any]) -> User:
    profile = event.get("bot_profile")
    name = _text(profile, "name") if isinstance(profile, dict) else _text(event, "username")
    return User(id=_text(event, "bot_id"), name=name)


def _replies(given: object) -> list[Reply]:
    if not isinstance(given, list):
        return []
    return [Reply(user=_text(one, "user"), ts=_text(one, "ts")) for one in given if isinstance(one, dict)]


def _count(given: object) -> int:
    return given if isinstance(given, int) and not isinstance(given, bool) else 0


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""
