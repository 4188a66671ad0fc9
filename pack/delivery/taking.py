"""Taking: how the engine is asked for work, how often, and what becomes of a take that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from pack.clock import Clock, wait_for
from pack.contracts.ports import Action
from pack.delivery.engine_link import EngineLink
from pack.delivery.polling import Polling
from pack.delivery.urgent_takes import UrgentTakes
from pack.errors import CredentialsRefused, EngineForgot, EngineUnavailable, PackError, TransientError
from pack.retry import Backoff

logger = logging.getLogger(__name__)

TAKE_AGAIN = Backoff(first_seconds=0.1, cap_seconds=1.0)
"""The pauses while taking fails with a 5xx; the first repetition is made at once."""


class Taking:
    """Asks the engine for one action at a time: parallel takes of one pack collide there.

    Commands that are bound to a trigger are asked for by name, as ``urgent`` says. ``on_lost`` is called when
    an action may have been handed out that did not arrive.
    """

    def __init__(
        self,
        *,
        link: EngineLink,
        polling: Polling,
        urgent: UrgentTakes,
        clock: Clock,
        stop: asyncio.Event,
    ) -> None:
        self._link = link
        self._polling = polling
        self._clock = clock
        self._stop = stop
        self._urgent = urgent
        self.on_lost: Callable[[], None] = lambda: None
        self._failures = 0
        self._refusal = ""

    async def take(self) -> Action | None:
        """Take one action; wait a moment and return None when there is none to be had."""
        seen = self._link.registrations
        try:
            command = self._urgent.next()
            action = await self._link.attempt(lambda: self._link.engine.take(command), self._stop)
        except EngineForgot as error:
            await self._link.renew(seen, self._stop)
            await self._wait_after_failure(error)
            return None
        except EngineUnavailable as error:
            if error.may_have_acted:
                self.on_lost()
            await self._wait_after_failure(error)
            return None
        except PackError as error:
            self._name_refusal(error)
            await self._wait_after_failure(error)
            return None
        self._failures, self._refusal = 0, ""
        if action is None and not command:
            await wait_for(self._stop, self._polling.pause_seconds(), self._clock)
        if action is not None:
            self._polling.happened()
        return action

    async def _wait_after_failure(self, error: PackError) -> None:
        """Wait before taking again; at once after the first 5xx (a lost race), then longer and longer."""
        answered = not isinstance(error, EngineUnavailable) or error.status is not None
        if answered:
            asked = error.retry_after_seconds if isinstance(error, TransientError) else None
            pause = max(asked or 0.0, TAKE_AGAIN.seconds(self._failures, self._clock))
            self._failures += 1
            await wait_for(self._stop, pause, self._clock)

    def _name_refusal(self, error: PackError) -> None:
        """Log a refusal once; one of the JWT is the engine client's to tell."""
        if str(error) != self._refusal and not isinstance(error, CredentialsRefused):
            self._refusal = str(error)
            logger.error("the engine refuses to hand out work: %s", error)
