"""The engine, waited for: outages are waited out in one place, and a forgotten pack is registered again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from pack.clock import Clock, wait_for
from pack.contracts.ports import Engine
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
T = TypeVar("T")

HURRIED_SECONDS = 0.3
"""The longest wait between two probes once the pack is stopping."""

NAMED_SECONDS = 60.0
"""How often it is logged at the most that the engine forgot the pack."""

OUTAGE = Backoff(first_seconds=0.5, cap_seconds=15)
"""The waits while the engine cannot be reached."""


class EngineLink:
    """One engine and whether it can be reached; everybody who calls it does so through here."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock
        self._failures = 0
        self._probing = False
        self._open = asyncio.Event()
        self._open.set()
        self._registering = asyncio.Lock()
        self._registrations = 0
        self._hurry = asyncio.Event()
        self._named_at = -NAMED_SECONDS
        self.successes = 0
        """How many calls went well."""

    @property
    def registrations(self) -> int:
        """How often the pack has been registered; give it to :meth:`renew`."""
        return self._registrations

    @property
    def is_open(self) -> bool:
        """Whether the pack is registered and the engine is thought to be reachable."""
        return self._registrations > 0 and self._open.is_set()

    def hurry(self) -> None:
        """Probe without long pauses from now on, since the pack is stopping."""
        self._hurry.set()

    async def attempt(self, call: Callable[[], Awaitable[T]], stop: asyncio.Event | None = None) -> T:
        """Make one call when the engine is thought to be reachable.

        While it is not, one caller at a time probes it, with growing pauses; the others wait. When ``stop``
        is set meanwhile, the call is not made; a call under way is never broken off.

        Raises:
            PackError: whatever the call raises; EngineUnavailable when it was not made.
        """
        probe = await self._wait_until_open(stop or asyncio.Event())
        try:
            answer = await call()
        except (EngineUnavailable, AnswerLost) as error:
            if getattr(error, "status", None) is None:
                await self._closed(probe=probe)
            else:
                self._reachable(probe=probe)
            raise
        except EngineForgot:
            if self._registrations:
                self._reachable(probe=probe)
            elif probe:  # nobody was asked: where to is known from registering only
                self._hand_on()
            raise
        except PackError:
            self._reachable(probe=probe)
            raise
        except BaseException:  # it says nothing of the engine; somebody else has to probe
            if probe:
                self._hand_on()
            raise
        self._reachable(probe=probe)
        self.successes += 1
        return answer

    async def _wait_until_open(self, stop: asyncio.Event) -> bool:
        while not self._open.is_set():
            if stop.is_set():
                raise EngineUnavailable("the engine cannot be reached, and the pack is stopping")
            if not self._probing:
                return await self._wait_as_probe(stop)
            await _first(self._open, stop)
        return False

    async def _wait_as_probe(self, stop: asyncio.Event) -> bool:
        self._probing = True
        pause = OUTAGE.seconds(self._failures, self._clock)
        try:
            if self._hurry.is_set():
                await self._clock.sleep(min(pause, HURRIED_SECONDS))
            else:
                await _first(stop, self._hurry, seconds=pause, clock=self._clock)
            stopped = stop.is_set()
        except asyncio.CancelledError:
            self._hand_on()
            raise
        if stopped:
            self._hand_on()
            raise EngineUnavailable("the engine cannot be reached, and the pack is stopping")
        return True

    async def _closed(self, *, probe: bool) -> None:
        if self._open.is_set() or probe:
            self._failures += 1
        self._open.clear()
        if probe:
            self._hand_on()

    def _hand_on(self) -> None:
        """Let another caller probe: wake all, of whom the first finds the link still closed."""
        self._probing = False
        waiting, self._open = self._open, asyncio.Event()
        waiting.set()

    def _reachable(self, *, probe: bool) -> None:
        self._failures = 0
        if probe:
            self._probing = False
        self._open.set()

    async def register(self) -> None:
        """Register, waiting for the engine for ever.

        Raises:
            CredentialsRefused: the engine refuses the JWT.
            EngineRefused: the engine refuses what was registered.
        """
        async with self._registering:
            await self._register()

    async def _register(self, stop: asyncio.Event | None = None) -> None:
        failures = 0
        while stop is None or not stop.is_set():
            try:
                await self.attempt(self.engine.register, stop)
            except TransientError as error:
                failures += 1
                if getattr(error, "status", None) is not None:
                    await self._pause(OUTAGE.seconds(failures, self._clock), stop)
            else:
                self._registrations += 1
                return

    async def renew(self, seen: int, stop: asyncio.Event | None = None) -> None:
        """Register again because the engine forgot the pack; once for all who noticed.

        ``seen``: how many registrations there had been when the refused call was made. ``stop``: when it is
        set, return without being registered. A refusal is logged and waited out, since it did not refuse at
        start.
        """
        async with self._registering:
            if self._registrations > seen or (stop is not None and stop.is_set()):
                return
            if self._registrations:
                self._name_forgetting()
            try:
                await self._register(stop)
            except (CredentialsRefused, EngineRefused) as error:
                logger.error("the engine refuses to register the pack: %s", error)
                await self._pause(OUTAGE.cap_seconds, stop)

    async def _pause(self, seconds: float, stop: asyncio.Event | None) -> None:
        await wait_for(stop or asyncio.Event(), seconds, self._clock)

    def _name_forgetting(self) -> None:
        """Log that the pack was forgotten, once a minute at the most."""
        now = self._clock.monotonic()
        if now >= self._named_at + NAMED_SECONDS:
            self._named_at = now
            logger.warning("the engine does not know this pack any more; registering again")


async def _first(*events: asyncio.Event, seconds: float | None = None, clock: Clock | None = None) -> None:
    """Wait until one of the events is set, or until the time is over where there is one."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    if seconds is not None and clock is not None:
        waiting.append(asyncio.ensure_future(_elapse(seconds, clock)))
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def _elapse(seconds: float, clock: Clock) -> Literal[True]:
    await clock.sleep(seconds)
    return True
