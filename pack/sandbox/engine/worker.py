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
"""How long to wait when the state could not be used."""
_MOST_ATTEMPTS = 3
"""How many processes may begin with an event and end before they have dealt with it."""


class Worker:
    """Deals with what waits. The queue is in the state, so nothing is lost when the worker ends."""

    def __init__(self, arrivals: Arrivals, executor: Executor, clock: Clock) -> None:
        self._arrivals = arrivals
        self._executor = executor
        self._clock = clock
        self._is_first = True
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
            while (pause := self._deal_with_next()) is not None:
                await (self._clock.sleep(pause) if pause else asyncio.sleep(0))
            self._idle.set()
            await self._wanted.wait()

    def _deal_with_next(self) -> float | None:
        """Deal with the oldest event; return how many seconds to wait then, None when there was none.

        When the state cannot be read or written now, it goes on waiting.
        """
        try:
            arrival = self._next()
            if arrival is None:
                return None
            self._deal(arrival)
        except sqlite3.Error as error:
            logger.error("the engine's state cannot be used (is its disk full?): %s", error)
            return _AGAIN_SECONDS
        return 0.0

    def _next(self) -> Arrival | None:
        while True:
            try:
                return self._arrivals.next()
            except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError):
                logger.exception("an event that waited cannot be read, and is forgotten")
                self._arrivals.discard_oldest()

    def _deal(self, arrival: Arrival) -> None:
        """Deal with an event. The first of a process is counted: the one before may have ended over it."""
        if self._is_first:
            if arrival.attempts >= _MOST_ATTEMPTS:
                logger.error(
                    "an event is given up: the engine ended %d times while it dealt with it",
                    arrival.attempts,
                    extra={"event_name": arrival.event.name, "sender": arrival.event.sender.id},
                )
                ended = f"given up: the engine ended {arrival.attempts} times while it dealt with it"
                self._executor.give_up(arrival, ended)
                return
            self._arrivals.attempt(arrival)
            self._is_first = False
        try:
            self._executor.handle(arrival)
        except sqlite3.Error:
            raise
        except Exception as error:
            logger.exception("the engine failed to handle an event", extra={"event_name": arrival.event.name})
            self._executor.give_up(arrival, f"given up: the engine failed to handle it: {error!r}")
