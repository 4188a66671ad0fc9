"""Reports: the results of actions on their way to the engine, however many there are.

They are independent of each other. Each is in the store before it is sent; here only its action's id waits,
and of the first ones the body, so that tens of thousands cost little while the engine is away.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

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
    RecordsUnclear,
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
AUDITS_AT_ONCE = 2

NAMED_FAILURES = 8
"""A result that failed so often is named in the log."""

LOOK_EVERY = 32
"""The engine's records are looked into after 1, 2, 4, 8 and 16 failures, then each time after so many."""

UNDECIDED_LOOKS = 7
"""After so many looks that tell nothing, which take a quarter of an hour, a result is set aside."""

HELD_BODIES = 1_000
"""How many results may wait with their bodies; those of the others are read from the store at their turn."""


def pause_seconds(failures: int, error: PackError | None, clock: Clock, *, hurried: bool) -> float:
    """Return how long to wait after that many failures, of which ``error`` is the last."""
    asked = error.retry_after_seconds if isinstance(error, TransientError) else None
    seconds = max(asked or 0.0, RETRY.seconds(failures, clock))
    return min(seconds, LAST_PAUSE_SECONDS) if hurried else seconds


def fatal_payload(action: Action, error: str, code: str) -> dict[str, object]:
    """Return what a FATAL event carries: the reason and which command it was."""
    return {"error": error, "errorCode": code, "command": action.command}


@dataclass(slots=True)
class _Report:
    id: str
    on_over: Callable[[], None]
    body: tuple[Action, Event] | None
    failures: int = 0
    answer_was_lost: bool = False
    was_forgotten: bool = False
    """Whether the engine did not know it at the last attempt, and the pack was registered again since."""
    undecided: int = 0
    """How often in a row the engine's records could be read and did not tell what became of the action."""


