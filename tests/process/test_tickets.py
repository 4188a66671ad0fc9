"""The ticket by which the app token is checked at start: used once, while fresh, and waited for briefly."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from pack.errors import CredentialsRefused
from pack.sandbox.slack import SimulatedSlack
from pack.slack.tickets import TICKET_CHECK_SECONDS, TICKET_FRESH_SECONDS, Tickets
from pack.slack.web import SlackWeb, open_session
from tests.clock import FakeClock

OPEN = "apps.connections.open"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


def make(slack: SimulatedSlack, session: aiohttp.ClientSession, clock: FakeClock, token: str = "") -> Tickets:
    web = SlackWeb(token=SecretStr(token or slack.app_token), api_url=slack.api_url, session=session)
    return Tickets(web, clock)


async def test_the_ticket_of_the_check_is_used_once(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    tickets = make(slack, session, FakeClock())
    await tickets.check()
    first = await tickets.open()
    assert len(slack.faults.calls_of(OPEN)) == 1
    assert await tickets.open() != first
    assert len(slack.faults.calls_of(OPEN)) == 2


async def test_the_ticket_of_the_check_is_not_used_when_the_start_took_long(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    clock = FakeClock()
    tickets = make(slack, session, clock)
    await tickets.check()
    await clock.advance(TICKET_FRESH_SECONDS)
    await tickets.open()
    assert len(slack.faults.calls_of(OPEN)) == 2


async def test_a_ticket_that_does_not_come_holds_up_the_start_for_a_moment_only(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    clock = FakeClock(jump=True)
    slack.faults.delay(OPEN, 20, times=1)
    tickets = make(slack, session, clock)
    await tickets.check()
    assert clock.monotonic() == TICKET_CHECK_SECONDS
    assert (await tickets.open()).startswith("ws://")


async def test_an_app_token_that_is_refused_is_told_by_the_check(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(CredentialsRefused, match="invalid_auth"):
        await make(slack, session, FakeClock(), "xapp-1-A0FLYTEPACK-1-nobodyknowsit").check()


async def test_a_ticket_that_slack_cannot_give_at_the_moment_does_not_end_the_start(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    slack.faults.refuse_tickets()
    tickets = make(slack, session, FakeClock())
    await tickets.check()
    assert (await tickets.open()).startswith("ws://")
