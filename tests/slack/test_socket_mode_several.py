"""Several Socket Mode connections at once: opened at a pace, replaced one by one, counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pack.errors import SlackRateLimited
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from pack.slack.ticket_pace import TicketPace
from tests.clock import FakeClock
from tests.slack.receiving import Intake, receiving
from tests.slack.socket_peer import PeerSocket, ScriptedSlack, event, soon

TUNING = SocketTuning()


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with ScriptedSlack() as slack:
        yield slack


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@asynccontextmanager
async def three(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> AsyncIterator[tuple[SocketModeReceiver, list[PeerSocket]]]:
    """Hold three connections that have been there for a while."""
    async with receiving(slack, intake, clock, connections=3) as receiver:
        sockets = [await slack.next_socket() for _ in range(3)]
        await soon(lambda: receiver.status().status == "Connected to Slack: 3 of 3 connections.")
        for _ in range(4):
            await clock.advance(TUNING.ticket_pace_seconds)
        yield receiver, sockets


async def test_the_first_few_are_opened_at_once_and_further_ones_at_a_pace(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    burst = TUNING.ticket_burst
    async with receiving(slack, intake, clock, connections=burst + 2) as receiver:
        sockets = [await slack.next_socket() for _ in range(burst)]
        await soon(lambda: f"{burst} of {burst + 2}" in receiver.status().status)
        assert receiver.status().ready
        await clock.advance(TUNING.ticket_pace_seconds - 1)
        assert len(slack.tickets) == burst
        await clock.advance(1)
        sockets.append(await slack.next_socket())
        await clock.settle()
        await clock.advance(TUNING.ticket_pace_seconds)
        sockets.append(await slack.next_socket())
        await soon(lambda: f"{burst + 2} of {burst + 2}" in receiver.status().status)
        for number, socket in enumerate(sockets):
            await socket.send(event(number))
            assert await socket.next_ack() == f"env-{number}"
        assert len(set(slack.tickets)) == len(slack.tickets) == burst + 2
        assert intake.gaps == 0


async def test_one_is_replaced_while_the_others_stay(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with three(slack, intake, clock) as (receiver, sockets):
        slack.greets = False
        await sockets[1].disconnect("warning")
        new = await slack.next_socket()
        assert receiver.status().status == "Connected to Slack: 2 of 3 connections."
        await sockets[1].send(event(1))
        assert await sockets[1].next_ack() == "env-1"
        await new.hello()
        await soon(lambda: "3 of 3" in receiver.status().status)
        await clock.advance(TUNING.retire_seconds)
        await soon(sockets[1].closed.is_set)
        assert not sockets[0].closed.is_set()
        assert not sockets[2].closed.is_set()
        assert slack.open_now == 3
        assert intake.gaps == 0


async def test_one_that_breaks_is_a_gap_though_the_others_work(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with three(slack, intake, clock) as (receiver, sockets):
        await sockets[0].close()
        await soon(lambda: intake.gaps == 1)
        assert receiver.status().ready
        await clock.advance(1)
        await slack.next_socket()
        await soon(lambda: receiver.status().status == "Connected to Slack: 3 of 3 connections.")
        assert intake.gaps == 1


async def test_when_all_break_the_next_one_is_not_held_up_by_the_pace(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock, connections=TUNING.ticket_burst + 1) as receiver:
        sockets = [await slack.next_socket() for _ in range(TUNING.ticket_burst)]
        await soon(lambda: f"{TUNING.ticket_burst} of" in receiver.status().status)
        for socket in sockets:
            await socket.close()
        await soon(lambda: not receiver.status().ready)
        await clock.advance(10)
        again = await slack.next_socket()
        await again.send(event(1))
        assert await again.next_ack() == "env-1"


async def test_a_wait_that_slack_asked_for_is_kept_to_while_others_work(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with three(slack, intake, clock) as (receiver, sockets):
        slack.ticket_errors = [SlackRateLimited("apps.connections.open: slow down", retry_after_seconds=90)]
        tickets = len(slack.tickets)
        await sockets[0].disconnect("warning")
        await soon(lambda: len(slack.tickets) == tickets + 1)
        await sockets[1].close()
        await clock.advance(89)
        assert len(slack.tickets) == tickets + 1
        assert receiver.status().ready
        await clock.advance(3)
        await slack.next_socket()


async def test_too_many_connections_leave_those_that_there_are_and_are_tried_again_rarely(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock, connections=2) as receiver:
        first = await slack.next_socket()
        slack.turns_away = True
        for _ in range(20):
            await clock.advance(TUNING.backoff.cap_seconds)
        assert 10 <= len(slack.tickets) <= 40
        assert "FLYTE_SLACK_SOCKETS" in receiver.status().status
        assert receiver.status().ready
        assert "1 of 2" in receiver.status().status
        await first.send(event(1))
        assert await first.next_ack() == "env-1"
        assert intake.gaps == 0
        assert not first.closed.is_set()


async def test_the_end_closes_all_of_them(slack: ScriptedSlack, intake: Intake, clock: FakeClock) -> None:
    async with three(slack, intake, clock):
        assert slack.open_now == 3
    await soon(lambda: slack.open_now == 0)


async def test_tickets_are_free_up_to_the_burst_and_then_one_in_a_while() -> None:
    clock = FakeClock()
    pace = TicketPace(clock, burst=2, seconds=60)
    for _ in range(2):
        assert pace.wait_seconds() == 0
        pace.spend()
    assert pace.wait_seconds() == pytest.approx(60)
    await clock.advance(20)
    assert pace.wait_seconds() == pytest.approx(40)
    pace.spend()
    assert pace.wait_seconds() == pytest.approx(60)
    await clock.advance(600)
    for _ in range(2):
        assert pace.wait_seconds() == 0
        pace.spend()
    assert pace.wait_seconds() > 0
