"""A day's work of an ordinary bot, by slack_sdk's blocking client against the simulated Slack."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.programs import everyday


@pytest.fixture
def client(slack: SimulatedSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


async def test_it_talks(slack: SimulatedSlack, client: WebClient) -> None:
    found = await asyncio.to_thread(everyday.talk, client)
    assert found["root"]["metadata"] == {"event_type": "deploy", "event_payload": {"id": 42}}
    assert found["root"]["text"] == "Deploy finished, and checked"
    assert found["root"]["reply_count"] == 1
    assert found["thread"] == ["Deploy finished, and checked", "details"]
    assert found["broadcast"] == "thread_broadcast"
    assert found["pins"] == [found["root"]["ts"]]
    assert found["reactions"] == [{"name": "white_check_mark", "users": [slack.bot_user_id], "count": 1}]
    assert found["again"] == "already_reacted"
    assert "only for you" not in found["texts"]
    assert found["root"]["ts"].replace(".", "") in found["link"]
    assert found["left"] == 1


async def test_it_keeps_house(slack: SimulatedSlack, client: WebClient) -> None:
    found = await asyncio.to_thread(everyday.keep_house, client)
    assert found["info"]["name"] == "incident-7-solved"
    assert (found["info"]["topic"]["value"], found["info"]["purpose"]["value"]) == (
        "Disk full",
        "Get it running",
    )
    assert found["info"]["num_members"] == 2
    assert set(found["members"]) == {slack.bot_user_id, slack.workspace.user("ada").id}
    assert found["bookmarks"] == ["Runbook"]
    assert "incident-7-solved" in found["mine"]
    assert (found["taken"], found["archived"]) == ("name_taken", "is_archived")
    assert found["brought_back"] == "not_in_channel"
    assert found["direct"] == "thank you"


async def test_it_plans_ahead(client: WebClient) -> None:
    found = await asyncio.to_thread(everyday.plan_ahead, client)
    assert found["ids"] == [found["first"]]
    assert found["past"] == "time_in_past"


async def test_it_hands_over_files_and_fetches_them_back(
    slack: SimulatedSlack, client: WebClient, session: aiohttp.ClientSession
) -> None:
    found = await asyncio.to_thread(everyday.hand_over_files, client)
    assert sorted(found["titles"]) == ["One", "Two"]
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.get(found["info"]["url_private"], headers=headers) as response:
        assert (response.status, await response.read()) == (200, b"line one\n")
    async with session.get(found["info"]["url_private"], allow_redirects=False) as response:
        assert await response.read() != b"line one\n"


async def test_it_looks_around(slack: SimulatedSlack, client: WebClient) -> None:
    found = await asyncio.to_thread(everyday.look_around, client)
    assert (found["me"]["bot_id"], found["me"]["user_id"]) == (slack.bot_id, slack.bot_user_id)
    assert found["ada"]["id"] == found["by_email"]
    assert found["profile"]["email"] == "ada@example.com"
    assert found["presence"] in ("active", "away")
    assert found["team"]["id"] == slack.team_id
    assert found["bot"]["app_id"] == slack.app_id
    assert (found["groups"], found["dnd"]) == ([], False)
    assert found["unknown"] == "user_not_found"


async def test_two_tokens_do_not_see_the_same(slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
    carol = slack.issue_user_token("carol")
    person = AsyncWebClient(carol, base_url=slack.api_url, session=session)
    bot = AsyncWebClient(slack.bot_token, base_url=slack.api_url, session=session)
    incidents = slack.workspace.channel("incidents").id
    posted = await person.chat_postMessage(channel=incidents, text="from carol herself")
    assert posted["message"]["user"] == slack.workspace.user("carol").id
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await bot.conversations_history(channel=incidents)
    assert (await bot.auth_revoke())["revoked"]
    with pytest.raises(SlackApiError, match="token_revoked"):
        await bot.auth_test()
    assert (await person.auth_test())["user"] == "carol"
