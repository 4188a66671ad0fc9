"""Slots: so much at once, and what is urgent first."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class Slots:
    """A number of slots; each waiter gets one in turn, the urgent ones before the others."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._order = itertools.count()
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []

    @property
    def free(self) -> int:
        """How many slots nobody holds."""
        return self._free

    async def acquire(self, *, urgent: bool = False) -> None:
        """Wait for a slot and hold it until :meth:`release`."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Hand a slot on."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
