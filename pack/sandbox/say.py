"""``flyte-slack say``: post as a user of the running sandbox's workspace, from another terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from pack.errors import PackError
from pack.sandbox.control_calls import choose, read_state, slack_urls
from pack.sandbox.mrkdwn import unescape
from pack.sandbox.refusals import explain

Json = Any

_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 10.0
_LONGEST_LINE = 8 * 1024 * 1024
_MEMBERSHIP = ("channel_join", "channel_leave")


class NotSaid(PackError):
    """It could not be said, or nobody answered; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What to say."""

    channel: str
    text: str
    user: str | None = None
    """A user's name or ID; None: the workspace's first person."""
    thread: str | None = None
    """The timestamp of the message to answer to."""
    wait_seconds: float = 0.0
    """How long to wait for the bot's answer; 0: not at all."""


async def say(saying: Saying, slack_url: str | None, on_note: Callable[[str], None] | None = None) -> str:
    """Say it; return the message's timestamp, or the text of the bot's answer when that was waited for.

    ``on_note`` is told which sandbox it is when there is a choice.

    Raises:
        NotSaid: no sandbox runs there, it refuses, or no answer came in time.
    """
    async with aiohttp.ClientSession() as session:
        urls = slack_urls(slack_url)
        url = await choose(session, urls, on_note)
        if url is not None:
            return await _say_there(session, url, saying)
    tried = " and ".join(urls)
    raise NotSaid(
        f"no sandbox answers at {tried}. Start one in another terminal (flyte-slack sandbox), "
        "or give its address with --slack-url."
    )


async def _say_there(session: aiohttp.ClientSession, url: str, saying: Saying) -> str:
    if not saying.wait_seconds:
        return str((await _post(session, url, saying))["ts"])
    # The feed is watched before anything is said, so that no answer is too fast to be seen.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
    async with session.get(f"{url}/sandbox/feed", timeout=timeout, read_bufsize=_LONGEST_LINE) as feed:
        said = await _post(session, url, saying)
        try:
            async with asyncio.timeout(saying.wait_seconds):
                return await _answer(feed, said)
        except TimeoutError as error:
            reason = await _silence(session, url, said["channel"], saying.channel)
            raise NotSaid(
                f"the bot has not answered in {saying.channel} within {saying.wait_seconds:g} seconds: "
                f"{reason}"
            ) from error


async def _silence(session: aiohttp.ClientSession, url: str, channel: str, name: str) -> str:
    """Return why the bot may have said nothing in the channel, which is an ID and called by ``name``."""
    state = await read_state(session, url)
    if not state:
        return f"the sandbox at {url} does not answer any more"
    if not state["openSockets"] and not state["eventsUrl"]:
        return "the bot is not connected; is a pack running?"
    members: list[str] = next((one["members"] for one in state["channels"] if one["id"] == channel), [])
    if state["botUserId"] not in members:
        return f"the bot is not in {name} and hears nothing there"
    return "it is there and connected, but no flow answered"


async def _answer(feed: aiohttp.ClientResponse, said: dict[str, Json]) -> str:
    async for raw in feed.content:
        line = json.loads(raw)
        spoke = line["kind"] == "message" and line["subtype"] not in _MEMBERSHIP
        if spoke and line["bot"] and line["channel"] == said["channel"]:
            return unescape(str(line["text"]))
    raise NotSaid("the sandbox ended before the bot answered")


async def _post(session: aiohttp.ClientSession, url: str, saying: Saying) -> dict[str, Json]:
    body = {"channel": saying.channel, "text": saying.text, "user": saying.user, "thread_ts": saying.thread}
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    try:
        async with session.post(f"{url}/sandbox/say", json=body, timeout=timeout) as answer:
            found: dict[str, Json] = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise NotSaid(f"the sandbox at {url} does not answer: {error}") from error
    if not found.get("ok"):
        code, message = str(found.get("error")), str(found.get("message"))
        raise NotSaid(message if code == "invalid_arguments" else _explain(saying, code))
    return found


def _explain(saying: Saying, code: str) -> str:
    return explain(code, channel=saying.channel, user=saying.user or "ada", thread=saying.thread)
