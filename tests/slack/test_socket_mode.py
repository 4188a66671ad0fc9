"""What the Socket Mode receiver does with payloads: accepted, acknowledged, in order, whatever comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.clock import SystemClock
from pack.contracts.ports import Inbound, PayloadKind
from pack.slack.socket_acceptance import AT_ONCE
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from tests.clock import FakeClock
from tests.slack.receiving import Intake, receiving
from tests.slack.socket_peer import ScriptedSlack, event, soon


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


async def test_a_payload_is_acknowledged_after_the_intake_accepted_it(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock):
        socket = await slack.next_socket()
        intake.open.clear()
        await socket.send(event(1, retry_attempt=2, retry_reason="timeout"))
        await soon(lambda: len(intake.seen) == 1)
        await clock.settle()
        assert socket.acks_waiting == 0
        intake.open.set()
        assert await socket.next_ack() == "env-1"
        assert intake.seen == [Inbound(PayloadKind.EVENTS_API, {"event_id": "Ev1"}, 2, "timeout")]


async def test_slash_commands_and_interactions_are_payloads_too(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock):
        socket = await slack.next_socket()
        await socket.send(event(1, type="slash_commands", payload={"command": "/deploy"}))
        await socket.send(event(2, type="interactive", payload={"type": "block_actions"}))
        assert [await socket.next_ack(), await socket.next_ack()] == ["env-1", "env-2"]
        assert [inbound.kind for inbound in intake.seen] == [
            PayloadKind.SLASH_COMMANDS,
            PayloadKind.INTERACTIVE,
        ]


async def test_when_the_intake_is_full_nothing_is_acknowledged_and_reading_goes_on(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        intake.full = True
        await socket.send(event(1))
        await soon(lambda: len(intake.seen) == 1)
        assert await socket.ping(b"are you there") == b"are you there"
        assert socket.acks_waiting == 0
        assert "no room" in receiver.status().status
        await clock.advance(60)
        await socket.disconnect("warning")
        second = await slack.next_socket()
        intake.full = False
        await second.send(event(1, retry_attempt=1, retry_reason="timeout"))
        assert await second.next_ack() == "env-1"
        assert receiver.status().status == "Connected to Slack."


async def test_pings_and_disconnects_are_seen_while_the_intake_takes_its_time(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        intake.open.clear()
        await socket.send(event(1))
        await soon(lambda: len(intake.seen) == 1)
        assert await socket.ping(b"1") == b"1"
        await clock.advance(5)
        assert not receiver.status().ready
        assert "waiting for the intake for 5 s" in receiver.status().status
        await clock.advance(65)
        await socket.disconnect("refresh_requested")
        await slack.next_socket()
        intake.open.set()
        assert await socket.next_ack() == "env-1"
        assert receiver.status().ready


async def test_payloads_wait_in_a_bounded_queue_and_those_beyond_are_not_acknowledged(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock, SocketTuning(pending_limit=2)):
        socket = await slack.next_socket()
        intake.open.clear()
        await socket.send(event(0))
        await soon(lambda: len(intake.seen) == 1)
        for number in range(1, 6):
            await socket.send(event(number))
        assert await socket.ping(b"all read") == b"all read"
        intake.open.set()
        assert [await socket.next_ack() for _ in range(3)] == ["env-0", "env-1", "env-2"]
        await socket.send(event(6))
        assert await socket.next_ack() == "env-6"
        assert intake.event_ids == ["Ev0", "Ev1", "Ev2", "Ev6"]


async def test_payloads_are_offered_and_acknowledged_in_the_order_in_which_they_came(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock):
        socket = await slack.next_socket()
        for number in range(200):
            await socket.send(event(number))
        acks = [await socket.next_ack() for _ in range(200)]
        assert acks == [f"env-{number}" for number in range(200)]
        assert intake.event_ids == [f"Ev{number}" for number in range(200)]


async def test_an_intake_that_raises_is_logged_and_the_next_payload_is_accepted(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        intake.error = OSError("the disk is full")
        await socket.send(event(1))
        await soon(lambda: "the disk is full" in receiver.status().status)
        assert "the disk is full" in caplog.text
        intake.error = None
        await socket.send(event(2))
        assert await socket.next_ack() == "env-2"


BAD_FRAMES = [
    "not json",
    "",
    "[1, 2]",
    "null",
    "[" * 100_000,
    "9" * 10_000,
    '{"type": 7}',
    '{"no": "type"}',
    '{"type": "a_new_kind", "envelope_id": "x", "payload": {}}',
    '{"type": "events_api", "payload": {}}',
    '{"type": "events_api", "envelope_id": "", "payload": {}}',
    '{"type": "events_api", "envelope_id": ["x"], "payload": {}}',
    '{"type": "events_api", "envelope_id": "x"}',
    '{"type": "events_api", "envelope_id": "x", "payload": "text"}',
    b"\x00binary",
]


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=lambda frame: repr(frame[:40]))
async def test_a_malformed_frame_is_logged_and_survived(
    slack: ScriptedSlack,
    intake: Intake,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    frame: str | bytes,
) -> None:
    async with receiving(slack, intake, clock):
        socket = await slack.next_socket()
        await socket.send(frame)
        await socket.send(event(1, retry_attempt="many", retry_reason=None))
        assert await socket.next_ack() == "env-1"
        assert intake.seen == [Inbound(PayloadKind.EVENTS_API, {"event_id": "Ev1"})]
        assert len(slack.tickets) == 1
        assert [record.levelname for record in caplog.records if "ignored" in record.message] == ["WARNING"]


async def test_cancelling_lets_the_payloads_in_hand_be_acknowledged_and_closes_the_sockets(
    slack: ScriptedSlack, intake: Intake
) -> None:
    async with receiving(slack, intake, SystemClock()):
        socket = await slack.next_socket()
        intake.open.clear()
        for number in range(AT_ONCE + 1):
            await socket.send(event(number))
        await soon(lambda: len(intake.seen) == AT_ONCE)
        asyncio.get_running_loop().call_later(0.05, intake.open.set)
    assert [await socket.next_ack() for _ in range(AT_ONCE)] == [f"env-{number}" for number in range(AT_ONCE)]
    await soon(lambda: socket.closed.is_set() and slack.open_now == 0)
    assert socket.acks_waiting == 0
    assert intake.event_ids == [f"Ev{number}" for number in range(AT_ONCE)]


async def test_a_payload_does_not_wait_until_the_one_before_it_is_kept(
    slack: ScriptedSlack, intake: Intake
) -> None:
    async with receiving(slack, intake, SystemClock()):
        socket = await slack.next_socket()
        intake.open.clear()
        await socket.send(event(1))
        await soon(lambda: len(intake.seen) == 1)
        await socket.send(event(2))
        await soon(lambda: len(intake.seen) == 2)
        intake.open.set()
        assert intake.event_ids == ["Ev1", "Ev2"]


async def test_cancelling_does_not_wait_long_for_an_intake_that_hangs(
    slack: ScriptedSlack, intake: Intake
) -> None:
    async with asyncio.timeout(2):
        async with receiving(slack, intake, SystemClock(), SocketTuning(flush_seconds=0.05)):
            socket = await slack.next_socket()
            intake.open.clear()
            await socket.send(event(1))
            await soon(lambda: len(intake.seen) == 1)
        await soon(lambda: slack.open_now == 0)


async def test_a_session_with_short_timeouts_does_not_end_a_quiet_connection(
    slack: ScriptedSlack, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    timeout = aiohttp.ClientTimeout(total=0.2, sock_read=0.2)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        receiver = SocketModeReceiver(
            open_ticket=slack.open_ticket, session=session, accept=intake.accept, clock=SystemClock()
        )
        running = asyncio.create_task(receiver.run())
        socket = await slack.next_socket()
        await asyncio.sleep(0.5)
        await socket.send(event(1))
        assert await socket.next_ack() == "env-1"
        assert len(slack.tickets) == 1
        running.cancel()
        await asyncio.wait((running,))


async def test_the_proxy_for_https_is_used_for_sockets_too(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that does not exist is reached, since the scripted Slack stands in as the proxy."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{slack.port}")
    slack.url_of_ticket = lambda ticket: f"ws://slack.invalid/link?ticket={ticket}"
    async with aiohttp.ClientSession(trust_env=True) as session:
        receiver = SocketModeReceiver(
            open_ticket=slack.open_ticket, session=session, accept=intake.accept, clock=clock
        )
        running = asyncio.create_task(receiver.run())
        socket = await slack.next_socket()
        await socket.send(event(1))
        assert await socket.next_ack() == "env-1"
        running.cancel()
        await asyncio.wait((running,))
