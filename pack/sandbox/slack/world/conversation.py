"""What is said in the simulated workspace: messages, replies, edits, reactions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from pack.clock import Clock
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.mentions import Mentions
from pack.sandbox.slack.world.objects import App, Channel, Kind, User
from pack.sandbox.slack.world.reactions import add_reaction, remove_reaction
from pack.sandbox.slack.world.timeline import TOLD_WITH_TEAM, Message
from pack.sandbox.slack.world.webhook import webhook_author
from pack.sandbox.slack.world.witnesses import Witness

Json = Any

SERVICE_SUBTYPES = frozenset(
    {"channel_join", "channel_leave", "channel_archive", "channel_unarchive", "channel_name", "channel_topic"}
)


class Conversation(Mentions):
    """A workspace in which people and the bot talk."""

    def __init__(self, app: App, clock: Clock) -> None:
        super().__init__(app, clock)
        self.witnesses: list[Witness] = []
        """Who is shown every message that is posted, changed or deleted."""

    def say(
        self,
        channel: str | Channel,
        text: str,
        user: str | User | None = None,
        thread_ts: str | None = None,
        subtype: str | None = None,
        **extra: Json,
    ) -> Message:
        """Say something as a user (None: the first person), or as a webhook with ``subtype="bot_message"``.

        ``extra`` goes into the message as it is: ``files``, ``blocks``, another bot's ``bot_id`` and
        ``username``…

        Raises:
            Refusal: ``channel_not_found``, ``user_not_found``, ``is_archived``, ``thread_not_found``;
                ``user_is_deactivated``.
        """
        where = self.channel(channel)
        if where.is_archived:
            raise Refusal("is_archived")
        if thread_ts is not None and where.timeline.get(thread_ts) is None:
            raise Refusal("thread_not_found")
        author = self._author(where, user, subtype)
        fields = {**_signature(author, subtype, extra), "team": self.app.team_id}
        blocks = from_text(text, lists=author is not None and not author.is_bot)
        if blocks:
            fields["blocks"] = blocks
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
        if subtype == "thread_broadcast":
            message.root = root
        self.touch(channel)
        channel.timeline.append(message)
        team = {"team": self.app.team_id} if subtype in TOLD_WITH_TEAM else {}
        self._emit_message(channel, message.as_json() | team, message.ts)
        self._tell_of_mention(channel, message)
        for witness in self.witnesses:
            witness.posted(channel, message)
        return message

    def messages(self, channel: str | Channel) -> list[Message]:
        """Return all messages of a channel, replies included, oldest first."""
        return list(self.channel(channel).timeline)

    def message(self, channel: str | Channel, ts: str) -> Message:
        """Return one message; the tombstone of a deleted one is none.

        Raises:
            Refusal: ``message_not_found``.
        """
        found = self.channel(channel).timeline.get(ts)
        if found is None or found.is_tombstone:
            raise Refusal("message_not_found")
        return found

    def edit(
        self,
        channel: str | Channel,
        ts: str,
        text: str | None = None,
        *,
        by: str | User | None = None,
        metadata: dict[str, Json] | None = None,
        marked: bool = True,
        **fields: Json,
    ) -> Message:
        """Change a message's text or other fields, as its author does; its ts stays.

        ``by``: who is named as the editor; None: the author. ``marked``: it shows that it was edited. A field
        that is None is taken away, ``{}`` as metadata takes the metadata away. Blocks that were made of the
        text follow it.
        """
        where, message = self.channel(channel), self.message(channel, ts)
        editor = self.user(by).id if by is not None else message.user or self.app.bot_user_id
        previous = message.as_json()
        if text is not None and "blocks" not in fields and _is_text_alone(message):
            fields["blocks"] = from_text(text) or None
        if marked:
            message.edited = {"user": editor, "ts": f"{self.seconds()}.000000"}
        self._change(where, message, previous, text, fields, metadata)
        self._tell_of_mention(where, message, self.new_ts())
        return message

    def amend(self, channel: str | Channel, ts: str, text: str | None = None, **fields: Json) -> Message:
        """Change a message without a mark that it was edited, as unfurling and streaming do."""
        where, message = self.channel(channel), self.message(channel, ts)
        self._change(where, message, message.as_json(), text, fields, None)
        return message

    def delete(self, channel: str | Channel, ts: str) -> None:
        """Delete a message; of the root of a thread with replies a tombstone stays."""
        where, message = self.channel(channel), self.message(channel, ts)
        metadata = message.metadata
        if message.reply_count:
            self._bury(where, message)
        else:
            where.timeline.remove(ts)
            now = self.new_ts()
            change = {"deleted_ts": ts, "previous_message": message.as_json(), "hidden": True, "ts": now}
            self._emit_message(where, {"type": "message", "subtype": "message_deleted", **change}, now)
        for witness in self.witnesses:
            witness.deleted(where, message, metadata)

    def react(self, channel: str | Channel, ts: str, name: str, user: str | User | None = None) -> Message:
        """React to a message as a user (None: the first person).

        Raises:
            Refusal: ``message_not_found``, ``user_is_deactivated``, and what
                :func:`~pack.sandbox.slack.world.reactions.add_reaction` raises.
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

    def _change(
        self,
        channel: Channel,
        message: Message,
        previous: dict[str, Json],
        text: str | None,
        fields: Mapping[str, Json],
        metadata: dict[str, Json] | None,
    ) -> None:
        before = message.metadata
        if text is not None:
            message.text = text
        if metadata is not None:
            message.metadata = metadata or None
        for name, value in fields.items():
            if value is None:
                message.fields.pop(name, None)
            else:
                message.fields[name] = value
        self._emit_changed(channel, message, previous)
        for witness in self.witnesses:
            witness.changed(channel, message, before)

    def _bury(self, channel: Channel, message: Message) -> None:
        """Put a tombstone in a deleted root's place: its replies go on hanging there."""
        previous = message.as_json()
        message.subtype, message.user, message.text = "tombstone", "USLACKBOT", "This message was deleted."
        message.fields, message.reactions = {"hidden": True}, {}
        message.metadata = message.edited = None
        self._emit_changed(channel, message, previous)

    def _emit_changed(self, channel: Channel, message: Message, previous: dict[str, Json]) -> None:
        now = self.new_ts()
        shown = message.as_json()
        if message.edited and "client_msg_id" in message.fields:
            shown |= {"source_team": self.app.team_id, "user_team": self.app.team_id}
        change = {"message": shown, "previous_message": previous, "hidden": True, "ts": now}
        self._emit_message(channel, {"type": "message", "subtype": "message_changed", **change}, now)

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
        if author.deleted:
            raise Refusal("user_is_deactivated")
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


def _is_text_alone(message: Message) -> bool:
    blocks = message.fields.get("blocks") or []
    return bool(blocks) and all(block.get("type") == "rich_text" for block in blocks)


def _signature(author: User | None, subtype: str | None, extra: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields by which a message tells what wrote it: a client, a bot or a webhook."""
    if author is not None and author.is_bot:
        return {"bot_id": author.bot_id, "app_id": author.app_id}
    if subtype == "bot_message":
        return webhook_author() if author is None and "bot_id" not in extra else {}
    return {"client_msg_id": str(uuid.uuid4())}
