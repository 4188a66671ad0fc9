"""Slack's own time: the machine's, run faster by a factor, moved on at will, and wrong when asked to be."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from pack.clock import Clock, wait_for

_NEXT_TO_NOTHING = 1e-9


class SlackClock:
    """A clock over another one.

    ``speed`` is a factor on everything that takes time (waits, limits, retries, lifetimes): with 60 a minute
    is over in a second. The date (:meth:`now`) is not run faster, since callers compare it with their own;
    :meth:`advance` moves both on, and ``skew`` makes the date alone wrong.
    """

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        self.speed = speed
        self.skew_seconds = 0.0
        """By how much Slack's date is ahead of the machine's."""
        self._clock = clock
        self._start = clock.monotonic()
        self._advanced = 0.0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Return the date in UTC, skew and what was advanced included."""
        return self._clock.now() + timedelta(seconds=self._advanced + self.skew_seconds)

    def machine_now(self) -> datetime:
        """Return the machine's date with the skew only: what a signature is stamped with."""
        return self._clock.now() + timedelta(seconds=self.skew_seconds)

    def monotonic(self) -> float:
        """Return Slack's seconds since an arbitrary start."""
        return (self._clock.monotonic() - self._start) * self.speed + self._advanced

    def random(self) -> float:
        """Return a number in [0, 1)."""
        return self._clock.random()

    async def sleep(self, seconds: float) -> None:
        """Wait that many of Slack's seconds, or until so many were advanced."""
        if seconds <= 0:
            await self._clock.sleep(0)
            return
        end = self.monotonic() + seconds
        while (left := end - self.monotonic()) > _NEXT_TO_NOTHING:
            await wait_for(self._moved, left / self.speed, self._clock)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once.

        Raises:
            ValueError: time would go back.
        """
        if not seconds >= 0:
            raise ValueError("time only passes forwards: seconds has to be zero or more")
        self._advanced += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def callers_seconds(self, seconds: float) -> float:
        """Return how long a time of Slack's lasts for a caller: what ``Retry-After`` has to tell."""
        return seconds / self.speed
