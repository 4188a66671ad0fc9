"""Stuck: an event that the engine fails at again and again while it works, so that its lane waits behind it.

An outage is no reason to give an event up, however long it takes: only failures between which the engine did
something else count.
"""

from __future__ import annotations

from dataclasses import dataclass

FAILURES = 5
"""So often an event fails, while others are taken in between, until it is said to be stuck."""

HOUR_SECONDS = 3600.0
"""How long it may go on to fail, while others are taken in between, until it is given up."""

DAY_SECONDS = 86_400.0
"""The same while there are no others, and the engine answers everything else."""

DAY_FAILURES = 500
"""How often it fails at least on such a day."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the engine has done so far: the events that it took, and all the calls that went well."""

    events: int
    calls: int
    at: float
    """On the monotonic clock."""


@dataclass(slots=True)
class _Tally:
    count: int = 0
    since: float = 0.0

    def add(self, at: float) -> None:
        if not self.count:
            self.since = at
        self.count += 1


class Failures:
    """How often one event failed while the engine did other things."""

    def __init__(self) -> None:
        self._last: Progress | None = None
        self._beside_events = _Tally()
        self._beside_calls = _Tally()

    def add(self, progress: Progress, *, answered: bool) -> None:
        """Count a failure; ``answered``: the engine itself said that it failed."""
        last, self._last = self._last, progress
        if last and progress.events > last.events:
            self._beside_events.add(progress.at)
        if last and progress.calls > last.calls and answered:
            self._beside_calls.add(progress.at)

    @property
    def is_stuck(self) -> bool:
        """Whether it is this event that the engine fails at."""
        return self._beside_events.count >= FAILURES or self._beside_calls.count >= DAY_FAILURES

    def is_hopeless(self) -> bool:
        """Tell whether it failed for so long that what waits behind it should not wait any more."""
        if not self._last:
            return False
        beside_events, beside_calls = self._beside_events, self._beside_calls
        hour = beside_events.count >= FAILURES and self._last.at - beside_events.since >= HOUR_SECONDS
        day = beside_calls.count >= DAY_FAILURES and self._last.at - beside_calls.since >= DAY_SECONDS
        return hour or day
