"""How many deliveries of the last hour failed: too many, and Slack sends no more."""

from __future__ import annotations

from collections import deque

from pack.clock import Clock

WINDOW_SECONDS = 3_600.0
MOST_FAILING = 0.95
"""The share of failures over which a subscription is switched off."""
FEWEST_DELIVERIES = 1_000
"""An app that gets fewer within the window is left alone."""


class FailureWatch:
    """Counts attempts and failures by the minute."""

    def __init__(self, clock: Clock) -> None:
        self.fewest = FEWEST_DELIVERIES
        """From how many attempts of an hour on failures have consequences."""
        self._clock = clock
        self._minutes: deque[list[int]] = deque()

    def note(self, *, failed: bool) -> None:
        """Count one attempt."""
        minute = int(self._clock.monotonic() // 60)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0, 0])
        self._minutes[-1][1] += 1
        self._minutes[-1][2] += failed

    def totals(self) -> tuple[int, int]:
        """Return the attempts of the last hour, and how many of them failed."""
        oldest = (self._clock.monotonic() - WINDOW_SECONDS) // 60
        while self._minutes and self._minutes[0][0] <= oldest:
            self._minutes.popleft()
        return sum(minute[1] for minute in self._minutes), sum(minute[2] for minute in self._minutes)

    @property
    def too_many(self) -> bool:
        """Whether more than 95 % failed, of enough attempts."""
        attempts, failures = self.totals()
        return attempts >= max(1, self.fewest) and failures > MOST_FAILING * attempts

    def clear(self) -> None:
        """Begin to count anew."""
        self._minutes.clear()
