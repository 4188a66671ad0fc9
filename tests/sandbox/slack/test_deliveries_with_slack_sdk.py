"""Slack's own Socket Mode clients meet what the simulated Slack does to connections and deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from pack.sandbox.slack import SimulatedSlack


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(speed=20) as simulated:
        simulated.workspace.add_channel("ops", bot=True)
        simulated.sockets.envelopes.reset()
        yield simulated


@pytest.fixture
async def heard() -> list[str]:
    return []


@pytest.fixture
async def client(slack: SimulatedSlack, heard: list[str]) -> AsyncIterator[SocketModeClient]:
    async def listen(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type == "events_api":
            heard.append(request.payload["event"]["text"])
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        else:
            answer = SocketModeResponse(envelope_id=request.envelope_id, payload={"text": "taken"})
            await client.send_socket_mode_response(answer)

    web = AsyncWebClient(token=slack.app_token, base_url=slack.api_url)
    opened = SocketModeClient(app_token=slack.app_token, web_client=web, ping_interval=1)
    opened.socket_mode_request_listeners.append(listen)
    yield opened
    await opened.close()


async def until(condition) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_events_and_commands_reach_the_client_and_its_answer_comes_back(slack, client, heard) -> None:
    await client.connect()
    slack.workspace.say("ops", "hello", user="ada")
    await until(lambda: heard == ["hello"] and not slack.faults.unacknowledged)
    answer = await slack.outlet.ask("slash_commands", {"command": "/deploy"}, url_kind="commands")
    assert (answer.accepted, answer.body) == (True, {"text": "taken"})


async def test_the_client_follows_a_connection_that_is_refreshed(slack, client, heard) -> None:
    slack.sockets.connection_seconds = 14
    await client.connect()
    first = slack.sockets.connections[0]
    slack.sockets.connection_seconds = 18_060
    await until(lambda: first.ended.is_set() and len(slack.sockets.connections) == 1)
    slack.workspace.say("ops", "after the refresh", user="ada")
    await until(lambda: heard == ["after the refresh"])


async def test_the_client_comes_back_after_its_socket_was_broken_off(slack, client, heard) -> None:
    await client.connect()
    slack.faults.break_sockets()
    slack.workspace.say("ops", "cut", user="ada")
    await until(lambda: len(heard) == 2)
    assert heard == ["cut", "cut"], "what it acknowledged too late comes again, and it does not notice"
