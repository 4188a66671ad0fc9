"""Slack's own Python SDK as the peer: what it sends is understood, and it understands the answers."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.models.blocks import HeaderBlock, SectionBlock
from slack_sdk.models.metadata import Metadata
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.client import WebClient

from pack.sandbox.slack import SimulatedSlack


@pytest.fixture
def client(slack: SimulatedSlack, session) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[])


async def test_it_posts_with_everything_and_reads_it_back(client, slack) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    metadata = Metadata(event_type="flyte_action", event_payload={"id": "a1"})
    posted = await client.chat_postMessage(
        channel="#ops",
        text="fallback",
        blocks=[HeaderBlock(text="Title"), SectionBlock(text="*body*")],
        metadata=metadata,
        unfurl_links=False,
    )
    assert [block["type"] for block in posted["message"]["blocks"]] == ["header", "section"]
    history = await client.conversations_history(channel=channel.id, include_all_metadata=True, limit=1)
    assert history["messages"][0]["metadata"]["event_payload"] == {"id": "a1"}
    link = await client.chat_getPermalink(channel=channel.id, message_ts=posted["ts"])
    assert posted["ts"].replace(".", "") in link["permalink"]


async def test_it_walks_through_pages_by_itself(client, slack) -> None:
    for number in range(5):
        slack.workspace.add_channel(f"team-{number}")
    names = []
    async for page in await client.conversations_list(limit=3):
        names += [channel["name"] for channel in page["channels"]]
    assert len(names) == len(set(names)) == 8


async def test_it_raises_what_slack_says(client) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="#general", text="x")
    assert refused.value.response["error"] == "not_in_channel"


async def test_it_waits_as_long_as_a_rate_limit_says(slack, session) -> None:
    handler = AsyncRateLimitErrorRetryHandler(max_retry_count=1)
    client = AsyncWebClient(
        slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[handler]
    )
    slack.faults.answer("auth.test", retry_after=0)
    assert (await client.auth_test())["ok"]
    assert len(slack.faults.calls_of("auth.test")) == 2


async def test_its_blocking_client_is_served_as_well(slack) -> None:
    blocking = WebClient(slack.bot_token, base_url=slack.api_url)
    answer = await asyncio.to_thread(blocking.auth_test)
    assert answer["bot_id"] == slack.bot_id
    assert set(answer.headers["x-oauth-scopes"].split(",")) == slack.scopes


class Listening:
    """The SDK's Socket Mode client, acknowledging everything."""

    def __init__(self, slack: SimulatedSlack, client: AsyncWebClient) -> None:
        self.requests: list[SocketModeRequest] = []
        self.came = asyncio.Condition()
        self.client = SocketModeClient(slack.app_token, web_client=client, ping_interval=0.2)
        self.client.socket_mode_request_listeners.append(self._listen)

    async def _listen(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        async with self.came:
            self.requests.append(request)
            self.came.notify_all()

    async def until(self, text: str) -> SocketModeRequest:
        def found() -> list[SocketModeRequest]:
            return [request for request in self.requests if request.payload["event"].get("text") == text]

        async with self.came:
            await asyncio.wait_for(self.came.wait_for(found), 5)
        return found()[0]

    async def __aenter__(self) -> Listening:
        await self.client.connect()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.client.disconnect()
        await self.client.close()


async def test_it_receives_and_acknowledges_events(client, slack) -> None:
    slack.workspace.add_channel("ops", bot=True)
    async with Listening(slack, client) as listening:
        slack.workspace.say("ops", "echo hello", user="ada")
        request = await listening.until("echo hello")
        assert request.type == "events_api"
        assert (request.retry_attempt, request.payload["api_app_id"]) == (0, slack.app_id)
        for _ in range(100):
            if not slack.faults.unacknowledged:
                break
            await asyncio.sleep(0.01)
        assert slack.faults.unacknowledged == []


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
async def test_it_comes_back_after_a_disconnect_and_loses_nothing(client, slack, reason: str) -> None:
    slack.workspace.add_channel("ops", bot=True)
    async with Listening(slack, client) as listening:
        slack.workspace.say("ops", "before", user="ada")
        await listening.until("before")
        slack.faults.disconnect(reason)
        slack.workspace.say("ops", "meanwhile", user="ada")
        await listening.until("meanwhile")
        assert len(slack.faults.calls_of("apps.connections.open")) == 2
