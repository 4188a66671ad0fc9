"""What a rate limit is made of: a pace, a burst, and for each caller how much of them is used up."""

from __future__ import annotations

from dataclasses import dataclass

_SLACK_OF_FLOATS = 1e-6
_LANES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """So many per minute for ever, and so many at once after a rest: a token bucket."""

    per_minute: float
    burst: int

    @property
    def interval(self) -> float:
        """Seconds between two at this pace."""
        return 60.0 / self.per_minute


class Buckets:
    """A bucket for each lane (a method and a token, or a channel), all of them full at the start.

    A lane is remembered only while its bucket is not full again: as the moment at which it will be.
    """

    def __init__(self) -> None:
        self._full_at: dict[object, float] = {}

    def wait(self, lane: object, pace: Pace, now: float) -> float:
        """Return in how many seconds the lane has room for one more; 0: now. Nothing is taken."""
        full_at = max(self._full_at.get(lane, now), now)
        wait = full_at - now - (pace.burst - 1) * pace.interval
        return wait if wait > _SLACK_OF_FLOATS else 0.0

    def take(self, lane: object, pace: Pace, now: float) -> None:
        """Take one out of the lane's bucket."""
        if len(self._full_at) >= _LANES_KEPT:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
        self._full_at[lane] = max(self._full_at.get(lane, now), now) + pace.interval

    def clear(self) -> None:
        """Fill every bucket."""
        self._full_at.clear()
