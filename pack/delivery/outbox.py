"""The outbox: results and events on their way to the engine, kept until it has them.

Results are independent of each other. Events keep their order within a lane (a channel). What cannot be
delivered now is tried again for ever; what the engine definitely will not have is set aside and logged.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from pack.clock import Clock, wait_for
from pack.contracts.ports import Action, ActionState, Event
from pack.contracts.storing import Store
from pack.delivery.engine_link import EngineLink
from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    EngineForgot,
    EngineRefused,
    EngineUnavailable,
    PackError,
    TransientError,
)
from pack.retry import Backoff

logger = logging.getLogger(__name__)

FATAL = "FATAL"
"""Flyte's reserved event for an action that could not be handled."""

RETRY = Backoff(first_seconds=0.2, cap_seconds=30)
"""The waits between attempts at one result or event that the engine does not take."""

LAST_PAUSE_SECONDS = 0.3
"""The longest wait between attempts once the pack is stopping."""

RESULTS_AT_ONCE = 32
LANES_AT_ONCE = 32
AUDITS_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event that waits to be told to the engine; ``lane`` names the order it keeps (a channel)."""

    id: int
    lane: str
    event: Event


class Outbox:
    """Delivers to the engine; fed by the worker (results) and the intake (events)."""

    def __init__(
        self, *, link: EngineLink, store: Store, clock: Clock, on_told: Callable[[], None] = lambda: None
    ) -> None:
        self._link = link
        self._store = store
        self._clock = clock
        self._on_told = on_told
        self._result_slots = asyncio.Semaphore(RESULTS_AT_ONCE)
        self._audit_slots = asyncio.Semaphore(AUDITS_AT_ONCE)
        self._event_slots = asyncio.Semaphore(LANES_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, deque[Outgoing]] = {}
        self._empty = asyncio.Event()
        self._empty.set()
        self._hurry = asyncio.Event()
        self.waiting = 0
        """How many results and events the engine does not have yet."""

    async def restore(self) -> None:
        """Take up what an earlier run of the process left undelivered."""
        for waiting in await self._store.unreported():
            record = await self._store.load(waiting.id)
            if record and record.result:
                self._start(self._deliver_result(record.action, record.result), f"report {waiting.id}")

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
        task = self._start(self._deliver_result(action, result), f"report {action.id}")
        task.add_done_callback(lambda _: on_reported())

    def tell(self, lane: str, event: Event, arrival_id: int) -> None:
        """Deliver an event after those of its lane; it is in the store until the engine has it."""
        self._enqueue(Outgoing(arrival_id, lane, event))

    async def flush(self, seconds: float) -> bool:
        """Wait until everything is delivered, or the time is over; return whether it is.

        From now on nothing pauses for long between attempts.
        """
        self._hurry.set()
        self._link.hurry()
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        emptied = asyncio.ensure_future(self._empty.wait())
        try:
            await asyncio.wait((sleeping, emptied), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            emptied.cancel()
        return self._empty.is_set()

    async def close(self) -> None:
        """Stop delivering; what is undelivered stays in the store."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- results ---

    async def _deliver_result(self, action: Action, result: Event) -> None:
        failures, answer_was_lost, was_forgotten = 0, False, False
        while True:
            seen = self._link.registrations
            try:
                async with self._result_slots:
                    await self._link.attempt(lambda: self._link.engine.complete(action, result))  # noqa: B023
                return await self._reported(action)
            except EngineForgot as error:
                if was_forgotten:
                    return await self._put_aside(action, result, str(error))
                await self._link.renew(seen)
                was_forgotten = self._link.registrations > seen
            except EngineRefused as error:
                await self._put_aside(action, result, str(error))
                if result.name == FATAL:
                    return None
                result = Event(FATAL, fatal_payload(action, str(error), "result_refused"))
                await self._store.finish(action.id, result, failed=True)
            except AnswerLost:
                failures, answer_was_lost = failures + 1, True
                await self._pause(failures)
            except EngineUnavailable as error:
                failures += 1
                if error.status is not None and await self._is_done(action, answer_was_lost):
                    return await self._reported(action)
                await self._pause(failures, error)
            except (CredentialsRefused, TransientError) as error:
                failures += 1
                await self._pause(failures, error)

    async def _is_done(self, action: Action, answer_was_lost: bool) -> bool:
        """Tell whether a 500 means that the engine has a result already."""
        try:
            async with self._audit_slots:
                state = await self._link.attempt(lambda: self._link.engine.state_of(action))
        except PackError as error:
            logger.debug("the audit cannot be read: %s", error)
            return answer_was_lost
        return state is ActionState.FINISHED

    async def _reported(self, action: Action) -> None:
        self._store.note_reported(action.id)
        self._on_told()

    async def _put_aside(self, action: Action, result: Event, reason: str) -> None:
        logger.error(
            "the engine does not take the result %s of action %s (%s); it was set aside: %s",
            result.name,
            action.id,
            action.command,
            reason,
        )
        await self._store.set_aside(action.id, reason)

    # --- events ---

    def _enqueue(self, outgoing: Outgoing) -> None:
        lane = self._lanes.get(outgoing.lane)
        self.waiting += 1
        self._empty.clear()
        if lane is not None:
            lane.append(outgoing)
            return
        self._lanes[outgoing.lane] = deque([outgoing])
        self._start(self._deliver_lane(outgoing.lane), f"tell the events of {outgoing.lane}", waits=0)

    async def _deliver_lane(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            await self._deliver_event(lane[0])
            self._store.note_told(lane[0].id)
            lane.popleft()
            self.waiting -= 1
        del self._lanes[name]

    async def _deliver_event(self, outgoing: Outgoing) -> None:
        failures = 0
        while True:
            seen = self._link.registrations
            try:
                async with self._event_slots:
                    await self._link.attempt(lambda: self._link.engine.emit(outgoing.event))
                return self._on_told()
            except EngineForgot:
                failures += 1
                await self._link.renew(seen)
                await self._pause(failures - 1)
            except EngineRefused as error:
                logger.error("the engine does not take a %s event: %s", outgoing.event.name, error)
                return None
            except (CredentialsRefused, TransientError) as error:
                failures += 1
                await self._pause(failures, error)

    # --- tasks ---

    async def _pause(self, failures: int, error: PackError | None = None) -> None:
        asked = error.retry_after_seconds if isinstance(error, TransientError) else None
        seconds = max(asked or 0.0, RETRY.seconds(failures, self._clock))
        if self._hurry.is_set():
            await self._clock.sleep(min(seconds, LAST_PAUSE_SECONDS))
        else:
            await wait_for(self._hurry, seconds, self._clock)

    def _start(self, work: Coroutine[Any, Any, None], name: str, *, waits: int = 1) -> asyncio.Task[None]:
        self.waiting += waits
        self._empty.clear()
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._ended, waits))
        return task

    def _ended(self, waits: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.waiting -= waits
        if not self._tasks:
            self._empty.set()
        if not task.cancelled() and (error := task.exception()):
            logger.critical("the outbox failed at %s", task.get_name(), exc_info=error)


def fatal_payload(action: Action, error: str, code: str) -> dict[str, object]:
    """Return what a FATAL event carries: the reason and which command it was."""
    return {"error": error, "errorCode": code, "command": action.command}
