"""How often a Socket Mode ticket may be asked for: a few in a row, then one in so many seconds."""

from __future__ import annotations

from pack.clock import Clock


class TicketPace:
    """Counts the tickets; ``burst`` of them are free, and every ``seconds`` one more is."""

    def __init__(self, clock: Clock, *, burst: int, seconds: float) -> None:
        self._clock = clock
        self._burst = burst
        self._seconds = seconds
        self._free = float(burst)
        self._counted_at = clock.monotonic()

    def wait_seconds(self) -> float:
        """Return how long until one is free; 0 when one is."""
        return max(0.0, (1.0 - self._count()) * self._seconds)

    def spend(self) -> None:
        """Note that one is asked for, whether it was free or not."""
        self._free = max(0.0, self._count() - 1.0)

    def _count(self) -> float:
        now = self._clock.monotonic()
        self._free = min(float(self._burst), self._free + (now - self._counted_at) / self._seconds)
        self._counted_at = now
        return self._free
