"""Interactions that are lost, late, doubled or not heard: for the person, and for the app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.outlet import AppAnswer
from tests.clock import FakeClock
from tests.sandbox.slack.app_server import AppServer, serve_app
from tests.sandbox.slack.caller import Socket
from tests.sandbox.slack.conftest import open_socket

PRESSED = {"type": "block_actions", "actions": [{"action_id": "go"}]}
IN_VAIN = AppAnswer(False, None, "operation_timeout")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        simulated.sockets.ping_seconds = 100_000
        yield simulated


@pytest.fixture
async def socket(slack: SimulatedSlack, session) -> AsyncIterator[Socket]:
    opened = await open_socket(slack, session)
    yield opened
    await opened.socket.close()


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


async def press(slack: SimulatedSlack) -> asyncio.Future[AppAnswer]:
    """Begin to ask; time is not to pass before that."""
    pressing = asyncio.ensure_future(slack.outlet.ask("interactive", PRESSED, url_kind="interactivity"))
    for _ in range(5):
        await asyncio.sleep(0)
    return pressing


async def test_what_is_lost_never_arrives_and_the_person_waits_for_three_seconds(
    slack, clock, socket
) -> None:
    slack.faults.deliveries.lose_events(kind="interactive", times=1)
    pressing = await press(slack)
    await clock.advance(2.9)
    assert not pressing.done()
    await clock.advance(0.2)
    assert await pressing == IN_VAIN
    await clock.advance(400)
    await socket.nothing()
    assert slack.faults.hits("lose_events") == 1


async def test_what_is_late_arrives_in_time_or_when_nobody_waits(slack, clock, socket) -> None:
    slack.faults.deliveries.delay_events(2, kind="interactive", times=1)
    pressing = await press(slack)
    await clock.advance(1.9)
    await socket.nothing()
    await clock.advance(0.1)
    await socket.acknowledge(await socket.frame(), text="done")
    assert await pressing == AppAnswer(True, {"text": "done"})
    slack.faults.deliveries.delay_events(5, kind="interactive", times=1)
    pressing = await press(slack)
    await clock.advance(3)
    assert await pressing == IN_VAIN
    await socket.nothing()
    await clock.advance(2)
    assert (await socket.frame())["payload"] == PRESSED


async def test_what_is_doubled_arrives_twice_and_is_answered_once(slack, clock, socket) -> None:
    slack.faults.deliveries.duplicate_events(kind="interactive", copies=2, seconds=1)
    pressing = await press(slack)
    await socket.acknowledge(await socket.frame(), text="first")
    assert await pressing == AppAnswer(True, {"text": "first"})
    await clock.advance(1)
    frames = [await socket.frame() for _ in range(2)]
    assert {frame["payload"]["type"] for frame in frames} == {"block_actions"}
    assert frames[0]["envelope_id"] != frames[1]["envelope_id"]


async def test_an_answer_that_is_not_heard_fails_for_the_person_alone(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    slack.faults.deliveries.ignore_acks(kind="interactive")
    pressing = await press(slack)
    await app.until(1)
    await clock.advance(2.9)
    assert not pressing.done()
    await clock.advance(0.2)
    assert await pressing == IN_VAIN
    await clock.advance(400)
    assert len(app.requests) == 1, "nothing is sent again"
    assert (await (await press(slack))).accepted


async def test_faults_of_all_events_and_of_the_other_kind_spare_it(slack, socket) -> None:
    slack.faults.deliveries.lose_events(times=None)
    slack.faults.deliveries.lose_events(kind="slash_commands", times=None)
    pressing = await press(slack)
    await socket.acknowledge(await socket.frame())
    assert (await pressing).accepted
    assert slack.faults.hits("lose_events") == 0


async def test_beginning_anew_drops_what_is_late(slack, clock, socket) -> None:
    slack.faults.deliveries.delay_events(5, kind="interactive")
    pressing = await press(slack)
    await clock.advance(3)
    assert await pressing == IN_VAIN
    slack.reset()
    await clock.advance(10)
    await socket.nothing()
