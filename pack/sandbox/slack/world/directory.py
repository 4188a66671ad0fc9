"""Who and what exists in the simulated workspace: users and channels, by ID or name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pack.clock import Clock
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.happenings import Happenings, Listener, Occurrence
from pack.sandbox.slack.world.objects import App, Channel, Kind, Remark, User
from pack.sandbox.slack.world.preferences import Preferences
from pack.sandbox.slack.world.timeline import Timeline
from pack.sandbox.slack.world.wording import Wording, rewrite

__all__ = ["Directory", "Listener", "Occurrence"]

Json = Any

MESSAGES_KEPT = 10_000
SLACKBOT = "USLACKBOT"


class Directory(Happenings):
    """Users and channels, found by ID or name; whoever listens hears what happens to them."""

    def __init__(self, app: App, clock: Clock) -> None:
        super().__init__(app, clock)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.preferences = Preferences()
        self._team = (app.team_name, app.team_domain)
        self._untouched: set[str] = set()
        self._channel_ids: dict[str, str] = {}
        self._add_bot_user()

    def reset(self) -> None:
        """Forget everybody and everything but the app's bot; who listens goes on listening."""
        self.users.clear()
        self.channels.clear()
        self.preferences = Preferences()
        self.app.team_name, self.app.team_domain = self._team
        self._untouched.clear()
        self._channel_ids.clear()
        self._numbers = self._last_ts = 0
        self._add_bot_user()

    # --- users --------------------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        real_name: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
        title: str = "",
        is_bot: bool = False,
        deleted: bool = False,
        id: str | None = None,
        **further: Json,
    ) -> User:
        """Add a user; a name that exists is given the new particulars and keeps its ID.

        What is not given is made from the name. Bots get a bot ID and no address. ``further``: more fields.
        """
        known = next((user for user in self.users.values() if user.name == name), None)
        real = name.replace(".", " ").title() if real_name is None else real_name
        first, _, last = real.partition(" ")
        user = User(
            id=id or (known.id if known else self.new_id("U")),
            name=name,
            team_id=self.app.team_id,
            real_name=real,
            display_name=name if display_name is None else display_name,
            email="" if is_bot else (f"{name}@example.com" if email is None else email),
            title=title,
            is_bot=is_bot,
            bot_id=self.new_id("B") if is_bot else "",
            app_id=self.new_id("A") if is_bot else "",
            deleted=deleted,
            updated=self.seconds(),
            **{"online": not is_bot and not deleted, "first_name": first, "last_name": last, **further},
        )
        self.users[user.id] = user
        self.tell_of_user("user_change" if known else "team_join", user)
        return user

    def tell_of_user(self, kind: str, user: User) -> None:
        """Emit an event that carries a whole user."""
        self.tell_bot(kind, "users:read", user=user.as_json(), cache_ts=self.seconds())

    def user(self, reference: str | User) -> User:
        """Return a user by ID or name.

        Raises:
            Refusal: ``user_not_found``.
        """
        if isinstance(reference, User):
            return reference
        bare = reference.removeprefix("@")
        found = self.users.get(reference) or next((u for u in self.users.values() if u.name == bare), None)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def people(self) -> list[User]:
        """Return the users that are no bots and not deactivated."""
        return [
            user for user in self.users.values() if not (user.is_bot or user.deleted or user.id == SLACKBOT)
        ]

    # --- channels -----------------------------------------------------------------------------------

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        members: Iterable[str | User] | None = None,
        bot: bool = False,
        archived: bool = False,
        topic: str = "",
        purpose: str = "",
        id: str | None = None,
    ) -> Channel:
        """Add a channel; members None: all people. ``bot``: the app's bot is a member from the start.

        A channel of the default workspace that nobody has used is replaced and keeps its ID; one in use is
        refused as ``name_taken``.
        """
        name, now = name.removeprefix("#"), self.seconds()
        known = self._reusable_id(name)
        present = self.people() if members is None else [self.user(member) for member in members]
        creator = present[0].id if present else SLACKBOT
        present += [self.user(self.app.bot_user_id)] if bot else []
        channel = Channel(
            id=id or known or self.new_id("C"),
            name=name,
            kind=Kind.PRIVATE if private else Kind.PUBLIC,
            creator=creator,
            created=now,
            team_id=self.app.team_id,
            timeline=Timeline(MESSAGES_KEPT),
            members={user.id: None for user in present},
            is_archived=archived,
            is_general=name == "general",
            topic_set=_remark(topic, creator, now),
            purpose_set=_remark(purpose, creator, now),
            updated=self.milliseconds(),
        )
        return self._appear(channel)

    def add_im(self, user: str | User, owner: str | User | None = None) -> Channel:
        """Return the direct message channel between a user and another (None: the app's bot).

        It is made when there is none; with the same user twice it is that person's own.
        """
        peer = self.user(user)
        opener = self.user(self.app.bot_user_id if owner is None else owner)
        members = {opener.id, peer.id}
        found = self._direct_between(Kind.DIRECT, members)
        if found is not None:
            return found
        channel = self._new_direct(Kind.DIRECT, "D", "", [peer.id, opener.id])
        channel.peer = peer.id
        event = {"type": "im_created", "user": opener.id, "channel": {"id": channel.id}}
        self.emit(
            {**event, "event_ts": self.new_ts()}, channel, "im:read", to_bot=self.app.bot_user_id in members
        )
        return channel

    def add_mpim(self, users: Iterable[str | User], owner: str | User | None = None) -> Channel:
        """Return the group direct message between these users and another (None: the app's bot)."""
        opener = self.user(self.app.bot_user_id if owner is None else owner)
        peers = [peer for peer in map(self.user, users) if peer.id != opener.id]
        found = self._direct_between(Kind.GROUP_DIRECT, {opener.id, *(peer.id for peer in peers)})
        if found is not None:
            return found
        names = [*(peer.name for peer in peers), opener.name]
        channel = self._new_direct(
            Kind.GROUP_DIRECT, "C", f"mpdm-{'--'.join(names)}-1", [*(peer.id for peer in peers), opener.id]
        )
        channel.purpose_set = Remark(
            "Group messaging with: " + " ".join(f"@{name}" for name in names), opener.id, channel.created
        )
        channel.topic_set = Remark("Group messaging", opener.id, channel.created)
        return channel

    def direct_between(self, users: Iterable[str | User]) -> Channel | None:
        """Return the direct message of exactly these users; None: there is none."""
        members = {self.user(user).id for user in users}
        kind = Kind.GROUP_DIRECT if len(members) > 2 else Kind.DIRECT
        return self._direct_between(kind, members)

    def channel(self, reference: str | Channel) -> Channel:
        """Return a channel by ID, ``#name`` or name.

        Raises:
            Refusal: ``channel_not_found``.
        """
        if isinstance(reference, Channel):
            return reference
        found = self.channels.get(reference)
        if found is None:
            found = self.channels.get(self._channel_ids.get(reference.removeprefix("#"), ""))
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def sees(self, user_id: str, channel: Channel) -> bool:
        """Say whether a user may know that a channel exists: guests only know those that they are in."""
        if user_id in channel.members:
            return True
        user = self.users.get(user_id)
        return not channel.private and not (user is not None and user.is_guest)

    def may_post(self, user_id: str, channel: Channel) -> bool:
        """Say whether a user's posts are let into a channel: only admins' are where posting is restricted."""
        user = self.users.get(user_id)
        return not channel.read_only or (user is not None and user.may_administer)

    def touch(self, channel: Channel) -> None:
        """Note that a channel of the default workspace is in use."""
        self._untouched.discard(channel.id)

    def has_channel(self, name: str) -> bool:
        """Say whether a channel has that name."""
        return name in self._channel_ids

    def leave_untouched(self) -> None:
        """Count every channel that there is as not in use, so that it can be made anew."""
        self._untouched = set(self.channels)

    def _reusable_id(self, name: str) -> str | None:
        """Return the ID of an unused channel of that name; None: there is none of that name."""
        known = self._channel_ids.get(name)
        if known is not None and known not in self._untouched:
            raise Refusal("name_taken")
        return known

    def _appear(self, channel: Channel) -> Channel:
        """Keep a new conversation; everybody is told of a public channel."""
        self.channels[channel.id] = channel
        self._untouched.discard(channel.id)
        if channel.name:
            self._channel_ids[channel.name] = channel.id
        if channel.kind is Kind.PUBLIC:
            self._emit_created(channel)
        return channel

    def _direct_between(self, kind: Kind, members: set[str]) -> Channel | None:
        direct = (channel for channel in self.channels.values() if channel.kind is kind)
        return next((channel for channel in direct if set(channel.members) == members), None)

    def _new_direct(self, kind: Kind, prefix: str, name: str, members: list[str]) -> Channel:
        channel = Channel(
            id=self.new_id(prefix),
            name=name,
            kind=kind,
            creator=members[-1],
            created=self.seconds(),
            team_id=self.app.team_id,
            timeline=Timeline(MESSAGES_KEPT),
            members=dict.fromkeys(members),
            updated=self.milliseconds(),
        )
        return self._appear(channel)

    def _add_bot_user(self) -> None:
        app = self.app
        with self.unheard():
            self.add_user("slackbot", real_name="Slackbot", email="", id=SLACKBOT)
            bot = self.add_user(app.name, real_name=app.name.title(), is_bot=True, id=app.bot_user_id)
        bot.bot_id, bot.app_id = app.bot_id, app.app_id

    def _emit_created(self, channel: Channel) -> None:
        event = {"type": "channel_created", "channel": channel.as_created(), "event_ts": self.new_ts()}
        self.emit(event, channel, "channels:read", to_bot=True)


def _remark(text: str, creator: str, now: int) -> Remark:
    return Remark(rewrite(text, Wording()), creator, now) if text else Remark()