class Reports:
    """Delivers results that are in the store, each until the engine has it or definitely will not have it."""

    def __init__(
        self,
        *,
        link: EngineLink,
        store: Store,
        clock: Clock,
        on_told: Callable[[], None],
        on_changed: Callable[[], None],
    ) -> None:
        self._link = link
        self._store = store
        self._clock = clock
        self._on_told = on_told
        self._on_changed = on_changed
        self._ready: deque[_Report] = deque()
        self._later: list[tuple[float, int, _Report]] = []
        self._numbers = itertools.count()
        self._sooner = asyncio.Event()
        self._audit_slots = asyncio.Semaphore(AUDITS_AT_ONCE)
        self._workers: set[asyncio.Task[None]] = set()
        self._waker: asyncio.Task[None] | None = None
        self._held = 0
        self._hurried = False
        self.waiting = 0
        """How many results the engine does not have yet."""

    def add(
        self,
        action_id: str,
        body: tuple[Action, Event] | None = None,
        on_over: Callable[[], None] = lambda: None,
    ) -> None:
        """Deliver a result that is in the store; ``body`` saves reading it from there.

        ``on_over`` is called when nothing more is to be done for the action.
        """
        if self._held >= HELD_BODIES:
            body = None
        self._held += body is not None
        self.waiting += 1
        self._put(_Report(action_id, on_over, body))

    def hurry(self) -> None:
        """Let no pause be long from now on, since the pack is stopping."""
        self._hurried = True
        soon = self._clock.monotonic() + LAST_PAUSE_SECONDS
        self._later = [(min(due, soon), number, report) for due, number, report in self._later]
        self._sooner.set()

    async def close(self) -> None:
        """Stop; what is undelivered stays in the store."""
        tasks = [*self._workers, *([self._waker] if self._waker else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- whose turn it is ---

    def _put(self, report: _Report) -> None:
        self._ready.append(report)
        if len(self._workers) < RESULTS_AT_ONCE:
            self._workers.add(asyncio.get_running_loop().create_task(self._work(), name="report results"))

    async def _work(self) -> None:
        this = asyncio.current_task()
        try:
            while self._ready:
                await self._work_on(self._ready.popleft())
        finally:
            if this:
                self._workers.discard(this)

    async def _work_on(self, report: _Report) -> None:
        try:
            pause = await self._deliver(report)
        except Exception:
            logger.critical("the outbox failed at the result of action %s", report.id, exc_info=True)
            pause = None
        if pause is None:
            self._end(report)
        elif pause == 0:
            self._ready.appendleft(report)
        else:
            self._postpone(report, pause)

    def _end(self, report: _Report) -> None:
        self._held -= report.body is not None
        self.waiting -= 1
        report.on_over()
        self._on_changed()

    def _postpone(self, report: _Report, seconds: float) -> None:
        heapq.heappush(self._later, (self._clock.monotonic() + seconds, next(self._numbers), report))
        self._sooner.set()
        if self._waker is None or self._waker.done():
            self._waker = asyncio.get_running_loop().create_task(self._wake(), name="report results again")

    async def _wake(self) -> None:
        """Give those a turn again whose pause is over."""
        while self._later:
            self._sooner.clear()
            await wait_for(self._sooner, self._later[0][0] - self._clock.monotonic(), self._clock)
            while self._later and self._later[0][0] <= self._clock.monotonic():
                self._put(heapq.heappop(self._later)[2])

    # --- one attempt ---

    async def _deliver(self, report: _Report) -> float | None:
        """Make one attempt; return the seconds until the next one, or None when nothing is left to do."""
        body = report.body or await self._load(report.id)
        if body is None:
            return None
        action, result = body
        seen = self._link.registrations
        was_forgotten, report.was_forgotten = report.was_forgotten, False
        try:
            await self._link.attempt(lambda: self._link.engine.complete(action, result))
        except EngineForgot as error:
            if was_forgotten:
                await self._set_aside(action, result, error)
                return None
            await self._link.renew(seen)
            report.was_forgotten = self._link.registrations > seen
            return 0.0
        except EngineRefused as error:
            return await self._replace(report, action, result, error)
        except AnswerLost as error:
            report.answer_was_lost = True
            return self._pause(report, error)
        except (CredentialsRefused, TransientError) as error:
            failed = isinstance(error, EngineUnavailable) and (error.status or 0) >= 500
            if failed and await self._is_over(report, action, result, error):
                return None
            return self._pause(report, error)
        self._note_reported(action)
        return None

    async def _load(self, action_id: str) -> tuple[Action, Event] | None:
        record = await self._store.load(action_id)
        if record is None or record.result is None:
            logger.error("the result of action %s is not in the store any more", action_id)
            return None
        return record.action, record.result

    def _pause(self, report: _Report, error: PackError) -> float:
        report.failures += 1
        return pause_seconds(report.failures, error, self._clock, hurried=self._hurried)

    async def _is_over(self, report: _Report, action: Action, result: Event, error: PackError) -> bool:
        """Tell whether nothing is left to do after a 5xx: the engine has a result, or nobody can tell."""
        if report.failures == NAMED_FAILURES:
            logger.warning("the engine still does not take the result of action %s: %s", action.id, error)
        if report.failures & (report.failures - 1) and report.failures % LOOK_EVERY:  # long to read
            return False
        state = await self._look_up(report, action)
        if state is ActionState.FINISHED:
            self._note_reported(action)
            return True
        report.undecided = report.undecided + 1 if state is ActionState.UNKNOWN else 0
        if report.undecided < UNDECIDED_LOOKS or self._hurried:
            return False
        reason = f"{error}, and its records do not tell whether it has the result already"
        await self._set_aside(action, result, EngineUnavailable(reason))
        return True

    async def _look_up(self, report: _Report, action: Action) -> ActionState | None:
        """Return what the engine's records say of an action, or leave open; None when they cannot be read."""
        try:
            async with self._audit_slots:
                return await self._link.attempt(lambda: self._link.engine.state_of(action))
        except PackError as error:
            logger.debug("the audit does not tell: %s", error)
            if not isinstance(error, EngineRefused) and getattr(error, "status", None) != HTTPStatus.OK:
                return None
            if report.answer_was_lost:
                return ActionState.FINISHED  # that is why it is answered with a 5xx
            return ActionState.UNKNOWN if isinstance(error, RecordsUnclear) else None

    def _note_reported(self, action: Action) -> None:
        self._store.note_reported(action.id)
        self._on_told()

    async def _replace(
        self, report: _Report, action: Action, result: Event, error: EngineRefused
    ) -> float | None:
        """Report FATAL instead of a result that the engine definitely refuses."""
        if result.name == FATAL:
            await self._set_aside(action, result, error)
            return None
        _log_refused(action, result, error)
        fatal = Event(FATAL, fatal_payload(action, str(error), "result_refused"))
        await self._store.finish(action.id, fatal, failed=True)
        if report.body is not None:
            report.body = (action, fatal)
        return 0.0

    async def _set_aside(self, action: Action, result: Event, error: PackError) -> None:
        _log_refused(action, result, error)
        await self._store.set_aside(action.id, str(error))


def _log_refused(action: Action, result: Event, error: PackError) -> None:
    logger.error(
        "the engine does not take the result %s of action %s (%s); it was set aside: %s",
        result.name,
        action.id,
        action.command,
        error,
    )
