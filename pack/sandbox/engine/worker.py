"""The one that deals with events: each after the other, in the order in which they came."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from pack.clock import Clock
from pack.sandbox.engine.arrivals import Arrival, Arrivals
from pack.sandbox.engine.execution import Executor

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 1.0
"""How long to wait when the state could not be written."""


class Worker:
    """Deals with what waits. The queue is in the state, so nothing is lost when the worker ends."""

    def __init__(self, arrivals: Arrivals, executor: Executor, clock: Clock) -> None:
        self._arrivals = arrivals
        self._executor = executor
        self._clock = clock
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._idle.clear()
        self._wanted.set()

    async def settled(self) -> None:
        """Return when nothing waits any more; :meth:`run` has to be running."""
        await self._idle.wait()

    async def run(self) -> None:
        """Deal with one event after the other, letting requests have their turn between two."""
        while True:
            self._wanted.clear()
            while (arrival := self._arrivals.next()) is not None:
                if not self._deal(arrival):
                    await self._clock.sleep(_AGAIN_SECONDS)
                await asyncio.sleep(0)
            self._idle.set()
            await self._wanted.wait()

    def _deal(self, arrival: Arrival) -> bool:
        """Deal with an event; False when the state cannot be written now, and it goes on waiting."""
        try:
            try:
                self._executor.handle(arrival)
            except sqlite3.Error:
                raise
            except Exception:
                logger.exception(
                    "the engine failed to handle an event", extra={"event_name": arrival.event.name}
                )
                self._executor.give_up(arrival)
        except sqlite3.Error as error:
            logger.error("the engine's state cannot be written (is its disk full?): %s", error)
            return False
        return True
