"""Nearly all that Slack permits is used, and it hardly ever has to refuse, whatever its limits are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from pack.delivery.pace import Pace
from tests.delivery.limited_slack import Callers, FixedWindow, LimitedSlack, TokenBucket
from tests.delivery.virtual_time import LoopClock, run_virtually

LATE = 0.001
"""Seconds by which a sleeper wakes too late, at the most."""


async def flood(slack: LimitedSlack, channels: int, seconds: float, method: str = "chat.postMessage") -> None:
    pace = Pace(LoopClock(random.Random(3), LATE))
    await Callers(pace, slack, method).flood([f"C{number}" for number in range(channels)], seconds)


async def time_of(slack: LimitedSlack, channels: int, messages: int) -> float:
    """Return how long it takes to send so many messages to each of the channels."""
    callers = Callers(Pace(LoopClock(random.Random(3), LATE)), slack)
    await asyncio.gather(*(callers.send(f"C{number}", messages) for number in range(channels)))
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(("burst", "channels"), [(1, 1), (5, 1), (1, 20), (5, 20)])
def test_a_channels_limit_is_used_and_kept_to(burst: int, channels: int) -> None:
    seconds = 1500 if channels == 1 else 600
    slack = LimitedSlack(channel=TokenBucket(60, burst))
    run_virtually(flood(slack, channels, seconds))
    assert slack.passed >= 0.98 * channels * (seconds + 1)
    assert slack.refused_share < 0.01


@pytest.mark.parametrize("channels", [8, 20, 200])
@pytest.mark.parametrize(
    "limit",
    [lambda: TokenBucket(300, 5), lambda: TokenBucket(300, 300), lambda: FixedWindow(300, 17)],
    ids=["small burst", "large burst", "fixed windows"],
)
def test_the_workspaces_limit_is_used_and_kept_to(limit: Callable[[], TokenBucket], channels: int) -> None:
    everything, seconds = limit(), 1783
    slack = LimitedSlack(channel=TokenBucket(60, 5), everything=everything)
    run_virtually(flood(slack, channels, seconds))
    assert slack.passed >= 0.98 * everything.permitted(seconds)
    assert slack.refused_share < 0.01


@pytest.mark.parametrize(
    ("method", "per_minute"), [("conversations.list", 20), ("conversations.history", 50), ("users.info", 100)]
)
@pytest.mark.parametrize("windows", [False, True])
def test_a_methods_tier_is_used_and_kept_to(method: str, per_minute: int, windows: bool) -> None:
    everything = FixedWindow(per_minute, 17) if windows else TokenBucket(per_minute, per_minute)
    slack, seconds = LimitedSlack(everything=everything), 1783
    run_virtually(flood(slack, 5, seconds, method))
    assert slack.passed >= 0.98 * everything.permitted(seconds)
    assert slack.refused_share < 0.01


@pytest.mark.parametrize("method", ["conversations.history", "users.info", "chat.postMessage"])
def test_without_any_burst_little_is_lost(method: str) -> None:
    per_minute = {"conversations.history": 50, "users.info": 100, "chat.postMessage": 300}[method]
    everything = TokenBucket(per_minute, 1)
    slack = LimitedSlack(everything=everything)
    run_virtually(flood(slack, 8, 1800, method))
    assert slack.passed >= 0.9 * everything.permitted(1800)
    assert slack.refused_share < 0.01


def test_ways_of_very_different_length_cause_few_refusals() -> None:
    slack = LimitedSlack(channel=TokenBucket(60, 1), on_the_way=lambda chance: chance.uniform(0.01, 0.06))
    run_virtually(flood(slack, 4, 1800))
    assert slack.refused_share < 0.01
    assert slack.passed >= 0.9 * 4 * 1801


def test_a_slack_without_limits_is_found_within_a_moment() -> None:
    assert run_virtually(time_of(LimitedSlack(), 1, 20)) < 2
    assert run_virtually(time_of(LimitedSlack(), 1, 500)) < 40
    assert run_virtually(time_of(LimitedSlack(), 200, 1)) < 2
    assert run_virtually(time_of(LimitedSlack(), 200, 10)) < 15


def test_reading_at_the_start_waits_for_nothing_while_the_tier_permits_it() -> None:
    async def read() -> float:
        callers = Callers(Pace(LoopClock(random.Random(1))), LimitedSlack(), "users.info")
        await asyncio.gather(*(callers.once("") for _ in range(100)))
        return asyncio.get_running_loop().time()

    assert run_virtually(read()) < 0.5


def test_a_limit_that_appears_later_brings_every_channel_back_to_one_a_second() -> None:
    async def send() -> tuple[LimitedSlack, float]:
        slack = LimitedSlack()
        callers = Callers(Pace(LoopClock(random.Random(3), LATE)), slack)
        await asyncio.gather(*(callers.send(f"C{number}", 50) for number in range(10)))
        slack.channel = TokenBucket(60, 5)
        since, before = asyncio.get_running_loop().time(), slack.passed
        await callers.flood([f"C{number}" for number in range(10)], 300)
        return slack, (slack.passed - before) / (asyncio.get_running_loop().time() - since)

    slack, a_second = run_virtually(send())
    assert slack.refused <= 30
    assert a_second >= 9.6


def test_a_faster_slack_is_learned_step_by_step() -> None:
    slack = LimitedSlack(channel=TokenBucket(240, 5))
    run_virtually(flood(slack, 4, 900))
    assert slack.passed >= 0.85 * 4 * 4 * 900
    assert slack.refused_share < 0.01


def test_a_stricter_slack_is_learned() -> None:
    slack = LimitedSlack(channel=TokenBucket(30, 1))
    run_virtually(flood(slack, 4, 3600))
    assert slack.passed >= 0.85 * 4 * 1800
    assert slack.refused_share < 0.03
