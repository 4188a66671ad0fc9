"""An event loop in which no time passes: when nothing can run, its clock moves on to the next timer."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Moves the loop's time instead of waiting."""

    loop: VirtualTimeLoop

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout:
            self.loop.seconds += timeout
        return found


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Hours of timers within a moment."""

    def __init__(self) -> None:
        self.seconds = 0.0
        selector = _Selector()
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.seconds


class LoopClock:
    """The clock of the running loop; who sleeps wakes up to ``late`` seconds too late."""

    def __init__(self, chance: random.Random, late: float = 0.0) -> None:
        self._chance = chance
        self._late = late

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 9, 0, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def random(self) -> float:
        return self._chance.random()

    async def sleep(self, seconds: float) -> None:
        late = self._chance.random() * self._late if seconds > 0 else 0.0
        await asyncio.sleep(max(0.0, seconds) + late)


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
