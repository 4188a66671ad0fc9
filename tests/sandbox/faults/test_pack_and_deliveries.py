"""What the pack promises while Slack's deliveries are disturbed: each event is told to the engine once.

Slack's clock runs ahead of the pack's, so that retries after minutes and dead sockets cost no test time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from pack.clock import SystemClock
from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.timing import SlackClock
from tests.in_process import Stage, open_stage

SPEED = 50


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    slack = SimulatedSlack(speed=SPEED)
    async with open_stage(tmp_path, slack=slack, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as opened:
        opened.slack.faults.seed(11)
        yield opened


def say(stage: Stage, count: int) -> list[str]:
    texts = [f"message {number}" for number in range(count)]
    for text in texts:
        stage.slack.workspace.say("general", text, user="ada")
    return texts


def told(stage: Stage) -> list[str]:
    return [event.payload["message"] for event in stage.engine.events if event.name == "ReceivedMessage"]


async def settle(stage: Stage, expected: list[str]) -> None:
    """Wait until everything is told and acknowledged, and a moment longer for what may come twice."""
    await stage.until(lambda: sorted(told(stage)) == sorted(expected), 10)
    await stage.until(lambda: not stage.slack.faults.unacknowledged, 10)
    await asyncio.sleep(0.2)


DISTURBANCES: dict[str, Callable[[SimulatedSlack], Any]] = {
    "lost deliveries": lambda slack: slack.disturbances.lose_events(times=4),
    "acknowledgements that nobody hears": lambda slack: slack.disturbances.ignore_acks(times=4),
    "late deliveries": lambda slack: slack.disturbances.delay_events(5.0, times=4),
    "copies": lambda slack: slack.disturbances.duplicate_events(3, times=8),
    "late copies": lambda slack: slack.disturbances.duplicate_events(2, seconds=10.0, times=8),
    "copies that look new": lambda slack: slack.disturbances.duplicate_events(3, new_event_ids=True, times=8),
    "another order": lambda slack: slack.disturbances.shuffle_events(window=4, seconds=5.0),
}


@pytest.mark.parametrize("disturbance", DISTURBANCES)
async def test_each_event_is_told_once(stage: Stage, disturbance: str) -> None:
    DISTURBANCES[disturbance](stage.slack)
    expected = say(stage, 8)
    await settle(stage, expected)
    assert sorted(told(stage)) == sorted(expected)


async def test_that_another_order_of_deliveries_is_told_in_that_order_is_a_gap_for_now(stage: Stage) -> None:
    stage.slack.disturbances.delay_events(20.0, times=1)
    expected = say(stage, 3)
    await settle(stage, expected)
    assert told(stage) == [*expected[1:], expected[0]]


@pytest.mark.parametrize("abrupt", [False, True])
async def test_what_is_said_while_the_sockets_are_closed_is_told_when_one_is_open_again(
    stage: Stage, abrupt: bool
) -> None:
    stage.slack.faults.refuse_upgrade(2)
    stage.slack.faults.close_sockets(abrupt=abrupt)
    expected = say(stage, 5)
    await settle(stage, expected)
    assert told(stage) == expected


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Stage]:
    """A pack whose waits are over fifty times faster."""
    joined = {"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "general"}
    async with open_stage(tmp_path, clock=SlackClock(SystemClock(), SPEED), **joined) as opened:
        yield opened


async def tell_after_retries(stage: Stage, expected: list[str]) -> None:
    """Let Slack's time pass until every event was tried again often enough to be told."""

    def all_told() -> bool:
        stage.slack.clock.advance(20)
        return sorted(told(stage)) == expected

    await stage.until(all_told, 10)


@pytest.mark.parametrize("trouble", ["go_silent", "kill_sockets"])
async def test_a_socket_that_is_dead_without_a_word_is_replaced_and_loses_nothing(
    hasty: Stage, trouble: str
) -> None:
    getattr(hasty.slack.faults, trouble)()
    opened = len(hasty.slack.faults.calls_of("apps.connections.open"))
    expected = say(hasty, 3)
    await hasty.until(lambda: len(hasty.slack.faults.calls_of("apps.connections.open")) > opened)
    await tell_after_retries(hasty, expected)


async def test_sockets_that_stay_mute_or_break_and_tickets_that_are_refused_are_replaced(
    hasty: Stage,
) -> None:
    hasty.slack.faults.refuse_tickets(1)
    hasty.slack.faults.spoil_tickets(1)
    hasty.slack.faults.mute_sockets(1)
    hasty.slack.faults.break_sockets(2)
    hasty.slack.faults.close_sockets()
    await tell_after_retries(hasty, say(hasty, 3))


async def test_a_date_that_is_wrong_by_more_than_five_minutes_is_refused_with_signed_requests(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    slack = SimulatedSlack(speed=SPEED)
    async with open_stage(
        tmp_path,
        slack=slack,
        FLYTE_SLACK_APP_TOKEN="",
        FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general",
        FLYTE_SLACK_SIGNING_SECRET=slack.signing_secret,
        FLYTE_SLACK_EVENTS_PORT=str(unused_tcp_port),
    ) as stage:
        await slack.http_delivery.subscribe(f"http://127.0.0.1:{unused_tcp_port}/slack/events")
        slack.faults.skew(600)
        slack.workspace.say("general", "from the future", user="ada")
        await stage.until(lambda: len(slack.http_delivery.attempts) >= 1)
        assert slack.http_delivery.attempts[0].outcome == "http_error"
        slack.faults.clear()
        await stage.until(lambda: told(stage) == ["from the future"], 10)
