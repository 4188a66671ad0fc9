"""The simulated workspace: people come and go, channels are made, renamed and archived."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.conversation import Conversation
from pack.sandbox.slack.world.objects import Channel, Kind, User

Json = Any


class Workspace(Conversation):
    """Users, channels and messages, and everything that can be done to them from a test or a terminal.

    Channels may be given by ID, ``#name``, name or object, users by ID, name or object. What happens is
    told to the app's bot as Slack's Events API would. Methods raise ``Refusal`` with Slack's own code.
    """

    def join(self, channel: str | Channel, user: str | User, *, inviter: str | User | None = None) -> bool:
        """Make a user a member; False when it was one already. With an inviter it was invited."""
        where, who = self.channel(channel), self.user(user)
        if where.is_archived:
            raise Refusal("is_archived")
        if who.id in where.members:
            return False
        self.touch(where)
        where.members[who.id] = None
        invited_by = {"inviter": self.user(inviter).id} if inviter is not None else {}
        event = {
            "type": "member_joined_channel",
            "user": who.id,
            "channel": where.id,
            "channel_type": self._letter(where),
            "team": self.app.team_id,
            **invited_by,
            "event_ts": self.new_ts(),
        }
        self.emit(event, where, where.kind.scope("read"))
        self.post(
            where,
            f"<@{who.id}> has joined the channel",
            user=who.id,
            subtype="channel_join",
            fields=invited_by,
        )
        return True

    def leave(self, channel: str | Channel, user: str | User, *, by: str | User | None = None) -> bool:
        """End a user's membership; False when it was no member. ``by``: who removed it; None: by itself."""
        where, who = self.channel(channel), self.user(user)
        if who.id not in where.members:
            return False
        self.touch(where)
        if by is None:
            self.post(where, f"<@{who.id}> has left the channel", user=who.id, subtype="channel_leave")
        del where.members[who.id]
        actor = who if by is None else self.user(by)
        if who.id == self.app.bot_user_id:
            self._emit_left(where, actor)
            return True
        event = {
            "type": "member_left_channel",
            "user": who.id,
            "channel": where.id,
            "channel_type": self._letter(where),
            "team": self.app.team_id,
            "event_ts": self.new_ts(),
        }
        self.emit(event, where, where.kind.scope("read"))
        return True

    def invite_bot(self, channel: str | Channel, by: str | User | None = None) -> bool:
        """Invite the app's bot, as a member does; False when it was in already."""
        inviter = self.people()[0] if by is None else self.user(by)
        return self.join(channel, self.app.bot_user_id, inviter=inviter)

    def kick_bot(self, channel: str | Channel, by: str | User | None = None) -> bool:
        """Remove the app's bot, as a member does; False when it was not in."""
        remover = self.people()[0] if by is None else self.user(by)
        return self.leave(channel, self.app.bot_user_id, by=remover)

    def archive(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Archive a channel."""
        where = self.channel(channel)
        if where.is_archived:
            raise Refusal("already_archived")
        self._service_message(where, "channel_archive", "archived the channel", by)
        where.is_archived = True
        self._emit_channel(where, "archive", {"channel": where.id}, by)

    def unarchive(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Bring an archived channel back."""
        where = self.channel(channel)
        if not where.is_archived:
            raise Refusal("not_archived")
        where.is_archived = False
        self._emit_channel(where, "unarchive", {"channel": where.id}, by)
        self._service_message(where, "channel_unarchive", "un-archived the channel", by)

    def rename(self, channel: str | Channel, name: str, by: str | User | None = None) -> None:
        """Give a channel another name; its ID stays."""
        where, name = self.channel(channel), name.removeprefix("#")
        if name in self._channel_ids:
            raise Refusal("name_taken")
        old = where.name
        where.previous_names.insert(0, old)
        where.name = name
        del self._channel_ids[old]
        self._channel_ids[name] = where.id
        described = {
            "id": where.id,
            "is_channel": where.kind is Kind.PUBLIC,
            "is_mpim": False,
            "name": name,
            "name_normalized": name,
            "created": where.created,
        }
        self._emit_channel(where, "rename", {"channel": described}, None)
        text = f'has renamed the channel from "{old}" to "{name}"'
        self._service_message(where, "channel_name", text, by, old_name=old, name=name)

    def set_topic(self, channel: str | Channel, topic: str, by: str | User | None = None) -> None:
        """Set a channel's topic."""
        where = self.channel(channel)
        where.topic = topic
        self._service_message(where, "channel_topic", f"set the channel's topic: {topic}", by, topic=topic)

    def set_purpose(self, channel: str | Channel, purpose: str, by: str | User | None = None) -> None:
        """Set what a channel is for."""
        where = self.channel(channel)
        where.purpose = purpose
        text = f"set the channel's description: {purpose}"
        self._service_message(where, "channel_purpose", text, by, purpose=purpose)

    def make_private(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Turn a public channel into a private one: who is no member does not see it any more."""
        where = self.channel(channel)
        where.kind = Kind.PRIVATE
        self._service_message(where, "channel_convert_to_private", "made this channel private", by)

    def _service_message(
        self, channel: Channel, subtype: str, text: str, by: str | User | None, **fields: Json
    ) -> None:
        author = self.people()[0] if by is None else self.user(by)
        self.post(channel, f"<@{author.id}> {text}", user=author.id, subtype=subtype, fields=fields)

    def _emit_left(self, channel: Channel, actor: User) -> None:
        prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
        event = {
            "type": f"{prefix}_left",
            "channel": channel.id,
            "actor_id": actor.id,
            "event_ts": self.new_ts(),
        }
        self.emit(event, channel, channel.kind.scope("read"), to_bot=True)

    def _emit_channel(
        self, channel: Channel, what: str, subject: dict[str, Json], by: str | User | None
    ) -> None:
        """Emit a change that concerns the whole workspace when the channel is public, else its members."""
        prefix = "channel" if channel.kind is Kind.PUBLIC else "group"
        event = {"type": f"{prefix}_{what}", **subject, "event_ts": self.new_ts()}
        if what != "rename":
            event["user"] = (self.people()[0] if by is None else self.user(by)).id
        member = self.app.bot_user_id in channel.members
        to_bot = member or channel.kind is Kind.PUBLIC
        self.emit(event, channel, channel.kind.scope("read"), to_bot=to_bot)

    @staticmethod
    def _letter(channel: Channel) -> str:
        """Return the letter by which membership events tell the kind of a channel."""
        return "C" if channel.kind is Kind.PUBLIC else "G"
