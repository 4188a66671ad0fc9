"""Room: how much may be on its way to the engine; what is refused, Slack sends again."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pack.clock import Clock

logger = logging.getLogger(__name__)

ROOMY_SHARE = 0.9
"""What was full has room again when less than this part of its capacity is on its way."""

LANE_SHARE = 0.8
"""Which part one lane, a channel, may fill, so that one that does not go on stops no other."""

RECOVERED_SHARE = 0.5
"""Which part may be filled with what was read from history; the rest is for what comes live."""

LOOK_SECONDS = 0.5
"""How often it is looked whether there is room for more that was read from history."""

NAMED_SECONDS = 60.0
"""How often it is logged at the most that there is none."""


class Room:
    """Whether more may be accepted.

    ``waiting`` says how much is on its way in the lanes that go on; ``waiting_in``, in one lane.
    """

    def __init__(
        self, capacity: int, *, waiting: Callable[[], int], waiting_in: Callable[[str], int], clock: Clock
    ) -> None:
        self._capacity = capacity
        self._waiting = waiting
        self._waiting_in = waiting_in
        self._clock = clock
        self._was_full = False
        self._named_at = -NAMED_SECONDS

    @property
    def is_full(self) -> bool:
        """Whether nothing is accepted at the moment."""
        limit = self._capacity * ROOMY_SHARE if self._was_full else self._capacity
        self._was_full = self._waiting() >= limit
        return self._was_full

    def has(self, lane: str) -> bool:
        """Tell whether there is room for one more that comes live; there not being any is logged."""
        if self.is_full:
            self._name("the intake is full")
            return False
        if self._waiting_in(lane) >= max(1, self._capacity * LANE_SHARE):
            self._name(f"too much waits in channel {lane}")
            return False
        return True

    def _name(self, reason: str) -> None:
        now = self._clock.monotonic()
        if now >= self._named_at + NAMED_SECONDS:
            self._named_at = now
            logger.warning("%s: Slack is asked to send again until the engine takes events", reason)

    async def wait_for_recovered(self) -> None:
        """Wait until there is room for one more that was read from history."""
        while self._waiting() >= max(1, self._capacity * RECOVERED_SHARE):
            await self._clock.sleep(LOOK_SECONDS)
