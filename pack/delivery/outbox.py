"""The outbox: results and events on their way to the engine, kept until it has them.

Results are independent of each other (:mod:`pack.delivery.reports`). Events keep their order within a lane, a
channel (:mod:`pack.delivery.telling`). What cannot be delivered now is tried again for ever; what the engine
definitely will not have is set aside and logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from pack.clock import Clock
from pack.contracts.ports import Action, Event
from pack.contracts.storing import Store
from pack.delivery.engine_link import EngineLink
from pack.delivery.reports import FATAL, Reports, fatal_payload
from pack.delivery.telling import Outgoing, Telling

__all__ = ["FATAL", "Outbox", "Outgoing", "fatal_payload"]


class Outbox:
    """Delivers to the engine; fed by the worker (results) and the intake (events)."""

    def __init__(
        self,
        *,
        link: EngineLink,
        store: Store,
        clock: Clock,
        on_told: Callable[[], None] = lambda: None,
        on_trigger_told: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; ``on_trigger_told`` is called when the engine has an event that bears a trigger."""
        self._link = link
        self._store = store
        self._clock = clock
        self._empty = asyncio.Event()
        self._empty.set()
        self._reports = Reports(
            link=link, store=store, clock=clock, on_told=on_told, on_changed=self._changed
        )
        self._telling = Telling(
            link=link,
            store=store,
            clock=clock,
            on_told=on_told,
            on_trigger_told=on_trigger_told,
            on_changed=self._changed,
        )

    @property
    def waiting(self) -> int:
        """How many results and events the engine does not have yet."""
        return self._reports.waiting + self._telling.waiting

    @property
    def events_waiting(self) -> int:
        """How many events the engine does not have yet."""
        return self._telling.waiting

    @property
    def stuck(self) -> Mapping[str, str]:
        """The lanes that wait behind an event which the engine fails at, and what that event is."""
        return self._telling.stuck

    def events_waiting_in(self, lane: str) -> int:
        """Return how many events of a lane the engine does not have yet."""
        return self._telling.waiting_in(lane)

    async def restore(self) -> None:
        """Take up the results that an earlier run of the process left undelivered."""
        for waiting in await self._store.unreported():
            self._reports.add(waiting.id)

    async def report(
        self,
        action: Action,
        result: Event,
        on_reported: Callable[[], None] = lambda: None,
        *,
        failed: bool = False,
    ) -> None:
        """Keep an action's result and deliver it as soon as the engine takes it; returns when it is kept.

        ``on_reported`` is called when nothing more is to be done for the action.
        """
        await self._store.finish(action.id, result, failed=failed)
        self._reports.add(action.id, (action, result), on_reported)

    def is_quiet(self, lane: str) -> bool:
        """Tell whether an event of that lane would be told at once."""
        return self._telling.is_quiet(lane)

    def tell(self, lane: str, outgoing: Outgoing) -> None:
        """Deliver an event after those of its lane; it is in the store until the engine has it."""
        self._telling.put(lane, outgoing)

    async def flush(self, seconds: float) -> bool:
        """Wait until everything is delivered, or the time is over; return whether it is.

        From now on nothing pauses for long between attempts.
        """
        self._reports.hurry()
        self._telling.hurry()
        self._link.hurry()
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        emptied = asyncio.ensure_future(self._wait_until_empty())
        try:
            await asyncio.wait((sleeping, emptied), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            emptied.cancel()
        return not self.waiting

    async def close(self) -> None:
        """Stop delivering; what is undelivered stays in the store."""
        await asyncio.gather(self._reports.close(), self._telling.close())

    async def _wait_until_empty(self) -> None:
        while self.waiting:
            self._empty.clear()
            await self._empty.wait()

    def _changed(self) -> None:
        self._empty.set()
