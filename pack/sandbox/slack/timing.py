"""Slack's own time: the machine's, run faster by a factor, moved on at will, and wrong when asked to be."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime

from pack.clock import Clock, wait_for

SLOWEST, FASTEST = 0.001, 1_000_000.0
"""Between which factors time may run slower or faster."""
_NEXT_TO_NOTHING = 1e-9
FARTHEST_SECONDS = 10 * 366 * 86_400.0
"""How far time may be moved at once, and how wrong the date may be: ten years."""
_MOST_STEPS = 200
"""A long time passes in so many steps at most: what is due within one of them happens together."""
_TURNS = 30
_BREATH_SECONDS = 0.001
_BREATHS = 1_000


class SlackClock:
    """A clock over another one.

    ``speed`` is a factor on everything that takes time (waits, limits, retries, lifetimes): with 60 a minute
    is over in a second. The date (:meth:`now`) is not run faster, since callers compare it with their own;
    :meth:`advance` moves both on, and ``skew`` makes the date alone wrong.

    Raises:
        ValueError: the speed is not between SLOWEST and FASTEST.
    """

    def __init__(self, clock: Clock, speed: float = 1.0) -> None:
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed has to be between {SLOWEST:g} and {FASTEST:,.0f}")
        self.speed = speed
        self.skew_seconds = 0.0
        """By how much Slack's date is ahead of the machine's."""
        self._clock = clock
        self._start = clock.monotonic()
        self._advanced = 0.0
        self._date_ahead = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._busy = 0
        self._date = (0, "")

    def now(self) -> datetime:
        """Return the date in UTC, skew and what was advanced included."""
        return self._clock.now() + timedelta(seconds=self._date_ahead + self.skew_seconds)

    def machine_now(self) -> datetime:
        """Return the machine's date with the skew only: what a signature is stamped with."""
        return self._clock.now() + timedelta(seconds=self.skew_seconds)

    def http_date(self) -> str:
        """Return the date as headers have it."""
        now = self.now()
        second = int(now.timestamp())
        if second != self._date[0]:
            self._date = (second, format_datetime(now, usegmt=True))
        return self._date[1]

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
        moved = asyncio.Event()
        sleeper = (end, next(self._order), moved)
        heapq.heappush(self._sleepers, sleeper)
        try:
            while (left := end - self.monotonic()) > _NEXT_TO_NOTHING and not moved.is_set():
                await wait_for(moved, left / self.speed, self._clock)
        finally:
            moved.set()
            self._next_due()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Have time not be moved on by :meth:`pass_time` while something is under way, such as a request."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass at once; what is due wakes up when the loop gets its turn.

        Raises:
            ValueError: time would go back.
        """
        self._check(seconds)
        self._advanced += seconds
        self._date_ahead += seconds
        now = self.monotonic() + _NEXT_TO_NOTHING
        while self._sleepers and self._sleepers[0][0] <= now:
            heapq.heappop(self._sleepers)[2].set()

    def set_date_right(self) -> None:
        """Let the date be the machine's again; what waits goes on waiting as long as it would have."""
        self._date_ahead = self.skew_seconds = 0.0

    async def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass in the order of what is due, and return when all of it has happened.

        What wakes up and soon sleeps again is woken again when that is due too.

        Raises:
            ValueError: time would go back.
        """
        self._check(seconds)
        left, shortest = seconds, seconds / _MOST_STEPS
        await self._settle()
        while left > 0:
            due = self._next_due()
            step = left if due is None else min(left, max(due - self.monotonic(), shortest, 0.0))
            self.advance(step)
            left -= step
            await self._settle()

    def callers_seconds(self, seconds: float) -> float:
        """Return how long a time of Slack's lasts for a caller: what ``Retry-After`` has to tell."""
        return seconds / self.speed

    def _next_due(self) -> float | None:
        """Return when the next sleeper is due, after forgetting those that sleep no longer."""
        while self._sleepers and self._sleepers[0][2].is_set():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def _settle(self) -> None:
        """Let what woke up do what it has to do, requests to others included; but not for ever."""
        for _ in range(_BREATHS):
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            await asyncio.sleep(_BREATH_SECONDS)
            if not self._busy:
                return

    @staticmethod
    def _check(seconds: float) -> None:
        if not 0 <= seconds <= FARTHEST_SECONDS:
            raise ValueError(
                "time only passes forwards, and ten years at once at most: seconds has to be between 0 and "
                f"{FARTHEST_SECONDS:.0f}"
            )
