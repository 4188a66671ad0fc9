"""When the Socket Mode receiver says that a payload may not have come in, and when it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pack.slack.socket_mode import SocketTuning
from tests.clock import FakeClock
from tests.slack.receiving import Intake, receiving
from tests.slack.socket_peer import ScriptedSlack, event, soon

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


async def test_a_first_connection_and_its_clean_replacement_are_no_gap(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        old = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await clock.advance(TUNING.steady_seconds)
        await old.disconnect("warning")
        new = await slack.next_socket()
        await new.send(event(1))
        assert await new.next_ack() == "env-1"
        await old.close()
        await soon(lambda: slack.open_now == 1)
        await clock.settle()
        assert receiver.status().ready
    assert intake.gaps == 0


async def test_a_connection_that_breaks_is_a_gap_until_there_is_another_one(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await clock.advance(TUNING.steady_seconds)
        await socket.close()
        await soon(lambda: intake.gaps == 1)
        assert not receiver.status().ready
        await clock.advance(1)
        await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        assert intake.gaps == 2


async def test_a_connection_that_was_asked_to_go_and_ends_before_another_took_over_is_a_gap(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        old = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await clock.advance(TUNING.steady_seconds)
        slack.greets = False
        await old.disconnect("refresh_requested")
        new = await slack.next_socket()
        await clock.settle()
        assert intake.gaps == 0
        await old.close()
        await soon(lambda: intake.gaps == 1)
        await new.hello()
        await soon(lambda: receiver.status().ready)
        assert intake.gaps == 2


async def test_a_silent_connection_is_a_gap_as_soon_as_that_is_noticed(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        dead = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await clock.advance(TUNING.steady_seconds)
        dead.answers_pings = False
        slack.greets = False
        await clock.advance(TUNING.silence_seconds)
        await soon(lambda: intake.gaps == 1)
        new = await slack.next_socket()
        await new.hello()
        await soon(lambda: receiver.status().ready)
        assert intake.gaps == 2


async def test_what_slack_sent_into_a_silent_connection_before_it_noticed_is_a_gap_too(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        dead = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await clock.advance(TUNING.steady_seconds)
        dead.answers_pings = False
        await clock.advance(TUNING.silence_seconds)
        await slack.next_socket()
        await soon(lambda: receiver.status().ready and intake.gaps == 2)
        await soon(lambda: slack.open_now == 1)
        await clock.advance(TUNING.forgotten_seconds - 1)
        assert intake.gaps == 2
        await clock.advance(1)
        await soon(lambda: intake.gaps == 3)


async def test_socket_mode_switched_off_is_a_gap(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock) as receiver:
        socket = await slack.next_socket()
        await soon(lambda: receiver.status().ready)
        await socket.disconnect("link_disabled")
        await soon(lambda: intake.gaps == 1)


async def test_payloads_that_are_not_acknowledged_are_gaps(
    slack: ScriptedSlack, intake: Intake, clock: FakeClock
) -> None:
    async with receiving(slack, intake, clock, SocketTuning(pending_limit=1)):
        socket = await slack.next_socket()
        intake.refusals = 1
        await socket.send(event(1))
        await soon(lambda: intake.gaps == 1)
        intake.error = OSError("the disk is full")
        await socket.send(event(2))
        await soon(lambda: intake.gaps == 2)
        intake.error = None
        intake.open.clear()
        await socket.send(event(3))
        await soon(lambda: len(intake.seen) == 3)
        for number in (4, 5):
            await socket.send(event(number))
        await soon(lambda: intake.gaps == 3)
        intake.open.set()
        assert [await socket.next_ack(), await socket.next_ack()] == ["env-3", "env-4"]
        assert intake.gaps == 3
