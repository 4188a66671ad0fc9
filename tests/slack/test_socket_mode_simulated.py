"""Both receivers against the simulated Slack: what is said there arrives, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from pydantic import SecretStr

from pack.clock import SystemClock
from pack.contracts.ports import Receiver
from pack.retry import Backoff
from pack.sandbox.slack import SimulatedSlack
from pack.slack.http_receiver import HttpReceiver
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from pack.slack.web import SlackWeb
from tests.slack.receiving import Intake
from tests.slack.socket_peer import soon

QUICK = SocketTuning(
    ping_seconds=0.1,
    silence_seconds=0.3,
    retire_seconds=0.3,
    steady_seconds=0.0,
    backoff=Backoff(first_seconds=0.02, cap_seconds=0.1),
)


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as slack:
        slack.workspace.invite_bot("general")
        yield slack


@pytest.fixture
def intake() -> Intake:
    return Intake()


@asynccontextmanager
async def running(receiver: Receiver) -> AsyncIterator[None]:
    task = asyncio.create_task(receiver.run())
    try:
        await soon(lambda: receiver.status().ready)
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


@asynccontextmanager
async def over_sockets(slack: SimulatedSlack, intake: Intake) -> AsyncIterator[SocketModeReceiver]:
    async with aiohttp.ClientSession() as session:
        web = SlackWeb(token=SecretStr(slack.app_token), api_url=slack.api_url, session=session)
        receiver = SocketModeReceiver(
            open_ticket=web.open_ticket,
            session=session,
            accept=intake.accept,
            clock=SystemClock(),
            tuning=QUICK,
        )
        async with running(receiver):
            yield receiver


def said(intake: Intake) -> list[str]:
    """Return the texts that arrived, each once, in the order in which they came first."""
    texts = (inbound.payload["event"].get("text") for inbound in intake.seen)
    return list(dict.fromkeys(text for text in texts if text and text.startswith("message ")))


async def test_what_is_said_arrives_in_order_and_is_acknowledged(
    slack: SimulatedSlack, intake: Intake
) -> None:
    async with over_sockets(slack, intake):
        expected = [f"message {number}" for number in range(50)]
        for text in expected:
            slack.workspace.say("general", text, user="ada")
        await soon(lambda: said(intake) == expected)
        await soon(lambda: not slack.faults.unacknowledged)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_what_is_said_while_a_connection_is_replaced_arrives(
    slack: SimulatedSlack, intake: Intake, reason: str
) -> None:
    async with over_sockets(slack, intake) as receiver:
        expected = []
        for number in range(30):
            if number % 10 == 5:
                slack.faults.disconnect(reason)
            expected.append(f"message {number}")
            slack.workspace.say("general", expected[-1], user="ada")
            await asyncio.sleep(0.005)
        await soon(lambda: said(intake) == expected)
        await soon(lambda: slack.faults.open_sockets == 1)
        assert receiver.status().ready
        assert not slack.faults.unacknowledged


@pytest.mark.parametrize("abrupt", [False, True])
async def test_what_is_said_while_there_is_no_connection_arrives_afterwards(
    slack: SimulatedSlack, intake: Intake, abrupt: bool
) -> None:
    async with over_sockets(slack, intake) as receiver:
        slack.faults.refuse_tickets(times=2)
        slack.faults.refuse_upgrade(times=2)
        slack.faults.close_sockets(abrupt=abrupt)
        await soon(lambda: slack.faults.open_sockets == 0)
        slack.workspace.say("general", "message in a bottle", user="bob")
        await soon(lambda: said(intake) == ["message in a bottle"])
        await soon(lambda: receiver.status().ready)
        assert len(slack.faults.calls_of("apps.connections.open")) == 6


async def test_a_dead_connection_is_replaced(slack: SimulatedSlack, intake: Intake) -> None:
    async with over_sockets(slack, intake) as receiver:
        slack.faults.go_silent()
        await soon(lambda: not receiver.status().ready)
        await soon(lambda: receiver.status().ready and slack.faults.open_sockets == 1)
        slack.workspace.say("general", "message after the silence", user="ada")
        await soon(lambda: said(intake) == ["message after the silence"])


async def test_an_idle_connection_lives_on_by_its_pings(slack: SimulatedSlack, intake: Intake) -> None:
    async with over_sockets(slack, intake) as receiver:
        await asyncio.sleep(3 * QUICK.silence_seconds)
        assert receiver.status().ready
        assert len(slack.faults.calls_of("apps.connections.open")) == 1


async def test_two_receivers_share_the_payloads(slack: SimulatedSlack, intake: Intake) -> None:
    other = Intake()
    async with over_sockets(slack, intake), over_sockets(slack, other):
        expected = {f"message {number}" for number in range(40)}
        for text in sorted(expected):
            slack.workspace.say("general", text, user="ada")
        await soon(lambda: {*said(intake), *said(other)} == expected)
        assert said(intake)
        assert said(other)


async def test_a_refused_app_token_is_explained(slack: SimulatedSlack, intake: Intake) -> None:
    async with aiohttp.ClientSession() as session:
        web = SlackWeb(token=SecretStr("xapp-1-wrong"), api_url=slack.api_url, session=session)
        receiver = SocketModeReceiver(
            open_ticket=web.open_ticket, session=session, accept=intake.accept, clock=SystemClock()
        )
        task = asyncio.create_task(receiver.run())
        await soon(lambda: "invalid_auth" in receiver.status().status)
        assert not receiver.status().ready
        task.cancel()
        await asyncio.wait((task,))


async def test_what_is_said_arrives_by_signed_requests_too(slack: SimulatedSlack, intake: Intake) -> None:
    receiver = HttpReceiver(
        signing_secret=SecretStr(slack.signing_secret),
        host="127.0.0.1",
        port=0,
        accept=intake.accept,
        clock=SystemClock(),
    )
    async with running(receiver):
        await slack.http_delivery.subscribe(f"http://127.0.0.1:{receiver.port}/slack/events")
        intake.refusals = 1
        slack.workspace.say("general", "message 1", user="ada")
        slack.workspace.say("general", "message 2", user="ada")
        await soon(lambda: [attempt.outcome for attempt in slack.http_delivery.attempts].count("") == 2)
        assert {"message 1", "message 2"} == set(said(intake))
        assert any(inbound.retry_attempt == 1 for inbound in intake.seen)
        await slack.http_delivery.stop()
