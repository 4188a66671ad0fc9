"""The watermarks: up to when everything said in each channel is known to have been received.

A heartbeat moves them on while payloads come in. After a gap they stand still until the channel was read.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection

from pack.clock import Clock, wait_for
from pack.contracts.storing import Store
from pack.delivery.backfill_tuning import BackfillTuning

logger = logging.getLogger(__name__)


class Watermarks:
    """Where each channel's watermark is, and which channels have to be read."""

    def __init__(
        self,
        *,
        store: Store,
        receiving: Callable[[], bool],
        slack_date: Callable[[], float],
        clock: Clock,
        tuning: BackfillTuning,
    ) -> None:
        self._store = store
        self._receiving = receiving
        self._slack_date = slack_date
        self._clock = clock
        self._tuning = tuning
        self._changes: deque[tuple[str, float | None, bool]] = deque()
        self._changed = asyncio.Event()
        self._doubted = asyncio.Event()
        """Set when channels have to be looked for."""
        self._changing = asyncio.Lock()
        self._sound_at = 0.0
        """Up to when everything is known to have come in, by Slack's date."""
        self._beat_at: float | None = None
        self.channels: dict[str, float] = {}
        """The watermark of each channel, as far as it is known here; by Slack's date."""
        self.unread: dict[str, int] = {}
        """The channels that have to be read, each with the number of its latest gap."""
        self.is_sound = True
        """Whether channels have been looked for since the last gap."""
        self.gaps = 0
        """How many gaps there were."""
        self.opened = asyncio.Event()
        """Set when there is something to read; who reads clears it."""

    # --- what it is told ---

    def join(self, channel: str, at: float | None) -> None:
        """Note that the bot is in a channel, since then; None: nobody knows since when."""
        if channel not in self.channels:
            self._change(channel, at, is_in=True)

    def leave(self, channel: str) -> None:
        """Note that the bot is not in a channel any more."""
        self._change(channel, None, is_in=False)

    def gap(self) -> None:
        """Note that something may not have been received until now."""
        self.gaps += 1
        self.is_sound = False
        self.unread.update(dict.fromkeys(self.channels, self.gaps))
        self.opened.set()
        self._doubted.set()

    def since(self, channel: str, date: float) -> float:
        """Return since when a channel has to be read, by Slack's date; 0: from as early as may be.

        A watermark after ``date``, which it is now, tells nothing: one of the two dates was wrong.
        """
        return 0.0 if self._is_ahead(channel, date) else self.channels[channel]

    def _is_ahead(self, channel: str, date: float) -> bool:
        return self.channels[channel] > date + self._tuning.overlap_seconds

    async def read(self, channel: str, gap: int, began: float) -> None:
        """Note that a channel was read after that gap; the reading began then, by Slack's date."""
        if self.unread.get(channel) != gap:
            return
        del self.unread[channel]
        sound = began - self._tuning.overlap_seconds
        if self._is_ahead(channel, began):
            await self._set_back(channel, sound)
        else:
            self._move([channel], sound)

    async def _set_back(self, channel: str, since: float) -> None:
        logger.warning("Slack's date was wrong: %s was watched from a later date on than it is", channel)
        self._sound_at = min(self._sound_at, since)
        self.channels[channel] = since
        async with self._changing:
            await self._store.unwatch(channel)
            if channel in self.channels:
                await self._store.watch(channel, since)

    def _change(self, channel: str, at: float | None, *, is_in: bool) -> None:
        self._changes.append((channel, at, is_in))
        self._changed.set()

    # --- what it does ---

    async def restore(self) -> None:
        """Take up the watermarks of an earlier run: what was said since then may be missing."""
        for mark in await self._store.watermarks():
            self.channels[mark.channel] = mark.since
        self._sound_at = max(self.channels.values(), default=self._slack_date())
        if self.channels:
            self.gap()

    async def watch(self) -> None:
        """Move the watermarks on until cancelled."""
        while True:
            await wait_for(self._changed, self._tuning.heartbeat_seconds, self._clock)
            await self.apply_changes()
            self._beat()

    async def look_for_channels(
        self, find: Callable[[], Awaitable[None]], until_receiving: Callable[[], Awaitable[None]]
    ) -> None:
        """Have channels looked for after each gap, until cancelled; what is known need not wait for that."""
        failures = 0
        while True:
            await self._doubted.wait()
            await until_receiving()
            self._doubted.clear()
            gaps = self.gaps
            try:
                await find()
                await self.apply_changes()
            except Exception:
                logger.exception("a mistake of the pack while looking for channels")
                failures += 1
                self._doubted.set()
                await self._clock.sleep(self._tuning.backoff.seconds(failures, self._clock))
                continue
            self.is_sound = gaps == self.gaps
            failures = 0
            await self._clock.sleep(self._tuning.calm_seconds)

    async def apply_changes(self) -> None:
        """Carry out what was said of joined and left channels."""
        self._changed.clear()
        async with self._changing:
            while self._changes:
                channel, at, is_in = self._changes.popleft()
                if not is_in:
                    self._forget(channel)
                    await self._store.unwatch(channel)
                elif channel not in self.channels:
                    await self._begin(channel, at)

    async def _begin(self, channel: str, at: float | None) -> None:
        """Begin a watermark; in a gap, or when the joining was not seen, from when all was last known."""
        since = self._sound_at if at is None else at
        if at is None or not self.is_sound or not self._receiving():
            since = min(since, self._sound_at)
            self.unread[channel] = self.gaps
            self.opened.set()
        self.channels[channel] = since
        await self._store.watch(channel, since)

    def _forget(self, channel: str) -> None:
        self.channels.pop(channel, None)
        self.unread.pop(channel, None)

    def _beat(self) -> None:
        """Move the watermarks on, if everything came in since the last time."""
        date = self._slack_date()
        last, self._beat_at = self._beat_at, date
        if last is not None and date - last > self._tuning.heartbeat_seconds + self._tuning.pause_seconds:
            logger.info("the process stood still, or the date jumped", extra={"seconds": round(date - last)})
            self.gap()
        if not self.is_sound or not self._receiving():
            return
        sound = date - self._tuning.overlap_seconds
        self._sound_at = max(self._sound_at, sound)
        self._move([channel for channel in self.channels if channel not in self.unread], sound)

    def _move(self, channels: Collection[str], since: float) -> None:
        if channels:
            self._store.note_watermarks(channels, since)
        for channel in channels:
            self.channels[channel] = max(since, self.channels[channel])
