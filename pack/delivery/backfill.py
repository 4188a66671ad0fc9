"""Backfill: what was said while nothing could be received is read from the channels' history and told.

Each channel has a watermark: up to then everything said there is known to have been received. While payloads
come in, a heartbeat moves the watermarks on. After a gap (the process was down, a connection ended before
another had taken over, a payload was not acknowledged) they stand still until the channel was read from its
watermark on. What was received all the same is dropped as a copy by who is given the messages.

Only messages can be had again: Slack keeps no record of reactions and of what else happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from pack.clock import Clock
from pack.contracts.ports import Check
from pack.contracts.storing import Store
from pack.delivery.backfill_tuning import BackfillTuning
from pack.delivery.missed import Ask, Message, Reading, while_there
from pack.delivery.watermarks import Watermarks
from pack.errors import CredentialsRefused, PackError, SlackRefused, TransientError

__all__ = ["Backfill", "BackfillTuning"]

logger = logging.getLogger(__name__)

_ABSENT = frozenset({"not_in_channel", "channel_not_found"})
_FINAL = _ABSENT | {
    "access_denied",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_channel",
    "method_not_supported_for_channel_type",
    "missing_scope",
    "no_permission",
    "restricted_action",
    "team_access_not_granted",
}
"""Refusals that do not end by themselves: what was missed is left out."""


class _Unkept(PackError):
    """What was read cannot be kept at the moment."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The reading of one channel after one gap, which may take several rounds."""

    gap: int
    reading: Reading
    began: float
    """By Slack's date."""
    started: float
    """By the monotonic clock."""


@dataclass(slots=True)
class _Fill:
    """One fill, for the log."""

    began_at: float
    channels: int = 0
    messages: int = 0


async def _nothing() -> None:
    """Look for no further channels."""


