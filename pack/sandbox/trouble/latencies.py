"""How long answers take, by chance: distributions as operators describe them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, Protocol

Distribution = Literal["fixed", "uniform", "exponential", "lognormal"]
"""The names of the distributions."""

_STANDARD = NormalDist()
_P99 = _STANDARD.inv_cdf(0.99)
_LONGEST_SECONDS = 3_600.0
_NEVER_EXACTLY_0 = 1e-12


class Latency(Protocol):
    """A distribution of times."""

    def seconds(self, chance: float) -> float:
        """Return the time for a number drawn from [0, 1)."""
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two times, equally likely; the same time twice: always that."""

    low: float
    high: float

    def seconds(self, chance: float) -> float:
        """Return the time for a number drawn from [0, 1)."""
        return self.low + (self.high - self.low) * chance


@dataclass(frozen=True, slots=True)
class Exponential:
    """Mostly short, sometimes long; half of all within the median."""

    median: float

    def seconds(self, chance: float) -> float:
        """Return the time for a number drawn from [0, 1)."""
        return min(-math.log2(1.0 - chance) * self.median, _LONGEST_SECONDS)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """As real services are: half of all within the median, one of a hundred longer than ``p99``."""

    median: float
    p99: float

    def seconds(self, chance: float) -> float:
        """Return the time for a number drawn from [0, 1)."""
        if self.median <= 0:
            return 0.0
        spread = math.log(self.p99 / self.median) / _P99
        drawn = _STANDARD.inv_cdf(min(max(chance, _NEVER_EXACTLY_0), 1 - _NEVER_EXACTLY_0))
        return min(self.median * math.exp(spread * drawn), _LONGEST_SECONDS)


def make_latency(
    distribution: Distribution,
    *,
    low_ms: float | None = None,
    high_ms: float | None = None,
    median_ms: float | None = None,
    p99_ms: float | None = None,
) -> Latency:
    """Return a distribution by its name, all in milliseconds.

    ``uniform`` takes low and high, ``fixed`` and ``exponential`` a median, ``lognormal`` a median and a 99th
    percentile.

    Raises:
        ValueError: a value is missing, of another distribution, or makes no sense.
    """
    given = {"low_ms": low_ms, "high_ms": high_ms, "median_ms": median_ms, "p99_ms": p99_ms}
    wanted = {
        "fixed": ("median_ms",),
        "uniform": ("low_ms", "high_ms"),
        "exponential": ("median_ms",),
        "lognormal": ("median_ms", "p99_ms"),
    }
    if distribution not in wanted:
        raise ValueError(f"distribution has to be one of {', '.join(wanted)}")
    names = wanted[distribution]
    if {name for name, value in given.items() if value is not None} != set(names):
        raise ValueError(f"a latency that is {distribution} takes {' and '.join(names)}, no more and no less")
    values = [_seconds(name, given[name]) for name in names]
    first, last = values[0], values[-1]
    if last < first:
        raise ValueError(f"{names[-1]} has to be {names[0]} or more")
    if distribution == "exponential":
        return Exponential(first)
    return LogNormal(first, last) if distribution == "lognormal" else Uniform(first, last)


def _seconds(name: str, milliseconds: float | None) -> float:
    if milliseconds is None or not 0 <= milliseconds <= _LONGEST_SECONDS * 1_000:
        raise ValueError(f"{name} has to be zero or more, and no more than an hour")
    return milliseconds / 1_000
