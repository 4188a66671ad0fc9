"""What is said in the simulated workspace: messages, replies, edits, reactions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.directory import Directory
from pack.sandbox.slack.world.objects import Channel, Kind, User
from pack.sandbox.slack.world.reactions import add_reaction, remove_reaction
from pack.sandbox.slack.world.timeline import Message

Json = Any

SERVICE_SUBTYPES = frozenset(
    {"channel_join", "channel_leave", "channel_archive", "channel_unarchive", "channel_name", "channel_topic"}
)


class Conversation(Directory):
    """A workspace in which people and the bot talk."""

    def say(
        self,
        channel: str | Channel,
        text: str,
        user: str | User | None = None,
        thread_ts: str | None = None,
        subtype: str | None = None,
        **extra: Json,
    ) -> Message:
        """Say something as a user (None: the first person), or as another bot with ``subtype="bot_message"``.

        ``extra`` goes into the message as it is: ``files``, ``blocks``, ``bot_id``, ``username``…

        Raises:
            Refusal: ``channel_not_found``, ``user_not_found``, ``is_archived``, ``thread_not_found``.
        """
        where = self.channel(channel)
        if where.is_archived:
            raise Refusal("is_archived")
        if thread_ts is not None and where.timeline.get(thread_ts) is None:
            raise Refusal("thread_not_found")
        author = self._author(where, user, subtype)
        fields: dict[str, Json] = {} if subtype == "bot_message" else {"client_msg_id": str(uuid.uuid4())}
        if author is not None and author.is_bot:
            fields = {"bot_id": author.bot_id, "app_id": author.app_id}
        fields["team"] = self.app.team_id
        fields.update(extra)
        return self.post(
            where,
            text,
            user=author.id if author else None,
            thread_ts=thread_ts,
            subtype=subtype,
            fields=fields,
        )

    def post(
        self,
        channel: Channel,
        text: str,
        *,
        user: str | None,
        thread_ts: str | None = None,
        subtype: str | None = None,
        fields: Mapping[str, Json] | None = None,
        metadata: dict[str, Json] | None = None,
    ) -> Message:
        """Put a message into a channel and tell whoever is there.

        A ``thread_ts`` that is not the ts of a message which can be a root is ignored, as Slack does: the
        message lands outside any thread.
        """
        root = self._root(channel, thread_ts)
        if root is None and subtype == "thread_broadcast":
            subtype = None
        message = Message(
            ts=self.new_ts(),
            channel=channel.id,
            text=text,
            user=user,
            subtype=subtype,
            thread_ts=root.ts if root else None,
            metadata=metadata,
            fields=dict(fields or {}),
            parent_user_id=root.user if root else None,
        )
        if root is not None and subtype == "thread_broadcast":
            message.fields["root"] = root.as_json()
        self.touch(channel)
        channel.timeline.append(message)
        self._emit_message(channel, message.as_json(), message.ts)
        if f"<@{self.app.bot_user_id}>" in text and user != self.app.bot_user_id and subtype is None:
            self._emit_mention(channel, message)
        return message

    def messages(self, channel: str | Channel) -> list[Message]:
        """Return all messages of a channel, replies included, oldest first."""
        return list(self.channel(channel).timeline)

    def message(self, channel: str | Channel, ts: str) -> Message:
        """Return one message.

        Raises:
            Refusal: ``message_not_found``.
        """
        found = self.channel(channel).timeline.get(ts)
        if found is None:
            raise Refusal("message_not_found")
        return found

    def edit(self, channel: str | Channel, ts: str, text: str | None = None, **fields: Json) -> Message:
        """Change a message's text or other fields, as its author does; its ts stays."""
        where, message = self.channel(channel), self.message(channel, ts)
        previous = message.as_json()
        if text is not None:
            message.text = text
        message.fields.update(fields)
        now = self.new_ts()
        message.edited = {"user": message.user or self.app.bot_user_id, "ts": now}
        change = {"message": message.as_json(), "previous_message": previous, "hidden": True, "ts": now}
        self._emit_message(where, {"type": "message", "subtype": "message_changed", **change}, now)
        return message

    def delete(self, channel: str | Channel, ts: str) -> None:
        """Delete a message."""
        where, message = self.channel(channel), self.message(channel, ts)
        where.timeline.remove(ts)
        now = self.new_ts()
        change = {"deleted_ts": ts, "previous_message": message.as_json(), "hidden": True, "ts": now}
        self._emit_message(where, {"type": "message", "subtype": "message_deleted", **change}, now)

    def react(self, channel: str | Channel, ts: str, name: str, user: str | User | None = None) -> Message:
        """React to a message as a user (None: the first person).

        Raises:
            Refusal: ``message_not_found``, and what :func:`~pack.sandbox.slack.world.reactions.add_reaction`
                raises.
        """
        where, message = self.channel(channel), self.message(channel, ts)
        who = self._author(where, user, None)
        assert who is not None
        name = add_reaction(where, message, name, who.id)
        self._emit_reaction("reaction_added", where, message, name, who.id)
        return message

    def unreact(self, channel: str | Channel, ts: str, name: str, user: str | User | None = None) -> Message:
        """Take a reaction back.

        Raises:
            Refusal: ``message_not_found``, and what
                :func:`~pack.sandbox.slack.world.reactions.remove_reaction` raises.
        """
        where, message = self.channel(channel), self.message(channel, ts)
        who = self._author(where, user, None)
        assert who is not None
        name = remove_reaction(where, message, name, who.id)
        self._emit_reaction("reaction_removed", where, message, name, who.id)
        return message

    def _root(self, channel: Channel, thread_ts: str | None) -> Message | None:
        """Return the message that a thread can hang on."""
        root = channel.timeline.get(thread_ts) if thread_ts else None
        if root is not None and (root.is_reply or root.subtype in SERVICE_SUBTYPES):
            return None
        return root

    def _author(self, channel: Channel, user: str | User | None, subtype: str | None) -> User | None:
        if user is None and subtype == "bot_message":
            return None
        if user is not None:
            author = self.user(user)
        elif channel.kind is Kind.DIRECT:
            author = self.user(channel.peer)
        else:
            author = self.people()[0]
        # Whoever speaks in a channel is one of its members; the app's bot is only by joining.
        if author.id != self.app.bot_user_id:
            channel.members.setdefault(author.id)
        return author

    def _emit_message(self, channel: Channel, message: dict[str, Json], event_ts: str) -> None:
        event = {
            **message,
            "channel": channel.id,
            "event_ts": event_ts,
            "channel_type": channel.kind.value,
        }
        self.emit(event, channel, channel.kind.scope("history"))

    def _emit_mention(self, channel: Channel, message: Message) -> None:
        event = {**message.as_json(), "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        self.emit(event, channel, "app_mentions:read")

    def _emit_reaction(self, kind: str, channel: Channel, message: Message, name: str, user: str) -> None:
        event: dict[str, Json] = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "event_ts": self.new_ts(),
        }
        if message.user:
            event["item_user"] = message.user
        self.touch(channel)
        self.emit(event, channel, "reactions:read")
