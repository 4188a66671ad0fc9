"""A live account of the workspace, one line per happening, for whoever watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from pack.sandbox.slack.world.directory import Occurrence
from pack.sandbox.slack.world.ephemerals import Ephemeral, Ephemerals
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

_LINES_KEPT = 1_000


class Subscription:
    """One watcher's lines; bounded: who does not read loses the oldest (``missed`` counts them)."""

    def __init__(self) -> None:
        self.missed = 0
        self._lines: asyncio.Queue[dict[str, Json] | None] = asyncio.Queue()

    def put(self, line: dict[str, Json]) -> None:
        """Add a line."""
        if self._lines.qsize() >= _LINES_KEPT:
            self._lines.get_nowait()
            self.missed += 1
        self._lines.put_nowait(line)

    def end(self) -> None:
        """Let the watcher's loop end after the lines that are there."""
        self._lines.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[dict[str, Json]]:
        while (line := await self._lines.get()) is not None:
            yield line


class Feed:
    """Tells every subscription what happens in the workspace.

    A line has ``kind`` (``message``, ``message_changed``, ``message_deleted``, ``reaction_added``,
    ``member_joined_channel``, ``channel_rename``…), ``channel`` (ID), ``channelName``, ``channelType``,
    ``user`` (ID or None), ``userName``, ``bot`` (whether the app's bot did it) and ``ts``. Messages add
    ``text``, ``subtype``, ``threadTs``, ``blocks``, ``attachments`` and ``files`` (id and name of each);
    reactions ``reaction``.

    What one person alone sees: an ``ephemeral`` is a message with ``seenBy`` and ``seenByName``; the others
    are that person's: ``view`` (a modal) and ``home`` with ``title``, ``viewId`` and ``change`` (``opened``,
    ``pushed``, ``updated``, ``closed``; ``published``), ``errors`` (of a form, by block_id), ``error``
    (``text``: what did not work).
    """

    def __init__(self, workspace: Workspace, ephemerals: Ephemerals) -> None:
        self._workspace = workspace
        self._subscriptions: list[Subscription] = []
        workspace.listen(self._take)
        ephemerals.listen(self._take_ephemeral)

    def subscribe(self) -> Subscription:
        """Begin to watch; iterate over the subscription, and :meth:`unsubscribe` in the end."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop watching."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
        subscription.end()

    def close(self) -> None:
        """End every subscription."""
        for subscription in tuple(self._subscriptions):
            self.unsubscribe(subscription)

    def line_of(self, message: Message) -> dict[str, Json]:
        """Return the line of a message."""
        return self._message_line(message.channel, message.as_json())

    def show(self, user_id: str, kind: str, channel_id: str = "", **further: Json) -> None:
        """Tell of what came before one person alone: a ``view``, ``home``, ``errors`` or ``error``."""
        if self._subscriptions:
            head = self._line_head(kind, channel_id, user_id)
            self._put({**head, "ts": self._workspace.new_ts(), **further})

    def _take(self, occurrence: Occurrence) -> None:
        if not self._subscriptions or occurrence.event["type"] == "app_mention":
            return
        self._put(self._line(occurrence))

    def _take_ephemeral(self, ephemeral: Ephemeral) -> None:
        if not self._subscriptions:
            return
        message = ephemeral.message
        person = self._workspace.users.get(ephemeral.user_id)
        self._put(
            {
                **self._message_line(message.channel, message.as_json()),
                "kind": "ephemeral",
                "seenBy": ephemeral.user_id,
                "seenByName": person.name if person else "",
            }
        )

    def _put(self, line: dict[str, Json]) -> None:
        for subscription in self._subscriptions:
            subscription.put(line)

    def _line(self, occurrence: Occurrence) -> dict[str, Json]:
        event = occurrence.event
        channel_id = occurrence.channel.id if occurrence.channel else ""
        if event["type"] == "message" and "message" not in event and "deleted_ts" not in event:
            return self._message_line(channel_id, event)
        if event["type"] == "message":
            changed = event.get("message") or event["previous_message"]
            return {**self._message_line(channel_id, changed), "kind": event["subtype"]}
        line = self._line_head(event["type"], channel_id, _person_of(event))
        item = event.get("item")
        line["ts"] = (item.get("ts") if isinstance(item, dict) else None) or event.get("event_ts", "")
        if "reaction" in event:
            line["reaction"] = event["reaction"]
        return line

    def _message_line(self, channel_id: str, message: dict[str, Json]) -> dict[str, Json]:
        line = self._line_head("message", channel_id, message.get("user"))
        if message.get("bot_id") == self._workspace.app.bot_id:
            line["bot"] = True
            line["userName"] = message.get("username") or self._workspace.app.name
        elif not line["userName"]:
            line["userName"] = message.get("username") or message.get("bot_id") or ""
        thread_ts = message.get("thread_ts")
        return {
            **line,
            "ts": message["ts"],
            "text": message["text"],
            "subtype": message.get("subtype"),
            "threadTs": thread_ts if thread_ts != message["ts"] else None,
            "blocks": message.get("blocks") or [],
            "attachments": message.get("attachments") or [],
            "files": [
                {"id": file.get("id"), "name": file.get("name")} for file in message.get("files") or ()
            ],
        }

    def _line_head(self, kind: str, channel_id: str, user_id: str | None) -> dict[str, Json]:
        channel = self._workspace.channels.get(channel_id)
        user = self._workspace.users.get(user_id or "")
        return {
            "kind": kind,
            "channel": channel_id,
            "channelName": channel.name if channel else "",
            "channelType": channel.kind.value if channel else "",
            "user": user_id,
            "userName": user.name if user else "",
            "bot": user_id == self._workspace.app.bot_user_id,
        }


def _person_of(event: dict[str, Json]) -> str | None:
    """Return the ID of the user who acted, or whom an event is about; some carry the whole user."""
    person = event.get("user") or event.get("actor_id")
    found: str | None = person.get("id") if isinstance(person, dict) else person
    return found
