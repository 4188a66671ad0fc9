"""Faults of interactions: a person waits for these, so none is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeGuard, TypeVar

from pack.sandbox.slack.delivery.harms import is_late, is_lost, is_repeated, is_unheard
from pack.sandbox.slack.delivery.http_requests import ANSWER_SECONDS
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.trouble.rules import RuleBook

A = TypeVar("A")
Ask = Callable[[], Awaitable[A]]


class Interference:
    """Stands between interactions and their way to the app.

    Only the faults of deliveries concern them that name their kind: ``interactive`` or ``slash_commands``.
    """

    def __init__(self, clock: SlackClock, rules: RuleBook) -> None:
        self._clock = clock
        self._rules = rules
        self._tasks: set[asyncio.Task[Any]] = set()

    async def meet(self, kind: str, ask: Ask[A], is_accepted: Callable[[A], bool]) -> A | None:
        """Ask the app, as far as nothing goes wrong; None: for the person nothing came in three seconds.

        What is late reaches the app although nobody waits any more. The answers to copies count for nothing.
        """
        if not self._rules:
            return await ask()
        began = self._clock.monotonic()
        self._repeat(kind, ask)
        if self._strike(is_lost, kind):
            await self._wait_in_vain(began)
            return None
        late = self._strike(is_late, kind)
        answer = await (ask() if late is None else self._in_time(late.seconds, ask))
        if answer is not None and is_accepted(answer) and self._strike(is_unheard, kind):
            await self._wait_in_vain(began)
            return None
        return answer

    def reset(self) -> None:
        """Drop what is late."""
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """Drop what is late, and wait for the end of it."""
        tasks = tuple(self._tasks)
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _strike(self, is_kind: Callable[[object], TypeGuard[Any]], kind: str) -> Any:
        return self._rules.strike(is_kind, kind, {}, only_named=True)

    def _repeat(self, kind: str, ask: Ask[A]) -> None:
        repeated = self._strike(is_repeated, kind)
        for _ in range(repeated.copies if repeated else 0):
            self._begin(repeated.seconds, ask)

    async def _in_time(self, seconds: float, ask: Ask[A]) -> A | None:
        asking = self._begin(seconds, ask)
        timing = asyncio.ensure_future(self._clock.sleep(ANSWER_SECONDS))
        await asyncio.wait((asking, timing), return_when=asyncio.FIRST_COMPLETED)
        timing.cancel()
        await asyncio.gather(timing, return_exceptions=True)
        return asking.result() if asking.done() and not asking.cancelled() else None

    async def _wait_in_vain(self, since: float) -> None:
        await self._clock.sleep(since + ANSWER_SECONDS - self._clock.monotonic())

    def _begin(self, seconds: float, ask: Ask[A]) -> asyncio.Task[A]:
        async def work() -> A:
            await self._clock.sleep(seconds)
            return await ask()

        task = asyncio.create_task(work(), name="sandbox-interaction")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
