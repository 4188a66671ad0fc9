"""The messages of one conversation, in the order of their timestamps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = Any

TOLD_WITH_TEAM = frozenset(
    {"channel_archive", "channel_join", "channel_leave", "channel_name", "channel_unarchive"}
)
"""The subtypes whose events, but not their messages, name the workspace."""


@dataclass(slots=True)
class Message:
    """One message; ``ts`` is its identity within its conversation."""

    ts: str
    channel: str
    text: str
    user: str | None = None
    """The author's user ID; None for messages that name only a bot."""
    subtype: str | None = None
    thread_ts: str | None = None
    """The root's ts for a reply; None outside threads, and for a root."""
    metadata: dict[str, Json] | None = None
    fields: dict[str, Json] = field(default_factory=dict)
    """What else the message carries on the wire: blocks, attachments, bot_id, files, username…"""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """User IDs by reaction, both in order of arrival."""
    parent_user_id: str | None = None
    reply_count: int = 0
    reply_users: list[str] = field(default_factory=list)
    latest_reply: str | None = None
    edited: dict[str, str] | None = None
    root: Message | None = None
    """The root of the thread, for a reply that the channel shows too: readers are shown it as it is now."""

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread below another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_tombstone(self) -> bool:
        """Whether it only stands where a thread's deleted root was; nothing can be done with it."""
        return self.subtype == "tombstone"

    @property
    def in_channel(self) -> bool:
        """Whether the channel itself shows it: not a reply, or one that was sent to the channel too."""
        return not self.is_reply or self.subtype == "thread_broadcast"

    def as_json(self, *, metadata: bool = False) -> dict[str, Json]:
        """Return the message object as history and events carry it.

        ``metadata``: all of its metadata; otherwise Slack tells only of which type it is.
        """
        message: dict[str, Json] = {"type": "message"}
        if self.subtype:
            message["subtype"] = self.subtype
        if self.user:
            message["user"] = self.user
        message["text"] = self.text
        message["ts"] = self.ts
        message.update(self.fields)
        self._add_thread(message)
        if self.root is not None:
            message["root"] = self.root.as_json()
        if self.edited:
            message["edited"] = self.edited
        if self.reactions:
            message["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        shown = self.metadata or {}
        if not metadata:
            shown = {name: kind for name, kind in shown.items() if name == "event_type"}
        if shown:
            message["metadata"] = shown
        return message

    def _add_thread(self, message: dict[str, Json]) -> None:
        if self.is_reply:
            message["thread_ts"] = self.thread_ts
            if self.parent_user_id:
                message["parent_user_id"] = self.parent_user_id
        elif self.reply_count:
            message["thread_ts"] = self.ts
            message["reply_count"] = self.reply_count
            message["reply_users_count"] = len(self.reply_users)
            message["latest_reply"] = self.latest_reply
            message["reply_users"] = list(self.reply_users)
            message["is_locked"] = bool(self.fields.get("is_locked"))
            message["subscribed"] = False


class Timeline:
    """Messages by ts, bounded: the oldest are forgotten first."""

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self._messages: dict[str, Message] = {}
        self._order: list[str] = []
        self._threads: dict[str, list[Message]] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        """Go through all messages, replies included, oldest first."""
        return iter([self._messages[ts] for ts in self._order])

    def get(self, ts: str) -> Message | None:
        """Return the message with that ts."""
        return self._messages.get(ts)

    def append(self, message: Message) -> None:
        """Add the newest message; a reply also updates its thread's root."""
        self._messages[message.ts] = message
        self._order.append(message.ts)
        if message.is_reply:
            self._add_reply(message)
        if len(self._order) > self._limit:
            self.remove(self._order[0])

    def remove(self, ts: str) -> Message | None:
        """Take a message out, and out of its thread's root; a tombstone goes with its last reply."""
        message = self._messages.pop(ts, None)
        if message is None:
            return None
        del self._order[bisect_left(self._order, ts)]
        self._threads.pop(ts, None)
        if message.is_reply and message.thread_ts in self._threads:
            root = self._remove_reply(message)
            if root.is_tombstone and not root.reply_count:
                self.remove(root.ts)
        return message

    def thread(self, root_ts: str) -> list[Message]:
        """Return a thread's replies, oldest first."""
        return list(self._threads.get(root_ts, ()))

    def between(self, oldest: str, latest: str, *, inclusive: bool) -> list[Message]:
        """Return what the channel shows in that time, newest first; empty bounds are open."""
        first = (bisect_left if inclusive else bisect_right)(self._order, oldest) if oldest else 0
        last = (
            (bisect_right if inclusive else bisect_left)(self._order, latest) if latest else len(self._order)
        )
        found = (self._messages[ts] for ts in reversed(self._order[first:last]))
        return [message for message in found if message.in_channel]

    def _add_reply(self, reply: Message) -> None:
        assert reply.thread_ts is not None
        root = self._messages[reply.thread_ts]
        self._threads.setdefault(root.ts, []).append(reply)
        author = reply.user or reply.fields.get("bot_id", "")
        root.reply_count += 1
        root.latest_reply = reply.ts
        if author and author not in root.reply_users:
            root.reply_users.append(author)

    def _remove_reply(self, reply: Message) -> Message:
        assert reply.thread_ts is not None
        replies = self._threads[reply.thread_ts]
        replies.remove(reply)
        root = self._messages[reply.thread_ts]
        authors = [other.user or other.fields.get("bot_id", "") for other in replies]
        root.reply_count = len(replies)
        root.latest_reply = replies[-1].ts if replies else None
        root.reply_users = list(dict.fromkeys(author for author in authors if author))
        return root