class Backfill:
    """Keeps the watermarks, notices gaps, and has what was missed handed over.

    ``ask`` reads Slack, after everything that is more urgent. ``accept`` is given a channel and a message of
    its history, drops what is known or nothing to tell, and returns whether it was news, when that is kept.
    ``receiving``: whether everything that Slack sends can be received at the moment. ``joined``: the channels
    that the bot is in. ``find_channels`` looks again which these are, and has :meth:`joined` told.
    ``slack_date``: Slack's time, seconds since 1970. ``hours``: how old a message may be; 0: all is off.
    ``user_id``: the bot's.
    """

    def __init__(
        self,
        *,
        store: Store,
        ask: Ask,
        accept: Callable[[str, Message], Awaitable[bool]],
        receiving: Callable[[], bool],
        joined: Callable[[], Collection[str]],
        slack_date: Callable[[], float],
        clock: Clock,
        hours: float,
        user_id: str,
        find_channels: Callable[[], Awaitable[None]] = _nothing,
        tuning: BackfillTuning = BackfillTuning(),  # noqa: B008 - frozen
    ) -> None:
        self._store = store
        self._ask = ask
        self._accept = accept
        self._receiving = receiving
        self._joined = joined
        self._slack_date = slack_date
        self._clock = clock
        self._seconds = hours * 3600.0
        self._user_id = user_id
        self._find_channels = find_channels
        self._tuning = tuning
        self._marks = Watermarks(
            store=store, receiving=receiving, slack_date=slack_date, clock=clock, tuning=tuning
        )
        self._attempts: dict[str, _Attempt] = {}
        self._said: set[tuple[str, str]] = set()

    # --- what it is told ---

    def joined(self, channel: str, at: float | None = None) -> None:
        """Note that the bot is in a channel; ``at``: since when by Slack's date, None: that is not known."""
        if self._seconds:
            self._marks.join(channel, at)

    def left(self, channel: str) -> None:
        """Note that the bot is not in a channel any more."""
        if self._seconds:
            self._marks.leave(channel)

    def heard(self, channel: str) -> None:
        """Note that something said was received from a channel: a direct message has no joining."""
        if self._seconds and channel and channel not in self._marks.channels:
            self._marks.join(channel, self._slack_date())

    def gap(self) -> None:
        """Note that something may not have been received, until now; cheap, and may be called often."""
        if self._seconds:
            self._marks.gap()

    @property
    def waiting(self) -> int:
        """How many channels have to be read."""
        return len(self._marks.unread)

    def status(self) -> Check:
        """Say whether something is to be read, for the health page."""
        if not self._seconds:
            return Check(True, True, "off: what is missed is not read from the history")
        if self.waiting:
            return Check(True, True, f"{self.waiting} channels are to be read for what was missed")
        return Check(True, True, f"watching {len(self._marks.channels)} channels")

    async def run(self) -> None:
        """Watch and fill until cancelled; when it is off, only forget the watermarks, now not kept up."""
        if not self._seconds:
            for mark in await self._store.watermarks():
                await self._store.unwatch(mark.channel)
            return
        await self._marks.restore()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._marks.watch(), name="watermarks")
            group.create_task(self._fill_gaps(), name="backfill")
            looking = self._marks.look_for_channels(self._find_channels, self._until_receiving)
            group.create_task(looking, name="channels after gaps")

    # --- filling ---

    async def _fill_gaps(self) -> None:
        failures, fill = 0, _Fill(self._clock.monotonic())
        while True:
            await self._marks.opened.wait()
            self._marks.opened.clear()
            await self._until_receiving()
            error = await self._try_to_fill(fill)
            if error is None:
                self._say_filled(fill)
                failures, fill = 0, _Fill(self._clock.monotonic())
                await self._clock.sleep(self._tuning.calm_seconds)
                continue
            failures += 1
            level = logging.WARNING if failures == 1 else logging.DEBUG
            logger.log(level, "what was missed cannot be read yet: %s", error)
            self._marks.opened.set()
            await self._clock.sleep(self._pause(error, failures))

    async def _until_receiving(self) -> None:
        """Wait until payloads come in and can be kept."""
        while self._store.problem or not self._receiving():
            await self._clock.sleep(self._tuning.poll_seconds)

    def _pause(self, error: Exception, failures: int) -> float:
        asked = error.retry_after_seconds if isinstance(error, TransientError) else None
        return max(asked or 0.0, self._tuning.backoff.seconds(failures, self._clock))

    async def _try_to_fill(self, fill: _Fill) -> Exception | None:
        """Read what has to be read; return why that did not succeed, None when it did."""
        try:
            await self._fill(fill)
        except (TransientError, CredentialsRefused, SlackRefused, _Unkept) as error:
            return error
        except Exception as error:
            logger.exception("a mistake of the pack while reading what was missed")
            return error
        return None

    async def _fill(self, fill: _Fill) -> None:
        threads = await self._active_threads()
        for channel in self._attempts.keys() - self._marks.unread.keys():
            del self._attempts[channel]
        refusal = None
        for channel in list(self._marks.unread):
            if channel not in self._marks.unread:
                continue
            try:
                await self._fill_channel(channel, threads.get(channel, []), fill)
            except SlackRefused as error:
                refusal = error
        if refusal:
            raise refusal

    async def _active_threads(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for active in await self._store.active_threads(self._slack_date() - self._seconds):
            found.setdefault(active.channel, []).append(active.thread)
        return found

    async def _fill_channel(self, channel: str, threads: Collection[str], fill: _Fill) -> None:
        gap = self._marks.unread.pop(channel)
        # At the end of the line, so that one that cannot be read now holds up no other.
        self._marks.unread[channel] = gap
        attempt = self._attempts.get(channel)
        if attempt is None or attempt.gap != gap:
            attempt = self._attempts[channel] = self._attempt(channel, gap, threads)
        messages = await self._read(channel, attempt.reading)
        del self._attempts[channel]
        news = [await self._accept(channel, message) for message in messages].count(True)
        if self._store.problem:
            raise _Unkept(self._store.problem)
        fill.channels += 1
        fill.messages += news
        logger.debug("read what was missed", extra={"channel": channel, "messages": news})
        # The date may have been wrong until Slack answered.
        began = min(attempt.began, self._slack_date() - (self._clock.monotonic() - attempt.started))
        await self._marks.read(channel, gap, began)

    def _attempt(self, channel: str, gap: int, threads: Collection[str]) -> _Attempt:
        began, started = self._slack_date(), self._clock.monotonic()
        earliest = began - self._seconds
        since = max(self._marks.since(channel, began), earliest)
        reading = Reading(self._ask, channel, since=since, back_to=earliest, threads=threads)
        return _Attempt(gap, reading, began, started)

    async def _read(self, channel: str, reading: Reading) -> Sequence[Message]:
        """Return what was said in a channel, in order, as far as Slack lets it be read.

        A channel that the bot is not in is watched no longer.

        Raises:
            SlackRefused: Slack does not let it be read at the moment.
        """
        try:
            await reading.run()
        except SlackRefused as error:
            if error.code not in _FINAL:
                raise
            self._say_left_out(channel, error)
            if error.code in _ABSENT and channel not in self._joined():
                self.left(channel)
        if reading.cut:
            left_out = ", ".join(reading.cut)
            logger.warning("not all that was missed in %s could be read; left out: %s", channel, left_out)
        return while_there(reading.messages, self._user_id)

    def _say_left_out(self, channel: str, error: SlackRefused) -> None:
        """Say once why a channel cannot be read."""
        level = logging.DEBUG if (channel, error.code) in self._said else logging.WARNING
        self._said.add((channel, error.code))
        logger.log(level, "what was missed in %s cannot be read, and is left out: %s", channel, error)

    def _say_filled(self, fill: _Fill) -> None:
        if fill.channels:
            seconds = round(self._clock.monotonic() - fill.began_at, 1)
            extra = {"channels": fill.channels, "messages": fill.messages, "seconds": seconds}
            logger.info("read what was said while nothing could be received", extra=extra)
