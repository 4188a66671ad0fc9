"""Socket Mode or request URLs: as at Slack one way serves, never both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.app_server import AppServer, serve_app
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.test_socket_faults import Desk

COMMAND = {"command": "/deploy", "text": "web"}


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


@pytest.fixture
def desk(slack: SimulatedSlack, session) -> Desk:
    slack.workspace.add_channel("ops", bot=True)
    slack.sockets.envelopes.reset()
    slack.events.subscribe(["message"])
    return Desk(slack, session)


async def command(slack: SimulatedSlack) -> str:
    return (await slack.outlet.ask("slash_commands", COMMAND, url_kind="commands")).reason


async def test_with_a_socket_open_nothing_goes_to_the_request_url(
    slack, desk: Desk, app: AppServer, connect: Connect
) -> None:
    socket = await connect()
    await desk.do("request-urls", events=app.url)
    assert (await desk.show("deliveries"))["way"] == "socket_mode"
    slack.workspace.say("ops", "hello", user="ada")
    await socket.acknowledge(await socket.frame())
    asking = asyncio.ensure_future(command(slack))
    await socket.acknowledge(await socket.frame())
    assert await asking == ""
    assert app.requests == []


async def test_what_happens_between_two_sockets_waits_for_the_second(
    slack, desk: Desk, app: AppServer, connect: Connect
) -> None:
    await desk.do("request-urls", events=app.url)
    await (await connect()).socket.close()
    while slack.faults.open_sockets:
        await desk.listed()
    slack.workspace.say("ops", "hello", user="ada")
    assert await command(slack) == "dispatch_failed"
    assert (await (await connect()).frame())["payload"]["event"]["text"] == "hello"
    assert app.requests == []


@pytest.mark.parametrize("address", ["request-urls", "events-url"])
async def test_the_request_url_serves_before_a_socket_was_open_and_when_it_is_set_after_the_last(
    slack, desk: Desk, app: AppServer, connect: Connect, address: str
) -> None:
    field = {"request-urls": "events", "events-url": "url"}[address]
    await desk.do(address, **{field: app.url})
    slack.workspace.say("ops", "before", user="ada")
    await app.until(1)
    await (await connect()).socket.close()
    while slack.faults.open_sockets:
        await desk.listed()
    await desk.do(address, **{field: app.url})
    assert (await desk.show("deliveries"))["way"] == "request_urls"
    slack.workspace.say("ops", "after", user="ada")
    await app.until(2)
    assert slack.faults.unacknowledged == []


async def test_the_switch_decides(slack, desk: Desk, app: AppServer, connect: Connect) -> None:
    await desk.do("request-urls", events=app.url)
    await desk.do("socket-mode", enabled=True)
    slack.workspace.say("ops", "by socket", user="ada")
    socket = await connect()
    assert (await socket.frame())["payload"]["event"]["text"] == "by socket"
    await desk.do("socket-mode", enabled=False)
    slack.workspace.say("ops", "by request", user="ada")
    await app.until(1)
    assert app.events()[0]["event"]["text"] == "by request"


async def test_beginning_anew_forgets_sockets_that_are_gone_and_when_the_url_is_switched_off(
    slack, desk: Desk, app: AppServer, connect: Connect
) -> None:
    await desk.do("request-urls", events=app.url, disable_from=20)
    await (await connect()).socket.close()
    while slack.faults.open_sockets:
        await desk.listed()
    await desk.do("reset")
    shown = await desk.show("deliveries")
    assert (shown["way"], shown["request_urls"]["disable_from"]) == ("request_urls", 1_000)
