"""``flyte-slack say`` against a simulated Slack."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from pack.sandbox.control_calls import choose, slack_urls
from pack.sandbox.say import NotSaid, Saying, say
from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.process import environment, flyte_slack


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as running:
        yield running


async def test_it_is_said_by_the_user_in_the_channel_and_its_timestamp_comes_back(
    slack: SimulatedSlack,
) -> None:
    ts = await say(Saying(channel="#random", text="hi", user="bob"), slack.url)
    message = slack.workspace.message("random", ts)
    assert (message.text, message.user) == ("hi", slack.workspace.user("bob").id)


async def test_without_a_user_it_is_ada_and_a_reply_lands_in_its_thread(slack: SimulatedSlack) -> None:
    root = await say(Saying(channel="general", text="root"), slack.api_url)
    reply = await say(Saying(channel="general", text="reply", thread=root), slack.api_url)
    message = slack.workspace.message("general", reply)
    assert (message.thread_ts, message.user) == (root, slack.workspace.user("ada").id)


@pytest.mark.parametrize(
    ("saying", "reason"),
    [
        (Saying(channel="#none", text="x"), r"no channel #none; .*#incidents .*channel_not_found"),
        (Saying(channel="general", text=" "), r"the text is empty \(no_text\)"),
        (Saying(channel="#incidents", text="x", user="bob"), r"bob is not in #incidents; .*not_in_channel"),
        (Saying(channel="general", text="x", user="zoe"), r"there is no user zoe; .*user_not_found"),
        (Saying(channel="general", text="x", thread="1.1"), r"no message with the timestamp 1\.1"),
    ],
)
async def test_what_the_workspace_refuses_is_explained(
    slack: SimulatedSlack, saying: Saying, reason: str
) -> None:
    with pytest.raises(NotSaid, match=reason):
        await say(saying, slack.url)


async def test_the_bots_answer_is_waited_for_however_fast_or_long_it_is(slack: SimulatedSlack) -> None:
    long = "y" * 300_000

    async def answer() -> None:
        subscription = slack.feed.subscribe()
        async for line in subscription:
            if line["kind"] == "message" and not line["bot"]:
                slack.workspace.join("general", slack.bot_user_id)
                fields = {"bot_id": slack.bot_id}
                slack.workspace.post(
                    slack.workspace.channel("random"), "no", user=slack.bot_user_id, fields=fields
                )
                slack.workspace.post(
                    slack.workspace.channel("general"), long, user=slack.bot_user_id, fields=fields
                )
                return

    answering = asyncio.create_task(answer())
    assert await say(Saying(channel="general", text="go", wait_seconds=10), slack.url) == long
    await answering


async def test_an_answer_that_does_not_come_in_time_is_reported(slack: SimulatedSlack) -> None:
    with pytest.raises(NotSaid, match=r"has not answered in general within 0\.05 seconds"):
        await say(Saying(channel="general", text="go", wait_seconds=0.05), slack.url)


async def test_who_is_in_the_channel_and_connected_decides_why_nobody_answered(
    slack: SimulatedSlack,
) -> None:
    async def giving_up(channel: str) -> str:
        with pytest.raises(NotSaid) as raised:
            await say(Saying(channel=channel, text="go", wait_seconds=0.05), slack.url)
        return str(raised.value)

    assert "the bot is not connected; is a pack running?" in await giving_up("#random")
    ticket = slack.url + "/api/apps.connections.open"
    async with aiohttp.ClientSession() as session:
        async with session.post(ticket, headers={"Authorization": f"Bearer {slack.app_token}"}) as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url):
            assert "the bot is not in #random" in await giving_up("#random")
            assert "no flow answered" in await giving_up("@flyte")


async def test_it_says_which_sandbox_it_took_when_another_one_answers_too(
    slack: SimulatedSlack,
) -> None:
    notes: list[str] = []
    await say(Saying(channel="general", text="x"), slack.url, notes.append)
    assert notes == []
    async with SimulatedSlack() as other, aiohttp.ClientSession() as session:
        found = await choose(session, [slack.url, other.url], notes.append)
    assert found == slack.url
    assert notes == [
        f"at {slack.url}, the sandbox that was started last; another one answers at {other.url} "
        "(--slack-url chooses)"
    ]


async def test_no_sandbox_at_the_given_address_is_reported_with_it(free_url: str) -> None:
    with pytest.raises(NotSaid, match=f"no sandbox answers at {free_url}. Start one"):
        await say(Saying(channel="general", text="x"), free_url)


@pytest.fixture
def free_url() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("given", ["http://h:1", "http://h:1/", "http://h:1/api/", "h:1"])
def test_the_address_may_be_slacks_or_its_web_apis(given: str) -> None:
    assert slack_urls(given) == ["http://h:1"]


@pytest.mark.slow
async def test_the_command_finds_the_running_sandbox_by_its_file(
    tmp_path: Path, slack: SimulatedSlack
) -> None:
    file = tmp_path / f"flyte-slack-sandbox-{os.getuid()}.json"
    file.write_text(json.dumps({"pid": os.getpid(), "slack_url": slack.url, "engine_url": ""}))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "pack", "say", "#random", "from afar", "--user", "carol"),
        env=environment(tmp_path, http_proxy="http://127.0.0.1:9"),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert slack.workspace.message("random", out.decode().strip()).text == "from afar"


@pytest.mark.slow
def test_the_command_says_when_no_sandbox_runs(tmp_path: Path, free_url: str) -> None:
    ended = flyte_slack("say", "#general", "hi", "--slack-url", free_url, env=environment(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no sandbox answers at" in ended.stderr
