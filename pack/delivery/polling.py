"""How long to wait before the engine is asked for work again.

At once after an action was found; eagerly for a while after the start, an action or an event, since flows
answer what happens; then smoothly less often, down to once a second.
"""

from __future__ import annotations

from pack.clock import Clock

SHORTEST_SECONDS = 0.02
LONGEST_SECONDS = 1.05
"""With what is looked at beside the takes, no more than 60 requests a minute."""

SHARE = 0.08
"""The pause as a share of the time since anything happened: 80 ms after 1 s, 1 s after 12 s."""


class Polling:
    """The pauses between asking for work."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.monotonic()

    def happened(self) -> None:
        """Note that an action was found or an event was told."""
        self._last = self._clock.monotonic()

    def pause_seconds(self) -> float:
        """Return how long to wait now before asking again, in seconds."""
        since = self._clock.monotonic() - self._last
        return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, since * SHARE))
