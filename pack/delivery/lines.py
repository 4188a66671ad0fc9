"""Lines: what all calls of one method share."""

from __future__ import annotations

from collections import deque
from typing import Any, Protocol

from pack.delivery.tempo import Tempo

MINUTE = 60.0
SHARE = 100
"""While no limit is known, a hundredth as many calls as went through may be unanswered (but some always): so
few are refused when there is a limit after all."""
MOST_UNANSWERED = 50
"""Fewer than the calls that are made at once, so that one that may be made is made without delay."""
FORGOTTEN_SECONDS = 60.0
"""A call without an answer counts as unanswered for so long."""


class Line(Protocol):
    """When a method may be called. All times are those of one monotonic clock, in seconds."""

    def channel_seconds(self, channel: str, now: float) -> float:
        """Return how long the channel has to wait still for reasons of its own."""
        ...

    def held_seconds(self, channel: str, now: float) -> float:
        """Return for how long Slack asked to wait there still, in the channel or everywhere."""
        ...

    def seconds(self, now: float) -> float:
        """Return how long everybody has to wait still."""
        ...

    def has_room(self, now: float) -> bool:
        """Tell whether few enough calls are unanswered."""
        ...

    def take(self, channel: str, now: float) -> None:
        """Count a call that is made now."""
        ...

    def succeeded(self, channel: str, now: float) -> None:
        """Learn that a call went through."""
        ...

    def limited(self, channel: str, seconds: float, now: float) -> None:
        """Learn that a call was refused, and for how long nothing may follow."""
        ...

    def unanswered(self) -> None:
        """Learn nothing of a call."""
        ...

    def summary(self) -> dict[str, Any]:
        """Return what was learned, for people."""
        ...


class MethodLine:
    """A method that is limited by itself."""

    def __init__(self, a_minute: int, *, at_once: int | None = None, credit: float = 0.25) -> None:
        """``a_minute``: the calls that the reference permits.

        ``at_once``: how many may be unanswered while no limit is known; None: a minute's calls, as long as
        they last, then one. ``credit``: how many intervals of a late call are made up for.
        """
        self.tempo = Tempo(MINUTE / a_minute, 1.5 * a_minute)
        self._a_minute = a_minute
        self._at_once = at_once
        self._credit = credit
        self._free_at = 0.0
        self._held_until = 0.0
        self._learned_until = 0.0
        self._unanswered: deque[float] = deque()
        self.passed = 0
        """How many calls went through."""

    def channel_seconds(self, channel: str, now: float) -> float:
        """Return 0."""
        return 0.0

    def held_seconds(self, channel: str, now: float) -> float:
        """Return for how long Slack asked to wait still."""
        return max(0.0, self._held_until - now)

    def seconds(self, now: float) -> float:
        """Return how long everybody has to wait still."""
        free_at = 0.0 if self.tempo.is_at_full_speed else self._free_at
        return max(0.0, self._held_until - now, free_at - now)

    def has_room(self, now: float) -> bool:
        """Tell whether few enough calls are unanswered."""
        while self._unanswered and self._unanswered[0] < now - FORGOTTEN_SECONDS:
            self._unanswered.popleft()
        return len(self._unanswered) < self._room(now)

    def _room(self, now: float) -> float:
        if not self.tempo.is_at_full_speed:
            return MOST_UNANSWERED
        saved = self._a_minute - self.tempo.ahead(now) if self._at_once is None else self._at_once
        return min(max(saved, 1, self.passed // SHARE), MOST_UNANSWERED)

    def take(self, channel: str, now: float) -> None:
        """Count a call that is made now."""
        if self.tempo.may_try(now):
            self.tempo.begin_trial(now)
        interval = self.tempo.trial_interval if self.tempo.is_on_trial else self.tempo.interval
        self._free_at = max(self._free_at, now - self._credit * interval) + interval
        self._unanswered.append(now)

    def succeeded(self, channel: str, now: float) -> None:
        """Learn that a call went through."""
        self.unanswered()
        self.passed += 1
        self.tempo.succeeded(now, tried=self.tempo.is_on_trial)

    def limited(self, channel: str, seconds: float, now: float) -> None:
        """Learn that a call was refused, and for how long nothing may follow."""
        sent_at = self._unanswered[0] if self._unanswered else now
        self.unanswered()
        self.hold(now + seconds)
        self.learn_limit(sent_at, now, now + seconds)

    def hold(self, until: float) -> None:
        """Let nobody pass before that time."""
        self._held_until = max(self._held_until, until)

    def learn_limit(self, sent_at: float, now: float, until: float) -> None:
        """Learn from the refusal of a call; what is refused until the wait is over says the same again."""
        if sent_at < self._learned_until:
            return
        if not self.tempo.is_on_trial:
            self._credit /= 2
        self.tempo.limited(now, tried=self.tempo.is_on_trial)
        self._learned_until = until
        self._free_at = max(self._free_at, sent_at + self.tempo.interval)

    def unanswered(self) -> None:
        """Learn nothing of a call."""
        if self._unanswered:
            self._unanswered.popleft()

    def summary(self) -> dict[str, Any]:
        """Return what was learned, for people."""
        interval = self.tempo.interval
        return {
            "perMinute": round(MINUTE / interval, 1)
            if interval and not self.tempo.is_at_full_speed
            else None,
            "passed": self.passed,
            "refused": self.tempo.refused,
        }
