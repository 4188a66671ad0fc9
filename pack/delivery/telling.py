"""Telling: what happened in Slack on its way to the engine, in order within a channel, marked when in doubt.

The store notes that the engine is about to be told before it is. So an event whose telling ended nobody knows
how (no answer, a 5xx, a killed process) is told again with ``"redelivered": true``, and one that certainly
did not arrive without.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from pack.clock import Clock, wait_for
from pack.contracts.ports import Event
from pack.contracts.storing import Store
from pack.delivery.engine_link import EngineLink
from pack.delivery.lanes import Lanes
from pack.delivery.reports import pause_seconds
from pack.delivery.slots import Slots
from pack.delivery.stuck import Failures, Progress
from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    EngineForgot,
    EngineRefused,
    EngineUnavailable,
    PackError,
    TransientError,
)

logger = logging.getLogger(__name__)

LANES_AT_ONCE = 32

FIRST_FAILING_STATUS = 500


@dataclass(slots=True)
class Outgoing:
    """An event that is to be told to the engine."""

    id: int
    """Of its arrival in the store."""
    event: Event
    telling: bool = False
    """Whether it needs no note in the store that it is about to be told: there is one, or can be none."""
    told_before: bool = False
    """Whether the engine may have it already."""
    urgent: bool = False
    """Whether it goes before others when slots are scarce."""
    what: str = ""
    """Which one it is, for people: no content."""
    on_over: Callable[[], None] = lambda: None
    """Called when the engine has it, or definitely will not have it."""

    def as_told(self) -> Event:
        """Return the event as the engine is told it now."""
        if not self.told_before:
            return self.event
        return Event(self.event.name, {**self.event.payload, "redelivered": True})


class Telling:
    """Tells the engine events: in order within each lane, however long that takes."""

    def __init__(
        self,
        *,
        link: EngineLink,
        store: Store,
        clock: Clock,
        on_told: Callable[[], None],
        on_trigger_told: Callable[[], None],
        on_changed: Callable[[], None],
    ) -> None:
        self._link = link
        self._store = store
        self._clock = clock
        self._on_told = on_told
        self._on_trigger_told = on_trigger_told
        self._slots = Slots(LANES_AT_ONCE)
        self._hurry = asyncio.Event()
        self._taken = 0
        self.stuck: dict[str, str] = {}
        """The lanes that wait behind an event which the engine fails at, and what that event is."""
        self._lanes = Lanes(self._tell, name="tell the events of", on_done=on_changed)

    @property
    def waiting(self) -> int:
        """How many events the engine does not have yet."""
        return self._lanes.waiting

    def waiting_in(self, lane: str) -> int:
        """Return how many events of a lane the engine does not have yet."""
        return self._lanes.waiting_in(lane)

    def is_quiet(self, lane: str) -> bool:
        """Tell whether an event of that lane would be told at once."""
        return self._lanes.is_free(lane) and self._slots.free > 0 and self._link.is_open

    def put(self, lane: str, outgoing: Outgoing) -> None:
        """Tell an event after those of its lane."""
        self._lanes.put(lane, outgoing)

    def hurry(self) -> None:
        """Let no pause be long from now on, since the pack is stopping."""
        self._hurry.set()

    async def close(self) -> None:
        """Stop; what is untold stays in the store."""
        await self._lanes.close()

    async def _tell(self, lane: str, outgoing: Outgoing) -> None:
        try:
            await self._repeat(lane, outgoing)
        finally:
            self.stuck.pop(lane, None)
        self._store.note_told(outgoing.id)
        outgoing.on_over()

    def _told(self, outgoing: Outgoing) -> None:
        self._taken += 1
        self._on_told()
        if outgoing.urgent:
            self._on_trigger_told()

    async def _repeat(self, lane: str, outgoing: Outgoing) -> None:
        """Tell one event until the engine has it, or definitely will not have it."""
        failures, of_its_own = 0, Failures()
        while True:
            if not (seen := self._link.registrations):
                await self._link.renew(seen)
                continue
            try:
                await self._attempt(outgoing)
                return self._told(outgoing)
            except EngineForgot:
                failures += 1
                await self._link.renew(seen)
                if failures > 1:
                    await self._pause(failures - 1, None)
            except EngineRefused as error:
                name = outgoing.event.name
                logger.error("the engine does not take a %s event (%s): %s", name, outgoing.what, error)
                return None
            except (CredentialsRefused, TransientError) as error:
                failures += 1
                outgoing.told_before |= may_have_arrived(error)
                if self._is_given_up(lane, outgoing, of_its_own, error):
                    return None
                await self._pause(failures, error)

    def _is_given_up(self, lane: str, outgoing: Outgoing, failures: Failures, error: PackError) -> bool:
        """Count a failure; tell whether it is the last, so that the lane is not dead for ever."""
        answered = may_have_arrived(error)
        if answered or isinstance(error, CredentialsRefused):
            progress = Progress(self._taken, self._link.successes, self._clock.monotonic())
            failures.add(progress, answered=answered)
        if failures.is_hopeless():
            logger.error(
                "the engine went on failing at the event %s (%s) while it worked otherwise; it is given up, "
                "so that its channel goes on: %s",
                outgoing.event.name,
                outgoing.what,
                error,
            )
            return True
        if failures.is_stuck and lane not in self.stuck:
            self.stuck[lane] = outgoing.what
            logger.warning(
                "the engine fails at the event %s (%s) and takes others; its channel waits behind it: %s",
                outgoing.event.name,
                outgoing.what,
                error,
            )
        return False

    async def _attempt(self, outgoing: Outgoing) -> None:
        await self._slots.acquire(urgent=outgoing.urgent)
        try:
            await self._link.attempt(functools.partial(self._emit, outgoing))
        finally:
            self._slots.release()

    async def _emit(self, outgoing: Outgoing) -> None:
        if not outgoing.telling:
            await self._store.save_telling(outgoing.id)
            outgoing.telling = True
        await self._link.engine.emit(outgoing.as_told())

    async def _pause(self, failures: int, error: PackError | None) -> None:
        hurried = self._hurry.is_set()
        seconds = pause_seconds(failures, error, self._clock, hurried=hurried)
        if hurried:
            await self._clock.sleep(seconds)
        else:
            await wait_for(self._hurry, seconds, self._clock)


def may_have_arrived(error: PackError) -> bool:
    """Tell whether the engine may have acted on an attempt that ended so."""
    if isinstance(error, EngineUnavailable):
        return error.may_have_acted or (error.status or 0) >= FIRST_FAILING_STATUS
    return isinstance(error, AnswerLost)
