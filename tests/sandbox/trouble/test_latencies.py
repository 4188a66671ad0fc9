from __future__ import annotations

import random
from statistics import median, quantiles

import pytest

from pack.sandbox.trouble.latencies import make_latency


def drawn(distribution: str, **given: float) -> list[float]:
    chance = random.Random(5)
    latency = make_latency(distribution, **given)
    return [latency.seconds(chance.random()) for _ in range(4_000)]


def test_a_fixed_latency_is_always_the_same() -> None:
    assert set(drawn("fixed", median_ms=250)) == {0.25}


def test_a_uniform_latency_stays_within_its_range() -> None:
    times = drawn("uniform", low_ms=20, high_ms=180)
    assert 0.02 <= min(times) < 0.03
    assert 0.17 < max(times) < 0.18


@pytest.mark.parametrize(
    ("distribution", "given"),
    [("exponential", {"median_ms": 100}), ("lognormal", {"median_ms": 100, "p99_ms": 900})],
)
def test_half_of_the_times_are_within_the_median(distribution: str, given: dict) -> None:
    assert median(drawn(distribution, **given)) == pytest.approx(0.1, rel=0.1)


def test_one_of_a_hundred_is_longer_than_the_99th_percentile() -> None:
    times = drawn("lognormal", median_ms=100, p99_ms=900)
    assert quantiles(times, n=100)[98] == pytest.approx(0.9, rel=0.2)


@pytest.mark.parametrize("distribution", ["exponential", "lognormal"])
@pytest.mark.parametrize("chance", [0.0, 1 - 2**-53])
def test_the_ends_of_chance_give_times_that_can_be_waited(distribution: str, chance: float) -> None:
    more = {"p99_ms": 200.0} if distribution == "lognormal" else {}
    assert 0 <= make_latency(distribution, median_ms=100, **more).seconds(chance) < 10


def test_a_median_of_nothing_is_no_latency() -> None:
    assert make_latency("lognormal", median_ms=0, p99_ms=10).seconds(0.9) == 0


@pytest.mark.parametrize(
    ("distribution", "given", "reason"),
    [
        ("uniform", {"low_ms": 1}, "a latency that is uniform takes low_ms and high_ms, no more and no less"),
        ("fixed", {"median_ms": 1, "p99_ms": 2}, "a latency that is fixed takes median_ms, no more"),
        ("uniform", {"low_ms": 2, "high_ms": 1}, "high_ms has to be low_ms or more"),
        ("lognormal", {"median_ms": 2, "p99_ms": 1}, "p99_ms has to be median_ms or more"),
        ("fixed", {"median_ms": -1}, "median_ms has to be zero or more"),
        ("fixed", {"median_ms": 4e6}, "no more than an hour"),
        ("pareto", {}, "distribution has to be one of fixed, uniform"),
    ],
)
def test_a_latency_that_makes_no_sense_is_refused(distribution, given, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        make_latency(distribution, **given)
