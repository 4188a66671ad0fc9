"""Lanes: work that keeps its order within a lane (a channel), while lanes are independent of each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Lanes(Generic[T]):
    """Works off what is put into each lane, one after the other; a lane that is empty costs nothing.

    ``work`` is given the lane's name and one entry. When it fails, that is logged, and the next is worked on.
    ``on_done`` is called after each entry.
    """

    def __init__(
        self,
        work: Callable[[str, T], Awaitable[None]],
        *,
        name: str,
        on_done: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._on_done = on_done
        self._name = name
        self._lanes: dict[str, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.waiting = 0
        """How many entries are not worked off."""

    def is_free(self, lane: str) -> bool:
        """Tell whether nothing is in a lane, so that what is put there is worked on at once."""
        return lane not in self._lanes

    def waiting_in(self, lane: str) -> int:
        """Return how many entries of a lane are not worked off."""
        return len(self._lanes.get(lane, ()))

    def put(self, lane: str, entry: T) -> None:
        """Have an entry worked off after those of its lane."""
        self.waiting += 1
        if (entries := self._lanes.get(lane)) is not None:
            entries.append(entry)
            return
        self._lanes[lane] = deque([entry])
        task = asyncio.get_running_loop().create_task(self._run(lane), name=f"{self._name} {lane}".rstrip())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: str) -> None:
        entries = self._lanes[lane]
        try:
            while entries:
                await self._work_on(lane, entries[0])
                entries.popleft()
                self.waiting -= 1
                self._on_done()
        finally:
            del self._lanes[lane]

    async def _work_on(self, lane: str, entry: T) -> None:
        try:
            await self._work(lane, entry)
        except Exception:
            name = f"{self._name} {lane}".rstrip()
            logger.critical("a mistake of the pack: cannot %s", name, exc_info=True)

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait until what is in the lanes now is worked off, or the time is over.

        Returns whether all lanes are empty.
        """
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        return not self.waiting

    async def close(self) -> None:
        """Stop; entries that are not worked off stay counted."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
