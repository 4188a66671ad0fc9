"""How the Socket Mode receiver gets, keeps, replaces and gives up its connections."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.errors import CredentialsRefused, SlackRateLimited, SlackRefused, SlackUnavailable
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from tests.clock import FakeClock
from tests.slack.receiving import Intake, receiving
from tests.slack.socket_peer import PeerSocket, ScriptedSlack, event, soon

STEADY_SECONDS = SocketTuning().steady_seconds
CAP_SECONDS = SocketTuning().backoff.cap_seconds


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


def said(caplog: pytest.LogCaptureFixture, least: int = logging.INFO) -> list[str]:
    """Return what the receiver logged for an operator."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("pack.slack.socket") and record.levelno >= least
    ]


async def steady(slack: ScriptedSlack, receiver: SocketModeReceiver, clock: FakeClock) -> PeerSocket:
    """Return a connection that has held long enough not to count as a failure when it ends."""
    socket = await slack.next_socket()
    await soon(lambda: receiver.status().ready)
    await clock.advance(STEADY_SECONDS)
    return socket


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "something_new"])
async def test_after_a_disconnect_the_new_connection_is_greeted_before_the_old_one_is_given_up(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, reason: str
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        old = await steady(slack, receiver, clock)
        slack.greets = False
        await old.disconnect(reason)
        new = await slack.next_socket()
        await old.send(event(1))
        assert await old.next_ack() == "env-1"
        assert receiver.status().ready
        await new.hello(connections=2)
        await new.send(event(2))
        assert await new.next_ack() == "env-2"
        await old.send(event(3))
        assert await old.next_ack() == "env-3"
        await clock.advance(SocketTuning().retire_seconds)
        await soon(old.closed.is_set)
        assert receiver.status().ready
        assert slack.tickets == ["ticket-1", "ticket-2"]


async def test_nothing_is_lost_when_slack_closes_the_old_connection_while_the_new_one_says_hello(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        for number in range(20):
            await clock.advance(STEADY_SECONDS)
            await socket.disconnect("refresh_requested")
            await socket.send(event(3 * number))
            new = await slack.next_socket()
            await socket.send(event(3 * number + 1))
            await socket.close()
            await new.send(event(3 * number + 2))
            socket = new
            await clock.settle()
        await soon(lambda: len(intake.seen) == 60)
        assert intake.event_ids == [f"Ev{number}" for number in range(60)]
        await soon(lambda: slack.open_now == 1)
        assert slack.most_open == 2
        assert receiver.status().ready


async def test_a_connection_that_breaks_is_replaced_after_a_short_wait(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with receiving(slack, intake, clock) as receiver:
        socket = await steady(slack, receiver, clock)
        await socket.close()
        await soon(lambda: not receiver.status().ready)
        assert receiver.status().healthy
        assert "Slack closed it with code 1001" in receiver.status().status
        await clock.advance(1)
        again = await slack.next_socket()
        await again.send(event(1))
        assert await again.next_ack() == "env-1"
        assert receiver.status().ready
    assert [line.partition(":")[0] for line in said(caplog)] == [
        "Socket Mode is connected",
        "Socket Mode is not connected",
        "Socket Mode is connected",
    ]


async def test_every_attempt_has_a_fresh_ticket_also_after_a_refused_upgrade(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    slack.upgrades_to_refuse = 3
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: "HTTP 503" in receiver.status().status)
        await clock.advance(1 + 2 + 4)
        socket = await slack.next_socket()
        assert socket.ticket == "ticket-4"
        assert slack.tickets == ["ticket-1", "ticket-2", "ticket-3", "ticket-4"]
    assert len(said(caplog, logging.WARNING)) == 1
    assert "ticket-" not in caplog.text


async def test_a_connection_without_a_hello_is_given_up(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.greets = False
    async with receiving(slack, intake, clock) as receiver:
        mute = await slack.next_socket()
        await clock.settle()
        await clock.advance(SocketTuning().hello_seconds)
        await soon(mute.closed.is_set)
        assert "no hello within 10 s" in receiver.status().status
        slack.greets = True
        await clock.advance(1)
        await slack.next_socket()
        await soon(lambda: receiver.status().ready)


async def test_a_hello_that_comes_late_but_in_time_is_good(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.greets = False
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await clock.settle()
        await clock.advance(SocketTuning().hello_seconds - 1)
        assert receiver.status().status == "Connecting to Slack."
        await socket.hello()
        await soon(lambda: receiver.status().ready)
        assert slack.tickets == ["ticket-1"]


async def test_an_upgrade_that_is_never_answered_is_given_up(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async def never_answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await finished.wait()
        writer.close()

    connected, finished = asyncio.Event(), asyncio.Event()
    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slack.url_of_ticket = lambda ticket: f"ws://127.0.0.1:{port}/link?ticket={ticket}"
    async with receiving(slack, intake, clock) as receiver:
        await connected.wait()
        await clock.advance(SocketTuning().open_seconds)
        assert "could not be opened within 15 s" in receiver.status().status
    finished.set()
    server.close()
    await server.wait_closed()


async def test_a_silent_connection_is_pinged_and_then_replaced_by_a_new_one_before_it_is_closed(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        dead = await steady(slack, receiver, clock)
        dead.answers_pings = False
        pings = dead.pings
        slack.greets = False
        await clock.advance(SocketTuning().silence_seconds - 1)
        assert receiver.status().ready
        await clock.advance(1)
        assert not receiver.status().ready
        assert "silent" in receiver.status().status
        assert dead.pings >= pings + 2
        new = await slack.next_socket()
        assert not dead.closed.is_set()
        await new.hello()
        await soon(dead.closed.is_set)
        await soon(lambda: receiver.status().ready)


async def test_any_frame_counts_as_life(slack: ScriptedSlack, intake: Intake, clock: FakeClock) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        socket.answers_pings = False
        for number in range(5):
            await clock.advance(20)
            await socket.ping(b"Ping from Slack")
            await clock.advance(20)
            await socket.send(event(number))
            assert await socket.next_ack() == f"env-{number}"
        assert receiver.status().ready
        assert slack.tickets == ["ticket-1"]


async def test_an_idle_connection_that_answers_pings_is_kept(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        for _ in range(30):
            await clock.advance(10)
        assert socket.pings >= 25
        assert receiver.status().ready
        assert slack.tickets == ["ticket-1"]


async def test_switched_off_socket_mode_is_named_and_tried_again_at_the_cap(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await steady(slack, receiver, clock)
        await socket.disconnect("link_disabled")
        await soon(lambda: not receiver.status().ready)
        assert "https://api.slack.com/apps" in receiver.status().status
        await socket.close()
        slack.ticket_errors = [
            SlackRefused("Socket Mode is off", code="link_disabled", method="apps.connections.open")
        ]
        slack.stubborn = True
        await clock.advance(CAP_SECONDS / 2)
        assert len(slack.tickets) == 1
        await clock.advance(CAP_SECONDS * 3)
        assert 3 <= len(slack.tickets) <= 7
        slack.ticket_errors.clear()
        await clock.advance(CAP_SECONDS)
        await slack.next_socket()
        await soon(lambda: receiver.status().ready)
    assert len(said(caplog, logging.ERROR)) == 1


async def test_link_disabled_instead_of_a_hello_is_a_failed_attempt(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.greets = False
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await socket.disconnect("link_disabled")
        await soon(lambda: "switched off" in receiver.status().status)
        await soon(socket.closed.is_set)
        await clock.advance(CAP_SECONDS / 2 - 1)
        assert len(slack.tickets) == 1


async def test_too_many_connections_are_named_and_the_old_one_is_used_meanwhile(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await steady(slack, receiver, clock)
        await socket.disconnect("too_many_websockets")
        await soon(lambda: "Stop other processes" in receiver.status().status)
        assert receiver.status().ready
        await socket.send(event(1))
        assert await socket.next_ack() == "env-1"
        await clock.advance(1)
        await slack.next_socket()


async def test_refused_credentials_are_logged_once_and_tried_again_at_the_cap(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    slack.ticket_errors = [CredentialsRefused("The app-level token was revoked: make another one.")]
    slack.stubborn = True
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: "make another one" in receiver.status().status)
        assert not receiver.status().ready
        assert receiver.status().healthy
        for _ in range(10):
            await clock.advance(CAP_SECONDS)
        assert 10 <= len(slack.tickets) <= 20
        assert len(said(caplog, logging.WARNING)) == 1
        slack.ticket_errors.clear()
        await clock.advance(CAP_SECONDS)
        await slack.next_socket()
        await soon(lambda: receiver.status().ready)


async def test_outages_are_waited_for_with_growing_waits_and_logged_once(
    slack: ScriptedSlack, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = FakeClock(chance=1.0)
    slack.ticket_errors = [SlackUnavailable(f"no route, attempt {number}") for number in range(9)]
    async with receiving(slack, intake, clock):
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60]:
            await soon(lambda: clock.sleepers == 1)
            await clock.settle()
            attempts = len(slack.tickets)
            await clock.advance(seconds - 0.5)
            assert len(slack.tickets) == attempts
            await clock.advance(0.5)
            assert len(slack.tickets) == attempts + 1
        await slack.next_socket()
        await soon(lambda: len(said(caplog)) == 2)
    assert said(caplog) == ["Socket Mode is not connected: no route, attempt 0", "Socket Mode is connected"]


async def test_a_wait_that_slack_asked_for_is_kept_to(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.ticket_errors = [SlackRateLimited("apps.connections.open: slow down", retry_after_seconds=90)]
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: not receiver.status().ready and len(slack.tickets) == 1)
        await clock.advance(90)
        assert len(slack.tickets) == 1
        await clock.advance(2)
        await slack.next_socket()


async def test_a_ticket_that_never_comes_is_given_up(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.tickets_to_withhold = 1
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: len(slack.tickets) == 1)
        await clock.advance(SocketTuning().ticket_seconds)
        assert "no answer within 30 s" in receiver.status().status
        await clock.advance(1)
        await slack.next_socket()


@pytest.mark.parametrize(
    "url",
    ["", "ftp://127.0.0.1/link", "ws://", "wss://[::1", "ws://127.0.0.1:1/link?ticket=secret", "nonsense"],
)
async def test_a_url_that_leads_nowhere_is_a_failed_attempt_that_does_not_show_the_url(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    slack.url_of_ticket = lambda _: url
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: "could not be opened" in receiver.status().status)
        assert "secret" not in receiver.status().status
        attempts = len(slack.tickets)
        await clock.advance(1)
        await soon(lambda: len(slack.tickets) == attempts + 1)
    assert "secret" not in caplog.text


async def test_short_lived_connections_are_opened_less_and_less_often(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        for _ in range(4):
            socket = await slack.next_socket()
            await socket.close()
            await soon(lambda: clock.sleepers == 1)
            await clock.advance(0.1)
            assert slack.open_now == 0
            await clock.advance(8)
        await (await steady(slack, receiver, clock)).close()
        await soon(lambda: slack.open_now == 0)
        await clock.settle()
        await clock.advance(1)
        await slack.next_socket()


async def test_while_no_replacement_can_be_opened_the_old_connection_works_on(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        old = await steady(slack, receiver, clock)
        slack.upgrades_to_refuse = 2
        await old.disconnect("warning")
        await soon(lambda: "HTTP 503" in receiver.status().status)
        assert receiver.status().ready
        await old.send(event(1))
        assert await old.next_ack() == "env-1"
        await clock.advance(3)
        await slack.next_socket()
        await soon(lambda: receiver.status().status == "Connected to Slack.")


async def test_more_connections_of_the_same_app_than_this_one_are_fine(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.greets = False
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await socket.hello(connections=7)
        await soon(lambda: receiver.status().ready)
        await socket.send({"type": "hello"})
        await socket.send(event(1))
        assert await socket.next_ack() == "env-1"


async def test_cancelling_between_two_connections_closes_both(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        old = await steady(slack, receiver, clock)
        slack.greets = False
        await old.disconnect("warning")
        await slack.next_socket()
        await clock.settle()
        assert slack.open_now == 2
    await soon(lambda: slack.open_now == 0)


async def test_a_defect_of_the_program_ends_the_receiver_and_closes_its_sockets(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with aiohttp.ClientSession() as session:
        receiver = SocketModeReceiver(
            open_ticket=slack.open_ticket, session=session, accept=intake.accept, clock=clock
        )
        running = asyncio.create_task(receiver.run())
        socket = await steady(slack, receiver, clock)
        slack.ticket_errors = [AttributeError("a defect")]
        await socket.disconnect("warning")
        with pytest.raises(AttributeError, match="a defect"):
            await running
        await soon(lambda: slack.open_now == 0)


async def test_a_host_that_does_not_speak_tls_is_named(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    slack.url_of_ticket = lambda ticket: f"wss://127.0.0.1:{slack.port}/link?ticket={ticket}"
    async with receiving(slack, intake, clock) as receiver:
        await soon(lambda: f"no connection to 127.0.0.1:{slack.port}" in receiver.status().status)
