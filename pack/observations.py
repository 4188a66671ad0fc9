"""What happens in Slack, as the events that flows know.

Each observation reads one of Slack's events (https://docs.slack.dev/reference/events) and returns ours, or
None when it is nothing to tell. Nothing that the pack itself did is ever told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
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
from pack.contracts.ports import Event, Identity, Inbound, PayloadKind
from pack.slack.users import UserDirectory

logger = logging.getLogger(__name__)

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
    if not is_new_message(event):
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


@dataclass(frozen=True, slots=True)
class Observation:
    """How one of Slack's events is read."""

    observe: Callable[[Mapping[str, Any], FindUser], Awaitable[Event | None]]
    """Makes our event of it; None: there is nothing to tell."""
    tells: Callable[[Mapping[str, Any]], bool] = lambda _: True
    """Whether it is to be told, as far as the event itself says."""
    people: tuple[str, ...] = ()
    """The keys under which it names users whose profiles will be needed."""


def is_new_message(event: Mapping[str, Any]) -> bool:
    """Tell whether a ``message`` event is a message that somebody wrote, and no change of another one."""
    told = _text(event, "subtype") in TOLD_SUBTYPES
    return event.get("type") == "message" and told and bool(_text(event, "ts"))


OBSERVATIONS: Mapping[str, Observation] = {
    "message": Observation(observe_message, is_new_message, ("user",)),
    "reaction_added": Observation(observe_reaction, people=("user", "item_user")),
}
"""What reads which of Slack's events, by their ``type``."""


class Observer:
    """Reads events by their observations, with the profiles of the people in them."""

    def __init__(
        self, observations: Mapping[str, Observation], *, identity: Identity, users: UserDirectory
    ) -> None:
        self._observations = observations
        self._identity = identity
        self._users = users
        self._hurry = asyncio.Event()

    def tells(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event is to be told: it is one of those observed, and not the pack's own doing."""
        observation = self._of(event)
        return observation is not None and observation.tells(event) and not by_pack(event, self._identity)

    def knows_people(self, event: Mapping[str, Any]) -> bool:
        """Tell whether nobody has to be looked up to read an event."""
        return all(self._users.known(user_id) for user_id in self._people_of(event))

    def expect_people(self, event: Mapping[str, Any]) -> None:
        """Begin to look up who is in an event that will be read."""
        for user_id in self._people_of(event):
            self._users.expect(user_id)

    async def read(self, event: Mapping[str, Any]) -> Event | None:
        """Return what an event means; None when nothing is to be told. Never raises."""
        observation = self._of(event)
        if observation is None:
            return None
        try:
            return await observation.observe(event, self._find_user)
        except Exception:
            logger.exception("a mistake of the pack at a %s event; the event is lost", event.get("type"))
            return None

    def hurry(self) -> None:
        """Wait for no look-up any more, since the pack is stopping: tell the ID alone."""
        self._hurry.set()

    def _of(self, event: Mapping[str, Any]) -> Observation | None:
        return self._observations.get(_text(event, "type"))

    def _people_of(self, event: Mapping[str, Any]) -> list[str]:
        observation = self._of(event)
        people = [_text(event, key) for key in observation.people] if observation else []
        return [user_id for user_id in people if user_id]

    async def _find_user(self, user_id: str) -> User:
        if known := self._users.known(user_id):
            return known
        if self._hurry.is_set():
            return User(id=user_id)
        looking = asyncio.ensure_future(self._users.find(user_id))
        hurried = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait((looking, hurried), return_when=asyncio.FIRST_COMPLETED)
            return looking.result() if looking.done() else User(id=user_id)
        finally:
            looking.cancel()
            hurried.cancel()


def copies_of(payload: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what two copies of one event have in common; one of these keys is enough.

    That is its ``event_id``, and, since Slack also delivers copies with another ID: for a new message its
    channel and timestamp, which are all that the same message read from history has for certain; for
    anything else what it is, whose, and its time in its channel; and its trigger.
    """
    keys = (_text(payload, "event_id"), _content_key(event), _text(event, "trigger_id"))
    return tuple(dict.fromkeys(key for key in keys if key))


def _content_key(event: Mapping[str, Any]) -> str:
    timestamp = _text(event, "ts")
    if is_new_message(event):
        return f"message/{lane_of(event)}/{timestamp}"
    moment = _text(event, "event_ts") or timestamp
    if not moment:
        return ""
    item = event.get("item")
    at = timestamp or (_text(item, "ts") if isinstance(item, dict) else "")
    parts = [_text(event, name) for name in ("type", "subtype", "user", "reaction")]
    return "/".join((*parts, lane_of(event), at, moment))


def event_of(inbound: Inbound) -> Mapping[str, Any]:
    """Return what happened: an event, or an interaction as a whole."""
    if inbound.kind is not PayloadKind.EVENTS_API:
        return {"type": inbound.kind.value, **inbound.payload}
    event = inbound.payload.get("event")
    return event if isinstance(event, dict) else {}


def is_urgent(event: Mapping[str, Any]) -> bool:
    """Tell whether an event bears a trigger, which can be used for three seconds only."""
    return bool(event.get("trigger_id"))


def said_before(event: Mapping[str, Any], moment: float) -> bool:
    """Tell whether something happened before a moment, in seconds since 1970; not known: no."""
    try:
        return float(_text(event, "ts") or _text(event, "event_ts")) < moment
    except ValueError:
        return False


def thread_of(event: Mapping[str, Any]) -> str:
    """Return the timestamp of the first message of the thread that an event was said in; empty: in none."""
    thread = event.get("thread_ts")
    return thread if isinstance(thread, str) and thread != event.get("ts") else ""


def lane_of(event: Mapping[str, Any]) -> str:
    """Return the channel of an event, within which order is kept; empty when it has none."""
    channel = event.get("channel")
    if isinstance(channel, dict):
        channel = channel.get("id")
    if isinstance(channel, str):
        return channel
    item = event.get("item")
    return _text(item, "channel") if isinstance(item, dict) else _text(event, "channel_id")


def name_of(event: Mapping[str, Any]) -> str:
    """Say which event it is, for people, without its content: its type, time and channel."""
    item = event.get("item")
    at = _text(event, "ts") or (_text(item, "ts") if isinstance(item, dict) else "")
    return f"{_text(event, 'type')} {at or _text(event, 'event_ts')} in {lane_of(event) or 'no channel'}"


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
