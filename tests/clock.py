"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Time and chance in a test's hands.

    ``advance`` moves time and wakes the sleepers in order. With ``jump=True`` nobody has to: when a task
    sleeps, time moves on to the end of the earliest sleep after a moment of real time in which other tasks
    and loopback connections get their turn.
    """

    def __init__(self, *, jump: bool = False, chance: float = 0.5) -> None:
        self.jump = jump
        self.chance = chance
        self.slept: list[float] = []
        self._seconds = 0.0
        self._start = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def random(self) -> float:
        return self.chance

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._seconds + seconds
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        if self.jump:
            while not woken.done():
                await asyncio.sleep(0.005)
                self._wake(min((at for at, _, future in self._sleepers if not future.done()), default=due))
        await woken

    def _wake(self, until: float) -> None:
        self._seconds = max(self._seconds, until)
        while self._sleepers and self._sleepers[0][0] <= self._seconds:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    async def advance(self, seconds: float) -> None:
        """Move time on, waking each sleeper at its own moment and letting the others react."""
        until = self._seconds + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            self._wake(self._sleepers[0][0])
            await self.settle()
        self._wake(until)
        await self.settle()

    async def settle(self) -> None:
        """Let everything that can run do so, loopback connections included."""
        for _ in range(5):
            await asyncio.sleep(0.002)

    @property
    def sleepers(self) -> int:
        """How many tasks are sleeping."""
        return sum(not future.done() for _, _, future in self._sleepers)
