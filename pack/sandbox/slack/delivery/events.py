"""The Events API: what the app is told of the workspace, wrapped as Slack wraps it."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from pack.sandbox.slack.delivery.event_types import EVENT_SCOPES, EVERYTHING, MESSAGE_KINDS
from pack.sandbox.slack.delivery.http_requests import VERIFICATION_TOKEN
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.world.directory import Occurrence
from pack.sandbox.slack.world.grants import Grant, TokenKind
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.world import World

Json = Any
Delivery = Callable[[dict[str, Json]], None]
"""Takes one wrapped event on its way to the app."""

HOURLY_LIMIT = 30_000
"""How many events an app is told of from one workspace within an hour."""
_FAREWELLS = frozenset({"app_uninstalled", "tokens_revoked"})
"""What the app is told although its token holds no more."""
_MINUTES = 60
_EMAIL_SCOPE = "users:read.email"


class EventsApi:
    """Decides which occurrences the app is told of, and hands them over wrapped.

    The app is told as its bot, when it subscribes to the type, the bot's token has the scope, and the bot is
    where it happened; else as one of the people who granted it a token, by ``user_subscriptions``. Each
    event is told once, and carries the authorization by which it is seen.
    """

    def __init__(self, world: World, deliver: Delivery) -> None:
        self.subscriptions: set[str] = set(EVERYTHING)
        """The bot's event types: ``message`` or kinds of it (``message.channels``…); all at first."""
        self.user_subscriptions: set[str] = set()
        """The types told on behalf of people; none at first."""
        self.hourly_limit: int | None = HOURLY_LIMIT
        """None: no limit."""
        self.withheld = 0
        """Events that the app was not told of because of the limit."""
        self._world = world
        self._deliver = deliver
        self._events = 0
        self._told: deque[tuple[int, int]] = deque()
        self._told_in_hour = 0
        self._limited_minute: int | None = None

    def subscribe(self, types: Iterable[str], *, for_users: bool = False) -> None:
        """Subscribe to exactly these types.

        Raises:
            ValueError: the Events API has no such type.
        """
        wanted = set(types)
        if unknown := sorted(wanted - EVENT_SCOPES.keys()):
            raise ValueError(f"the Events API has no event named {', '.join(unknown)}")
        if for_users:
            self.user_subscriptions = wanted
        else:
            self.subscriptions = wanted

    def reset(self) -> None:
        """Subscribe to everything again, and forget what counted towards the limit."""
        self.subscriptions, self.user_subscriptions = set(EVERYTHING), set()
        self.withheld = self._told_in_hour = 0
        self._told.clear()
        self._limited_minute = None

    def publish(self, occurrence: Occurrence) -> None:
        """Deliver what happened, if the app is to know."""
        grant = self._bot_sees(occurrence) or self._user_sees(occurrence)
        if grant is None:
            return
        if self._admit():
            self._deliver(self.wrap(occurrence.event, grant))

    def wrap(self, event: dict[str, Json], grant: Grant | None = None) -> dict[str, Json]:
        """Return an event in its outer envelope, with an event_id of its own.

        ``grant``: the token by which it is seen; None: the bot's.
        """
        app = self._world.app
        self._events += 1
        seen_by = grant or self._world.grants.bot
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": app.team_id,
            "context_team_id": app.team_id,
            "context_enterprise_id": None,
            "api_app_id": app.app_id,
            "event": event if _EMAIL_SCOPE in seen_by.scopes else _without_address(event),
            "type": "event_callback",
            "event_id": f"Ev0{encode_number(self._events)}",
            "event_time": int(float(event.get("event_ts") or self._world.clock.now().timestamp())),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": app.team_id,
                    "user_id": seen_by.user_id,
                    "is_bot": seen_by.kind is TokenKind.BOT,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": self._context(event),
        }

    def _bot_sees(self, occurrence: Occurrence) -> Grant | None:
        bot = self._world.grants.bot
        seen = occurrence.to_bot and _subscribed(self.subscriptions, occurrence.event)
        return bot if seen and _may_see(bot, occurrence) else None

    def _user_sees(self, occurrence: Occurrence) -> Grant | None:
        if not self.user_subscriptions or not _subscribed(self.user_subscriptions, occurrence.event):
            return None
        people = (grant for grant in self._world.grants.all() if grant.kind is TokenKind.USER)
        return next(
            (
                person
                for person in people
                if _may_see(person, occurrence) and _is_there(person.user_id, occurrence)
            ),
            None,
        )

    def _admit(self) -> bool:
        """Count an event; False, and the app is told once a minute, when there are too many of an hour."""
        if self.hourly_limit is None:
            return True
        minute = int(self._world.clock.monotonic() // 60)
        while self._told and self._told[0][0] <= minute - _MINUTES:
            self._told_in_hour -= self._told.popleft()[1]
        if self._told_in_hour >= self.hourly_limit:
            self.withheld += 1
            if self._limited_minute != minute:
                self._limited_minute = minute
                self._deliver(self._limitation())
            return False
        count = self._told.pop()[1] if self._told and self._told[-1][0] == minute else 0
        self._told.append((minute, count + 1))
        self._told_in_hour += 1
        return True

    def _limitation(self) -> dict[str, Json]:
        app = self._world.app
        seconds = int(self._world.clock.now().timestamp())
        return {
            "token": VERIFICATION_TOKEN,
            "type": "app_rate_limited",
            "team_id": app.team_id,
            "minute_rate_limited": seconds - seconds % 60,
            "api_app_id": app.app_id,
        }

    def _context(self, event: dict[str, Json]) -> str:
        app = self._world.app
        named = {"et": event["type"], "tid": app.team_id, "aid": app.app_id}
        if channel := _channel_of(event):
            named["cid"] = channel
        return "4-" + base64.b64encode(json.dumps(named).encode()).decode()


def _without_address(event: dict[str, Json]) -> dict[str, Json]:
    """Return an event without the address of the user that it carries."""
    user = event.get("user")
    if not isinstance(user, dict) or "email" not in user.get("profile", {}):
        return event
    profile = {name: value for name, value in user["profile"].items() if name != "email"}
    return {**event, "user": {**user, "profile": profile}}


def _subscribed(types: set[str], event: dict[str, Json]) -> bool:
    name = event["type"]
    return name in types or (name == "message" and MESSAGE_KINDS.get(event.get("channel_type", "")) in types)


def _may_see(grant: Grant, occurrence: Occurrence) -> bool:
    """Say whether a token opens an event: it holds, and has the scope."""
    name = occurrence.event["type"]
    if grant.refusal:
        return name in _FAREWELLS and grant.kind is TokenKind.BOT
    if occurrence.scope is not None:
        return occurrence.scope in grant.scopes
    scopes = EVENT_SCOPES.get(name, ())
    return not scopes or not grant.scopes.isdisjoint(scopes)


def _is_there(user_id: str, occurrence: Occurrence) -> bool:
    """Say whether a person sees what happened: in channels that they are in, and in the workspace.

    What is somebody's own, such as a file that stands nowhere, is not seen by others.
    """
    channel: Channel | None = occurrence.channel
    if channel is None:
        return occurrence.only_for in ("", user_id)
    return user_id in channel.members or (not channel.private and occurrence.event["type"] != "message")


def _channel_of(event: dict[str, Json]) -> str | None:
    """Return the ID of the channel that an event is about; it stands in different places."""
    item = event.get("item")
    channel = event.get("channel") or event.get("channel_id")
    if channel is None and isinstance(item, dict):
        channel = item.get("channel")
    if isinstance(channel, dict):
        channel = channel.get("id")
    return channel if isinstance(channel, str) else None
