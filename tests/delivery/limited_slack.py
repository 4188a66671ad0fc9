"""A Slack that only limits, in virtual time, and callers that always have something to send."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pack.delivery.pace import Pace

SLOTS = 64


class Limit(Protocol):
    def wait(self, key: Hashable, now: float) -> float:
        """Return the seconds until there is room for one more."""
        ...

    def take(self, key: Hashable, now: float) -> None: ...

    def permitted(self, seconds: float) -> float:
        """Return how many are let through from the start on."""
        ...


class TokenBucket:
    """So many per minute for ever, and so many at once after a rest."""

    def __init__(self, per_minute: float, burst: int) -> None:
        self._interval = 60 / per_minute
        self._burst = burst
        self._full_at: dict[Hashable, float] = {}

    def wait(self, key: Hashable, now: float) -> float:
        return self._full_at.get(key, now) - now - (self._burst - 1) * self._interval

    def take(self, key: Hashable, now: float) -> None:
        self._full_at[key] = max(self._full_at.get(key, now), now) + self._interval

    def permitted(self, seconds: float) -> float:
        return self._burst + seconds / self._interval


class FixedWindow:
    """So many in each minute; the first minute began ``since`` seconds before the start."""

    def __init__(self, per_minute: int, since: float) -> None:
        self._most = per_minute
        self._since = since
        self._counts: dict[Hashable, int] = {}

    def wait(self, key: Hashable, now: float) -> float:
        minute = math.floor((now + self._since) / 60)
        full = self._counts.get((key, minute), 0) >= self._most
        return (minute + 1) * 60 - self._since - now if full else 0.0

    def take(self, key: Hashable, now: float) -> None:
        minute = math.floor((now + self._since) / 60)
        self._counts[key, minute] = self._counts.get((key, minute), 0) + 1

    def permitted(self, seconds: float) -> float:
        return self._most * math.ceil((seconds + self._since) / 60)


def nearby(chance: random.Random) -> float:
    """Draw how long a request is on its way: 2 ms and, mostly, little more."""
    return 0.002 + chance.expovariate(500)


@dataclass
class LimitedSlack:
    """Refuses what comes too fast. The limits of a channel, and of everything together."""

    channel: Limit | None = None
    everything: Limit | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    on_the_way: Callable[[random.Random], float] = nearby
    passed: int = 0
    refused: int = 0
    arrivals: list[tuple[float, str, float]] = field(default_factory=list)
    """When which channel's calls arrived, and the seconds that it was asked to wait; 0: it passed."""

    @property
    def refused_share(self) -> float:
        return self.refused / (self.passed + self.refused)

    async def call(self, channel: str) -> float:
        """Return the seconds to wait when the call is refused, else 0."""
        await asyncio.sleep(self.on_the_way(self.chance))
        seconds = self._judge(channel, asyncio.get_running_loop().time())
        await asyncio.sleep(self.chance.uniform(0.02, 0.08))
        return seconds

    def _judge(self, channel: str, now: float) -> float:
        limits = [
            (limit, key)
            for limit, key in ((self.channel, ("in", channel)), (self.everything, "all"))
            if limit is not None
        ]
        wait = max((limit.wait(key, now) for limit, key in limits), default=0.0)
        seconds = float(math.ceil(wait)) if wait > 1e-9 else 0.0
        self.arrivals.append((now, channel, seconds))
        if seconds:
            self.refused += 1
            return seconds
        self.passed += 1
        for limit, key in limits:
            limit.take(key, now)
        return 0.0


@dataclass
class Callers:
    """Calls one method as the pack does: one call of a channel at a time, no more than the slots at once."""

    pace: Pace
    slack: LimitedSlack
    method: str = "chat.postMessage"
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SLOTS))

    async def once(self, channel: str) -> bool:
        """Make one call; return whether it went through."""
        await self.pace.admit(self.method, channel)
        async with self.slots:
            seconds = await self.slack.call(channel)
        if seconds:
            self.pace.limited(self.method, channel, seconds)
        else:
            self.pace.succeeded(self.method, channel)
        return not seconds

    async def send(self, channel: str, messages: int) -> None:
        """Send so many messages one after the other."""
        while messages:
            messages -= await self.once(channel)

    async def flood(self, channels: Sequence[str], seconds: float) -> None:
        """Call for every channel as fast as may be until the time is over."""
        await asyncio.wait(
            [asyncio.ensure_future(self.send(channel, 10**9)) for channel in channels], timeout=seconds
        )
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
