"""The simulated workspace: people come and go, channels are made, renamed and archived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.conversation import Conversation
from pack.sandbox.slack.world.directory import SLACKBOT
from pack.sandbox.slack.world.objects import Channel, Kind, Remark, User
from pack.sandbox.slack.world.population import Population
from pack.sandbox.slack.world.wording import Wording, rewrite

Json = Any


class Workspace(Conversation, Population):
    """Users, channels and messages, and everything that can be done to them from a test or a terminal.

    Channels may be given by ID, ``#name``, name or object, users by ID, name or object. What happens is
    told to the app's bot as Slack's Events API would. Methods raise ``Refusal`` with Slack's own code.
    ``by``: who does it; None: the first person.
    """

    # --- membership ---------------------------------------------------------------------------------

    def join(self, channel: str | Channel, user: str | User, *, inviter: str | User | None = None) -> bool:
        """Make a user a member; False when it was one already. With an inviter it was invited.

        Raises:
            Refusal: ``is_archived``, ``too_many_members``.
        """
        where, who = self.channel(channel), self.user(user)
        if where.is_archived:
            raise Refusal("is_archived")
        if who.id in where.members:
            return False
        if len(where.members) >= self.preferences.largest_channel:
            raise Refusal("too_many_members")
        self.touch(where)
        where.members[who.id] = None
        invited_by = {"inviter": self.user(inviter).id} if inviter is not None else {}
        event = self._membership_event("member_joined_channel", where, who)
        self.emit({**event, **invited_by}, where, where.kind.scope("read"))
        self.post(
            where,
            f"<@{who.id}> has joined the channel",
            user=who.id,
            subtype="channel_join",
            fields=invited_by,
        )
        if who.id == self.app.bot_user_id:
            self._tell_of_invitation(where, invited_by.get("inviter", ""))
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
        where.last_read.pop(who.id, None)
        if who.id == self.app.bot_user_id:
            remover = who if by is None else self.user(by)
            self._emit_left(where, remover)
            if remover is not who:
                self._notify_of_removal(where, who, remover)
            return True
        event = self._membership_event("member_left_channel", where, who)
        self.emit(event, where, where.kind.scope("read"))
        return True

    def invite_bot(self, channel: str | Channel, by: str | User | None = None) -> bool:
        """Invite the app's bot, as a member does; False when it was in already."""
        return self.join(channel, self.app.bot_user_id, inviter=self._actor(by))

    def kick_bot(self, channel: str | Channel, by: str | User | None = None) -> bool:
        """Remove the app's bot, as a member does; False when it was not in."""
        return self.leave(channel, self.app.bot_user_id, by=self._actor(by))

    # --- the life of a channel ----------------------------------------------------------------------

    def create(
        self, name: str, by: str | User | None = None, *, private: bool = False, id: str | None = None
    ) -> Channel:
        """Make a channel, as a user does who is its first member; ``id``: it has one in another workspace."""
        creator = self._actor(by)
        with self.unheard():
            channel = self.add_channel(name, private=private, members=[], id=id)
        channel.creator = creator.id
        if not private:
            self._emit_created(channel)
        self.join(channel, creator)
        return channel

    def archive(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Archive a channel; a public one has no members any more, a private one keeps them."""
        where = self._changed(channel)
        if where.is_archived:
            raise Refusal("already_archived")
        self._service_message(where, "channel_archive", "archived the channel", by)
        where.is_archived = True
        self._emit_channel(where, "archive", {"channel": where.id}, by)
        if not where.private:
            where.members.clear()
            where.last_read.clear()

    def unarchive(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Bring an archived channel back; who does it is a member then, former ones are not made so again."""
        where = self._changed(channel)
        if not where.is_archived:
            raise Refusal("not_archived")
        where.is_archived = False
        where.members.setdefault(self._actor(by).id)
        self._emit_channel(where, "unarchive", {"channel": where.id}, by)
        self._service_message(where, "channel_unarchive", "un-archived the channel", by)

    def delete_channel(self, channel: str | Channel) -> None:
        """Delete a channel and all that was said in it.

        Raises:
            Refusal: ``cant_delete_general``.
        """
        where = self.channel(channel)
        if where.is_general:
            raise Refusal("cant_delete_general")
        del self.channels[where.id]
        self._channel_ids.pop(where.name, None)
        self._untouched.discard(where.id)
        self._emit_channel(where, "deleted", {"channel": where.id}, None)

    def rename(self, channel: str | Channel, name: str, by: str | User | None = None) -> None:
        """Give a channel another name; its ID stays."""
        where, name = self.channel(channel), name.removeprefix("#")
        if name in self._channel_ids:
            raise Refusal("name_taken")
        self._changed(where)
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
        """Set a channel's topic; like every text it is kept with ``&``, ``<`` and ``>`` escaped."""
        where, topic = self._changed(channel), rewrite(topic, Wording())
        where.topic_set = Remark(topic, self._actor(by).id, self.seconds())
        text = f"set the channel topic: {topic}" if topic else "cleared the channel topic"
        self._service_message(where, "channel_topic", text, by, topic=topic)

    def set_purpose(self, channel: str | Channel, purpose: str, by: str | User | None = None) -> None:
        """Set what a channel is for; kept as a topic is."""
        where, purpose = self._changed(channel), rewrite(purpose, Wording())
        where.purpose_set = Remark(purpose, self._actor(by).id, self.seconds())
        text = f"set the channel description: {purpose}" if purpose else "cleared the channel description"
        self._service_message(where, "channel_purpose", text, by, purpose=purpose)

    def make_private(self, channel: str | Channel, by: str | User | None = None) -> None:
        """Turn a public channel into a private one: who is no member does not see it any more.

        Raises:
            Refusal: ``cant_convert_general``, ``method_not_supported_for_channel_type``.
        """
        where = self.channel(channel)
        if where.kind is not Kind.PUBLIC:
            raise Refusal("method_not_supported_for_channel_type")
        if where.is_general:
            raise Refusal("cant_convert_general")
        self._changed(where).kind = Kind.PRIVATE
        text = "made this channel *private*. Now, it can only be viewed or joined by invitation."
        self._service_message(where, "channel_convert_to_private", text, by)

    def restrict_posting(
        self, channel: str | Channel, read_only: bool = True, by: str | User | None = None
    ) -> None:
        """Let only admins post in a channel, or everybody again."""
        where = self._changed(channel)
        where.read_only = read_only
        text = "restricted who can post in the channel" if read_only else "let everybody post in the channel"
        self._service_message(where, "channel_posting_permissions", text, by)

    # --- direct messages and reading ----------------------------------------------------------------

    def open_direct(
        self, users: Iterable[str | User], owner: str | User | None = None
    ) -> tuple[Channel, bool]:
        """Open the direct message of a user (None: the bot) with others; also whether it was open already."""
        opener = self.user(self.app.bot_user_id) if owner is None else self.user(owner)
        peers = [self.user(user) for user in users]
        found = self.direct_between([opener, *peers])
        if found is not None and opener.id not in found.closed_by:
            return found, True
        if len({opener.id, *(peer.id for peer in peers)}) > 2:
            channel = self.add_mpim(peers, opener)
        else:
            channel = self.add_im(peers[0], opener)
        self.reopen(channel, opener)
        return channel, False

    def reopen(self, channel: Channel, user: User) -> None:
        """Put a direct message back into a user's list."""
        channel.closed_by.discard(user.id)
        self._emit_direct("open", channel, user)

    def close_direct(self, channel: str | Channel, user: str | User) -> bool:
        """Take a direct message out of a user's list; False when it was not there."""
        where, who = self.channel(channel), self.user(user)
        if who.id in where.closed_by:
            return False
        where.closed_by.add(who.id)
        self._emit_direct("close", where, who)
        return True

    def mark(self, channel: str | Channel, user: str | User, ts: str) -> None:
        """Note that a user has read a conversation up to there."""
        self.channel(channel).last_read[self.user(user).id] = ts

    # --- telling ------------------------------------------------------------------------------------

    def _actor(self, by: str | User | None) -> User:
        return self.people()[0] if by is None else self.user(by)

    def _changed(self, channel: str | Channel) -> Channel:
        where = self.channel(channel)
        where.updated = self.milliseconds()
        self.touch(where)
        return where

    def _service_message(
        self, channel: Channel, subtype: str, text: str, by: str | User | None, **fields: Json
    ) -> None:
        author = self._actor(by)
        self.post(channel, f"<@{author.id}> {text}", user=author.id, subtype=subtype, fields=fields)

    def _membership_event(self, kind: str, channel: Channel, user: User) -> dict[str, Json]:
        return {
            "type": kind,
            "user": user.id,
            "channel": channel.id,
            "channel_type": "C" if channel.kind is Kind.PUBLIC else "G",
            "team": self.app.team_id,
            "event_ts": self.new_ts(),
        }

    def _notify_of_removal(self, channel: Channel, user: User, remover: User) -> None:
        """Have Slackbot write to a user that somebody has removed from a channel."""
        with self.unheard():
            direct = self.add_im(SLACKBOT, user)
        text = f"You have been removed from #{channel.name} by <@{remover.id}>"
        self.post(direct, text, user=SLACKBOT, fields={"team": self.app.team_id})

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
        if what in ("archive", "unarchive"):
            event["user"] = self._actor(by).id
        to_bot = channel.kind is Kind.PUBLIC or self.app.bot_user_id in channel.members
        self.emit(event, channel, channel.kind.scope("read"), to_bot=to_bot)

    def _emit_direct(self, what: str, channel: Channel, user: User) -> None:
        """Tell the bot that it opened or closed a direct message; others' are none of its business."""
        kind, scope = ("im", "im:read") if channel.kind is Kind.DIRECT else ("group", "groups:read")
        event = {"type": f"{kind}_{what}", "user": user.id, "channel": channel.id, "event_ts": self.new_ts()}
        self.emit(event, channel, scope, to_bot=user.id == self.app.bot_user_id)
