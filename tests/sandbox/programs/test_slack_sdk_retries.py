"""slack_sdk's own retry handlers meet limits, outages and broken connections."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from pack.sandbox.slack import SimulatedSlack


def _client(slack: SimulatedSlack, session: aiohttp.ClientSession, *handlers: object) -> AsyncWebClient:
    return AsyncWebClient(
        slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=list(handlers)
    )


async def test_a_flood_is_limited_and_waiting_as_told_gets_everything_through(
    session: aiohttp.ClientSession,
) -> None:
    async with SimulatedSlack(limits=True, speed=20) as slack:
        channel = slack.workspace.add_channel("ops", bot=True).id
        client = WebClient(
            slack.bot_token,
            base_url=slack.api_url,
            retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=20)],
        )

        def post_all() -> list[str]:
            return [client.chat_postMessage(channel=channel, text=f"{n}")["ts"] for n in range(30)]

        posted = await asyncio.to_thread(post_all)
        assert [message.ts for message in slack.workspace.messages(channel)][-30:] == posted
        assert len(slack.faults.calls_of("chat.postMessage")) > 30


async def test_a_flood_without_patience_is_refused_with_whole_seconds(session: aiohttp.ClientSession) -> None:
    async with SimulatedSlack(limits=True) as slack:
        channel = slack.workspace.add_channel("ops", bot=True).id
        client = _client(slack, session)
        with pytest.raises(SlackApiError, match="ratelimited") as refused:
            for number in range(50):
                await client.chat_postMessage(channel=channel, text=f"{number}")
        assert refused.value.response.status_code == 429
        assert int(refused.value.response.headers["Retry-After"]) >= 1


async def test_a_server_error_is_tried_again(slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
    slack.faults.answer("auth.test", status=503)
    client = _client(slack, session, AsyncServerErrorRetryHandler(max_retry_count=1))
    assert (await client.auth_test())["ok"]


async def test_the_default_retry_of_a_broken_connection_posts_twice(
    slack: SimulatedSlack, session: aiohttp.ClientSession
) -> None:
    channel = slack.workspace.add_channel("ops", bot=True).id
    slack.faults.drop("chat.postMessage", after=True)
    client = _client(slack, session, AsyncConnectionErrorRetryHandler(max_retry_count=1))
    await client.chat_postMessage(channel=channel, text="once, or is it?")
    assert [message.text for message in slack.workspace.messages(channel)].count("once, or is it?") == 2


async def test_it_waits_as_long_as_it_is_told(slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
    slack.faults.answer("auth.test", retry_after=1)
    client = _client(slack, session, AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    began = time.monotonic()
    assert (await client.auth_test())["ok"]
    assert time.monotonic() - began >= 1
