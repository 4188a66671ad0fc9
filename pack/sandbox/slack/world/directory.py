"""Who and what exists in the simulated workspace: users, channels, identifiers, timestamps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pack.clock import Clock
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import App, Channel, Kind, User
from pack.sandbox.slack.world.timeline import Timeline

Json = Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MESSAGES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened in the workspace."""

    event: dict[str, Json]
    """The inner event as the Events API delivers it."""
    channel: Channel | None
    scope: str | None
    """The scope that the app needs to be told of it; None: no scope."""
    to_bot: bool
    """Whether the app's bot is where it can see it."""


Listener = Callable[[Occurrence], None]


class Directory:
    """Users and channels, found by ID or name; whoever listens hears what happens to them."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.app = app
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self._clock = clock
        self._listeners: list[Listener] = []
        self._numbers = 0
        self._last_ts = 0
        self._untouched: set[str] = set()
        self._channel_ids: dict[str, str] = {}
        self._add_bot_user()

    def reset(self) -> None:
        """Forget everybody and everything but the app's bot; who listens goes on listening."""
        self.users.clear()
        self.channels.clear()
        self._untouched.clear()
        self._channel_ids.clear()
        self._numbers = 0
        self._add_bot_user()

    # --- time and identity --------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """Return an identifier that nothing else has: ``U0…``, ``C0…``."""
        self._numbers += 1
        return f"{prefix}0{encode_number(self._numbers)}"

    def new_ts(self) -> str:
        """Return the present as ``SECONDS.MICROS``; unique, and larger than every one before."""
        now = (self._clock.now() - _EPOCH) // timedelta(microseconds=1)
        self._last_ts = max(now, self._last_ts + 1)
        seconds, micros = divmod(self._last_ts, 1_000_000)
        return f"{seconds}.{micros:06d}"

    def seconds(self) -> int:
        """Return the present in whole seconds since 1970."""
        return int(self._clock.now().timestamp())

    # --- listening ----------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        """Have a function called with everything that happens from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Stop what :meth:`listen` began."""
        self._listeners.remove(listener)

    def emit(
        self,
        event: dict[str, Json],
        channel: Channel | None,
        scope: str | None,
        *,
        to_bot: bool | None = None,
    ) -> None:
        """Tell the listeners; ``to_bot`` None: the bot sees it when it is a member of the channel."""
        if to_bot is None:
            to_bot = channel is not None and self.app.bot_user_id in channel.members
        occurrence = Occurrence(event, channel, scope, to_bot)
        for listener in tuple(self._listeners):
            listener(occurrence)

    # --- users --------------------------------------------------------------------------------------

    def add_user(
        self,
        name: str,
        *,
        real_name: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
        title: str = "",
        first_name: str | None = None,
        last_name: str | None = None,
        is_bot: bool = False,
        deleted: bool = False,
        id: str | None = None,
    ) -> User:
        """Add a user; a name that exists is given the new particulars and keeps its ID.

        What is not given is made from the name. Bots get a bot ID and no address.
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
            first_name=first if first_name is None else first_name,
            last_name=last if last_name is None else last_name,
            is_bot=is_bot,
            bot_id=self.new_id("B") if is_bot else "",
            app_id=self.new_id("A") if is_bot else "",
            deleted=deleted,
            updated=self.seconds(),
        )
        self.users[user.id] = user
        return user

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
        """Return the users that are no bots."""
        return [user for user in self.users.values() if not user.is_bot and user.id != "USLACKBOT"]

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

        A channel of the default workspace that nobody has used is replaced and keeps its ID.

        Raises:
            Refusal: ``name_taken``.
        """
        name = name.removeprefix("#")
        known = self._reusable_id(name)
        present = self.people() if members is None else [self.user(member) for member in members]
        creator = present[0].id if present else "USLACKBOT"
        if bot:
            present.append(self.user(self.app.bot_user_id))
        channel = Channel(
            id=id or known or self.new_id("C"),
            name=name,
            kind=Kind.PRIVATE if private else Kind.PUBLIC,
            creator=creator,
            created=self.seconds(),
            team_id=self.app.team_id,
            timeline=Timeline(MESSAGES_KEPT),
            members={user.id: None for user in present},
            is_archived=archived,
            is_general=name == "general",
            topic=topic,
            purpose=purpose,
        )
        self._keep(channel)
        if not private:
            self._emit_created(channel)
        return channel

    def add_im(self, user: str | User) -> Channel:
        """Return the direct message channel between a user and the app's bot, made when there is none."""
        peer = self.user(user)
        for channel in self.channels.values():
            if channel.kind is Kind.DIRECT and channel.peer == peer.id:
                return channel
        channel = self._new_direct(Kind.DIRECT, "D", "", [peer.id])
        channel.peer = peer.id
        return channel

    def add_mpim(self, users: Iterable[str | User]) -> Channel:
        """Return the group direct message between these users and the bot, made when there is none."""
        peers = [self.user(user) for user in users]
        members = {self.app.bot_user_id, *(peer.id for peer in peers)}
        for channel in self.channels.values():
            if channel.kind is Kind.GROUP_DIRECT and set(channel.members) == members:
                return channel
        name = "mpdm-" + "--".join([*(peer.name for peer in peers), self.app.name]) + "-1"
        return self._new_direct(Kind.GROUP_DIRECT, "G", name, [peer.id for peer in peers])

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

    def _keep(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self._untouched.discard(channel.id)
        if channel.name:
            self._channel_ids[channel.name] = channel.id

    def _new_direct(self, kind: Kind, prefix: str, name: str, members: list[str]) -> Channel:
        channel = Channel(
            id=self.new_id(prefix),
            name=name,
            kind=kind,
            creator=self.app.bot_user_id,
            created=self.seconds(),
            team_id=self.app.team_id,
            timeline=Timeline(MESSAGES_KEPT),
            members=dict.fromkeys([*members, self.app.bot_user_id]),
        )
        self._keep(channel)
        return channel

    def _add_bot_user(self) -> None:
        app = self.app
        self.add_user("slackbot", real_name="Slackbot", email="", id="USLACKBOT")
        bot = self.add_user(app.name, real_name=app.name.title(), is_bot=True, id=app.bot_user_id)
        bot.bot_id, bot.app_id = app.bot_id, app.app_id

    def _emit_created(self, channel: Channel) -> None:
        described = {
            "id": channel.id,
            "name": channel.name,
            "name_normalized": channel.name,
            "created": channel.created,
            "creator": channel.creator,
            "is_channel": True,
            "is_shared": False,
            "is_org_shared": False,
            "context_team_id": channel.team_id,
        }
        event = {"type": "channel_created", "channel": described, "event_ts": self.new_ts()}
        self.emit(event, channel, "channels:read", to_bot=True)
