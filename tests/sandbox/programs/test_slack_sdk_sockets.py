"""slack_sdk's blocking Socket Mode client; the asyncio one is in tests/sandbox/slack."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.programs.conftest import until


class Echo:
    """An ordinary program: it repeats what is said after the word ``echo``."""

    def __init__(self, slack: SimulatedSlack) -> None:
        self.web = WebClient(slack.bot_token, base_url=slack.api_url)
        self.client = SocketModeClient(
            slack.app_token, web_client=WebClient(slack.app_token, base_url=slack.api_url)
        )
        self.client.socket_mode_request_listeners.append(self._answer)
        self.seen = threading.Semaphore(0)

    def _answer(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        event = request.payload["event"]
        text = event.get("text", "")
        if event["type"] == "message" and text.startswith("echo ") and "bot_id" not in event:
            self.web.chat_postMessage(channel=event["channel"], text=text.removeprefix("echo "))
        self.seen.release()


@pytest.fixture
async def echo(slack: SimulatedSlack) -> AsyncIterator[Echo]:
    program = Echo(slack)
    await asyncio.to_thread(program.client.connect)
    yield program
    await asyncio.to_thread(program.client.close)


def _texts(slack: SimulatedSlack) -> list[str]:
    return [message.text for message in slack.workspace.messages("ops")]


async def test_it_answers_what_it_hears(slack: SimulatedSlack, echo: Echo) -> None:
    slack.workspace.add_channel("ops", bot=True)
    slack.workspace.say("ops", "echo hello", user="ada")
    await until(lambda: "hello" in _texts(slack))
    await until(lambda: not slack.faults.unacknowledged)


async def test_it_comes_back_after_its_socket_was_closed(slack: SimulatedSlack, echo: Echo) -> None:
    slack.workspace.add_channel("ops", bot=True)
    await until(lambda: slack.faults.open_sockets == 1)
    slack.faults.disconnect("refresh_requested")
    await until(lambda: len(slack.faults.calls_of("apps.connections.open")) == 2)
    slack.workspace.say("ops", "echo after the refresh", user="bob")
    await until(lambda: "after the refresh" in _texts(slack))
