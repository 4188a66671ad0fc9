"""Payloads on their way from a socket to the intake: bounded, in order, beside the reading.

Reading never waits for the intake, so pings and disconnects are seen however slow or full it is. Nor does a
payload wait until the one before it is kept: they are offered in order, and the intake keeps that order. What
the intake did not take is not acknowledged, and so Slack sends it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pack.clock import Clock
from pack.contracts.ports import Accept
from pack.slack.socket_frames import Envelope
from pack.slack.trouble import Trouble

logger = logging.getLogger(__name__)

ACK_WINDOW_SECONDS = 3.0
"""Slack sends a payload again that is not acknowledged in this time."""

AT_ONCE = 100
"""So many payloads may be offered and not be kept yet."""


class Acknowledges(Protocol):
    """Where an acknowledgement goes: the connection by which the payload came."""

    async def acknowledge(self, envelope_id: str) -> None:
        """Tell Slack that the payload is kept. Never raises: what is not acknowledged comes again."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    envelope: Envelope
    source: Acknowledges
    since: float


class Acceptance:
    """Offers payloads to the intake in their order, and acknowledges those that it keeps.

    ``limit``: so many may wait; what comes beyond is dropped unacknowledged. ``on_refused`` is told of each
    payload that is not acknowledged.
    """

    def __init__(self, accept: Accept, *, clock: Clock, limit: int, on_refused: Callable[[], None]) -> None:
        self._accept = accept
        self._clock = clock
        self._limit = limit
        self._on_refused = on_refused
        self._waiting: deque[_Waiting] = deque()
        self._offered: dict[_Waiting, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self._closed = False
        self._trouble = Trouble(
            logger,
            clock,
            began="Payloads from Slack are not acknowledged: %s. Slack sends them again.",
            ended="Payloads from Slack are accepted again",
        )

    @property
    def problem(self) -> str:
        """Why the last payload was not acknowledged; empty when it was."""
        return self._trouble.problem

    def offer(self, envelope: Envelope, source: Acknowledges) -> None:
        """Queue a payload; returns at once."""
        if self._closed:
            return
        if len(self._waiting) >= self._limit:
            self._trouble.note(f"{self._limit} payloads wait for the intake already")
            self._on_refused()
            return
        self._waiting.append(_Waiting(envelope, source, self._clock.monotonic()))
        self._changed.set()

    def delay_seconds(self) -> float:
        """Return for how long the oldest payload has been waiting for the intake; 0 when none is."""
        oldest = next(iter(self._offered), None) or (self._waiting[0] if self._waiting else None)
        return self._clock.monotonic() - oldest.since if oldest else 0.0

    async def run(self) -> None:
        """Offer what is queued, in order, until closed; then wait until what was offered is kept."""
        while not self._closed:
            if not self._waiting or len(self._offered) >= AT_ONCE:
                self._changed.clear()
                await self._changed.wait()
                continue
            self._begin(self._waiting.popleft())
        await asyncio.gather(*self._offered.values())

    def _begin(self, item: _Waiting) -> None:
        """Offer a payload; tasks begin in the order in which they are made."""
        task = asyncio.get_running_loop().create_task(self._offer_to_intake(item), name="accept a payload")
        self._offered[item] = task
        task.add_done_callback(lambda _: self._end(item))

    def _end(self, item: _Waiting) -> None:
        del self._offered[item]
        self._changed.set()

    def close(self) -> None:
        """End ``run`` after the payloads that are being accepted; the others stay unacknowledged."""
        self._closed = True
        self._waiting.clear()
        self._changed.set()

    async def _offer_to_intake(self, item: _Waiting) -> None:
        try:
            kept = await self._accept(item.envelope.inbound)
        except Exception as error:
            kind = item.envelope.inbound.kind.value
            logger.exception("A payload from Slack could not be accepted", extra={"kind": kind})
            self._trouble.note_told(f"accepting a payload failed ({type(error).__name__}: {error})")
            self._on_refused()
            return
        if not kept:
            self._trouble.note("the intake has no room")
            self._on_refused()
            return
        await item.source.acknowledge(item.envelope.id)
        self._trouble.note("")
