from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Socket

Do = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def do(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Do:
    """Have a person do something by the control API; the answer has to be a success."""

    async def doing(action: str, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{action}", json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    return doing


@pytest.fixture
def refused(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Do:
    """Have a person try something that the sandbox refuses; returns the refusal."""

    async def trying(action: str, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{action}", json=body) as response:
            assert response.status == 400
            return await response.json()

    return trying


@pytest.fixture
async def bolt(slack: SimulatedSlack, session: aiohttp.ClientSession) -> AsyncIterator[AsyncApp]:
    """A Bolt app in Socket Mode; listeners are added by the test."""
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])
    app = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client)
    await handler.connect_async()
    yield app
    await handler.close_async()


@pytest.fixture
async def general(slack: SimulatedSlack) -> str:
    """The ID of #general, with the bot in it."""
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str, text: str | None = None) -> dict[str, Any]:
    return {"text": plain(text or value.title()), "value": value}


async def interaction(socket: Socket) -> dict[str, Any]:
    """Return the next frame that is no event; events are acknowledged on the way."""
    while (frame := await socket.frame())["type"] == "events_api":
        await socket.acknowledge(frame)
    return frame
