"""Which channels the pack is wanted in, which it is in, and how the two are brought together.

The backup file lists the *wanted* channels; Slack says which are *joined*. What is wanted and not joined is
joined at start, or reported with what to do, and stays wanted. Only LeaveChannel or a kick that is seen live
takes a channel off the list; an invitation seen live and a membership found at start are added.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from pack.clock import Clock, wait_for
from pack.contracts.ports import Check, Slack, WantedChannels
from pack.errors import AnswerLost, PackError, SlackRateLimited, SlackUnavailable, TransientError
from pack.retry import Backoff, retry
from pack.slack.channels import ChannelDirectory, KnownChannel, list_conversations, may_be_id, read_channel

logger = logging.getLogger(__name__)

JOINING_SECONDS = 30.0
"""How long one channel's joining may fail for a passing reason before the next one is tried."""

AGAIN_SECONDS = 300.0
"""How long until channels that could not be joined for a passing reason are tried again."""


JUST_NOW_SECONDS = 5.0
"""How long ago a joining may have taken effect whose answer has just come."""


def _unheard(*_: object) -> None:
    """Tell nobody."""


class Membership:
    """The wanted and the joined channels.

    ``on_joined`` is told of each channel that the bot is found to be in, and since when by Slack's date
    (None: nobody knows), ``on_left`` of each that it left or was removed from. Both may be told again.
    """

    def __init__(
        self, *, slack: Slack, directory: ChannelDirectory, wanted: WantedChannels, clock: Clock
    ) -> None:
        self._slack = slack
        self._directory = directory
        self._file = wanted
        self._clock = clock
        self._wanted: list[str] = []
        self._saving = asyncio.Lock()
        self._not_joined: dict[str, str] = {}
        self._left: set[str] = set()
        self._to_try: set[str] = set()
        self._settled = asyncio.Event()
        self._known = asyncio.Event()
        self.on_joined: Callable[[str, float | None], None] = _unheard
        self.on_left: Callable[[str], None] = _unheard

    @property
    def joined(self) -> Sequence[str]:
        """The IDs of the channels that the bot is in, in a stable order."""
        return sorted(self._directory.joined)

    @property
    def wanted(self) -> Sequence[str]:
        """The IDs of the channels that the pack is wanted in, oldest first."""
        return tuple(self._wanted)

    # --- at start ---

    def load(self) -> None:
        """Read the list of wanted channels."""
        self._wanted = self._file.load()

    async def settle(self, default_channels: Iterable[str]) -> None:
        """Find out where the bot is, and join the channels that are wanted but not joined.

        ``default_channels`` are IDs or names. What cannot be joined is logged with what to do; what could not
        for a passing reason is tried again every few minutes, until that is over. Never raises for Slack's
        sake.
        """
        await self._find_joined()
        defaults = [channel_id for name in default_channels if (channel_id := await self._default(name))]
        await self._want([*defaults, *self._directory.joined])
        await self._join(self._wanted)
        self._settled.set()
        logger.info(
            "channels are settled",
            extra={"joined": len(self._directory.joined), "not_joined": len(self._not_joined)},
        )
        while self._to_try:
            await self._clock.sleep(AGAIN_SECONDS)
            await self._join(sorted(self._to_try))

    async def wait_until_settled(self, seconds: float) -> bool:
        """Wait until every wanted channel was tried at the start; return whether memberships are known."""
        await wait_for(self._settled, seconds, self._clock)
        return self._known.is_set()

    @property
    def is_settled(self) -> bool:
        """Whether every wanted channel was tried since the start."""
        return self._settled.is_set()

    async def find_again(self) -> None:
        """Look again where the bot is, since an invitation may not have been seen. Never raises.

        While that is still to be found out for the first time, it waits for that instead.
        """
        if not self._known.is_set():
            await self._known.wait()
            return
        self._left.clear()
        await self._find_joined()
        await self._want(self.joined)

    async def _find_joined(self) -> None:
        memberships = list_conversations(self._slack, "users.conversations", self._clock, None)
        try:
            async for channel in memberships:
                if channel.id not in self._left:
                    self._note_joined(channel)
        except PackError as error:
            level = logging.DEBUG if self._known.is_set() else logging.WARNING
            logger.log(level, "Slack does not say which channels the bot is in: %s", error)
        self._known.set()

    async def _join(self, channel_ids: Sequence[str]) -> None:
        for channel_id in tuple(channel_ids):
            self._to_try.discard(channel_id)
            if channel_id in self._wanted and channel_id not in self._directory.joined:
                await self._join_wanted(channel_id)

    async def _default(self, reference: str) -> str | None:
        try:
            channel = await self._directory.find(reference)
        except PackError as error:
            logger.warning("the default channel %s could not be looked up: %s", reference, error)
            channel = None
        if channel:
            return channel.id
        if may_be_id(reference):
            return reference.strip()
        logger.error(
            "FLYTE_SLACK_DEFAULT_JOIN_CHANNEL names %s, which is not there (archived channels, and private "
            "ones without the bot, are not listed): create it, invite the bot, or give the channel's ID",
            reference,
        )
        return None

    async def _join_wanted(self, channel_id: str) -> None:
        async def while_away() -> object:
            return await retry(
                lambda: self._slack.call("conversations.join", {"channel": channel_id}),
                backoff=Backoff(first_seconds=1, cap_seconds=10),
                clock=self._clock,
                give_up_after_seconds=JOINING_SECONDS,
                only=(SlackUnavailable, AnswerLost),
            )

        backoff = Backoff(first_seconds=1, cap_seconds=60)
        try:
            await retry(while_away, backoff=backoff, clock=self._clock, only=SlackRateLimited)
        except PackError as error:
            if isinstance(error, TransientError):
                self._to_try.add(channel_id)
            self._not_joined[channel_id] = str(error)
            logger.warning(
                "%s is wanted but cannot be joined, and stays on the list (LeaveChannel takes it off): %s",
                channel_id,
                error,
            )
            return
        channel = self._directory.known(channel_id) or KnownChannel(channel_id, "")
        self._note_joined(channel, self._just_now())

    # --- commands ---

    async def joined_by_command(self, channel: KnownChannel) -> None:
        """Note that the bot was made to join a channel."""
        self._note_joined(channel, self._just_now())
        await self._want([channel.id])

    async def left_by_command(self, channel_id: str) -> None:
        """Note that the bot was made to leave a channel: it is not wanted there any more."""
        await self._unwant(channel_id)

    # --- seen live ---

    async def invited(self, channel_id: str, at: float | None = None) -> None:
        """Note that the bot was seen to become a member of a channel; ``at``: when, by Slack's date."""
        known = self._directory.known(channel_id)
        self._note_joined(known or KnownChannel(channel_id, ""), self._just_now() if at is None else at)
        await self._want([channel_id])
        if known is None:
            await self._look_at(channel_id)

    async def kicked(self, channel_id: str) -> None:
        """Note that the bot was seen to be removed from a channel."""
        if channel_id in self._wanted or channel_id in self._directory.joined:
            logger.info("the bot is not in %s any more; the channel is not wanted any more", channel_id)
        await self._unwant(channel_id)

    async def moved(self, old_id: str, new_id: str, at: float | None = None) -> None:
        """Note that Slack gave a channel another ID; ``at``: when, by Slack's date."""
        known = self._directory.known(old_id)
        was_joined, was_wanted = old_id in self._directory.joined, old_id in self._wanted
        self._directory.forget(old_id)
        self._directory.joined.discard(old_id)
        self.on_left(old_id)
        if was_joined:
            channel = KnownChannel(new_id, known.name if known else "")
            self._note_joined(channel, self._slack.date() if at is None else at)
        if was_wanted:
            self._wanted = list(dict.fromkeys(new_id if entry == old_id else entry for entry in self._wanted))
            await self._save()

    async def unarchived(self, channel_id: str) -> None:
        """Note that a channel can be used again, and join it if wanted: a public one lost its members."""
        await self._look_at(channel_id)
        await self._join([channel_id])

    async def _look_at(self, channel_id: str) -> None:
        try:
            answer = await self._slack.call("conversations.info", {"channel": channel_id})
        except PackError as error:
            logger.debug("what %s is called is not known: %s", channel_id, error)
        else:
            found = answer.get("channel") or {}
            channel = read_channel({"id": channel_id, **found})
            self._directory.learn(channel)
            if found.get("is_member"):
                self._note_joined(channel)

    # --- the lists ---

    def _just_now(self) -> float:
        return self._slack.date() - JUST_NOW_SECONDS

    def _note_joined(self, channel: KnownChannel, at: float | None = None) -> None:
        self._left.discard(channel.id)
        self._directory.joined.add(channel.id)
        self._not_joined.pop(channel.id, None)
        if channel.name or self._directory.known(channel.id) is None:
            self._directory.learn(channel)
        self.on_joined(channel.id, at)

    async def _want(self, channel_ids: Iterable[str]) -> None:
        more = [channel_id for channel_id in dict.fromkeys(channel_ids) if channel_id not in self._wanted]
        if more:
            self._wanted.extend(more)
            await self._save()

    async def _unwant(self, channel_id: str) -> None:
        self._left.add(channel_id)
        self._directory.joined.discard(channel_id)
        self._not_joined.pop(channel_id, None)
        self.on_left(channel_id)
        if channel_id in self._wanted:
            self._wanted.remove(channel_id)
            await self._save()

    async def _save(self) -> None:
        async with self._saving:
            await asyncio.to_thread(self._file.save, tuple(self._wanted))

    async def save_again(self) -> None:
        """Write the list once more when it is not on disk, since the reason may have passed."""
        if self._file.problem and self._wanted:
            await self._save()

    def status(self) -> Check:
        """Say how the channels are, for the health page."""
        parts = [f"in {len(self._directory.joined)} channels"]
        if self._not_joined:
            parts.append(f"wanted but not joined: {', '.join(sorted(self._not_joined))} (invite the bot)")
        if self._file.problem:
            parts.append(f"the list is not on disk: {self._file.problem}")
        if not self.is_settled:
            parts.append("still joining")
        return Check(healthy=True, ready=True, status="; ".join(parts))
