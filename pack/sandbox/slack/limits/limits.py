"""Rate limits as Slack has them: refused is what comes faster than the method's tier or posting allows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pack.sandbox.slack.limits.figures import OWN, PER_CHANNEL, PER_WORKSPACE, POSTING, TIERS, pace_of
from pack.sandbox.slack.limits.pace import Buckets, Pace
from pack.sandbox.slack.reference.facts import MethodFacts
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock

Json = Any

_WORKSPACE = "workspace"


class RateLimited(Refusal):
    """The call came too early. ``retry_after``: whole seconds of the caller's, at least one."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


@dataclass(slots=True)
class Count:
    """How many calls of a method came, and how many of them were refused for coming too fast."""

    asked: int = 0
    refused: int = 0

    @property
    def passed(self) -> int:
        """How many were let through."""
        return self.asked - self.refused


class Limits:
    """The rate limits of one workspace and app.

    ``on`` False: calls are only counted. ``resolve`` returns the channel's ID for what a call names, so that
    a channel has one limit by whatever name it is posted to. A refused call uses nothing up.
    """

    def __init__(self, clock: SlackClock, resolve: Callable[[str], str], *, on: bool = True) -> None:
        self.on = on
        self._clock = clock
        self._resolve = resolve
        self._buckets = Buckets()
        self._counts: defaultdict[str, Count] = defaultdict(Count)

    def take(self, method: MethodFacts, token: str, arguments: Mapping[str, Json]) -> None:
        """Let a call pass, and count it.

        Raises:
            RateLimited: it comes too early.
        """
        count = self._counts[method.name]
        count.asked += 1
        if not self.on:
            return
        now = self._clock.monotonic()
        lanes = list(self._lanes(method, token, arguments))
        wait = max((self._buckets.wait(lane, pace, now) for lane, pace in lanes), default=0.0)
        if wait > 0:
            count.refused += 1
            raise RateLimited(max(1, math.ceil(self._clock.callers_seconds(wait))))
        for lane, pace in lanes:
            self._buckets.take(lane, pace, now)

    def count(self, method: str) -> Count:
        """Return how often a method was asked for and refused, since the start or :meth:`reset`."""
        return self._counts.get(method) or Count()

    def counts(self) -> dict[str, Count]:
        """Return the same for every method that was called."""
        return dict(self._counts)

    def reset(self) -> None:
        """Fill every bucket, and count from zero."""
        self._buckets.clear()
        self._counts.clear()

    def as_json(self) -> dict[str, Json]:
        """Return figures and counts for people."""
        return {
            "on": self.on,
            "tiers": {name: asdict(pace) for name, pace in TIERS.items()},
            "own": {name: asdict(pace) for name, pace in OWN.items()},
            "posting": {"channel": asdict(PER_CHANNEL), "workspace": asdict(PER_WORKSPACE)},
            "methods": {
                name: {"asked": count.asked, "refused": count.refused, "passed": count.passed}
                for name, count in sorted(self._counts.items())
            },
        }

    def _lanes(
        self, method: MethodFacts, token: str, arguments: Mapping[str, Json]
    ) -> Iterable[tuple[object, Pace]]:
        pace = pace_of(method)
        if pace is not None:
            yield (method.name, token), pace
        if method.name in POSTING:
            yield ("channel", self._resolve(str(arguments.get("channel", "")))), PER_CHANNEL
            yield _WORKSPACE, PER_WORKSPACE
