"""The pack's own receiver meets each fault of sockets and deliveries: everything that is said arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.slack.receiving import Intake
from tests.slack.socket_peer import soon
from tests.slack.test_socket_mode_simulated import over_sockets, said

EXPECTED = [f"message {number}" for number in range(12)]

FAULTS: dict[str, Callable[[SimulatedSlack], object]] = {
    "lost": lambda slack: slack.faults.deliveries.lose_events(times=3),
    "unheard": lambda slack: slack.faults.deliveries.ignore_acks(times=3),
    "late": lambda slack: slack.faults.deliveries.delay_events(5, times=3),
    "doubled": lambda slack: slack.faults.deliveries.duplicate_events(times=3),
    "doubled under new ids": lambda slack: slack.faults.deliveries.duplicate_events(
        times=3, new_event_ids=True, seconds=2
    ),
    "shuffled": lambda slack: slack.faults.deliveries.shuffle_events(window=4),
    "broken": lambda slack: slack.faults.break_sockets(2),
    "silent": lambda slack: slack.faults.go_silent(),
    "half-open": lambda slack: slack.faults.kill_sockets(),
    "next ones mute": lambda slack: (slack.faults.mute_sockets(2), slack.faults.close_sockets()),
    "tickets spoilt": lambda slack: (slack.faults.spoil_tickets(2), slack.faults.close_sockets()),
}


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(speed=40) as simulated:
        simulated.workspace.invite_bot("general")
        simulated.sockets.ping_seconds = 0.05
        yield simulated


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_said_arrives_in_spite_of(slack: SimulatedSlack, fault: str) -> None:
    intake = Intake()
    async with over_sockets(slack, intake):
        FAULTS[fault](slack)
        for text in EXPECTED:
            slack.workspace.say("general", text, user="ada")
            await asyncio.sleep(0.005)
        await soon(lambda: sorted(said(intake)) == sorted(EXPECTED))
        await soon(lambda: not slack.faults.unacknowledged)
    assert slack.sockets.envelopes.given_up == 0
