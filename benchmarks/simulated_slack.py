"""How fast the simulated Slack is: messages posted, and events through Socket Mode; beside a bare server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import psutil

from benchmarks.processes import ROOT, STOP_SECONDS, Unfinished
from benchmarks.record import now
from benchmarks.rows import Row, at_least, median
from benchmarks.sizes import Sizes
from benchmarks.slack_bare import CHANNEL
from benchmarks.slack_load import TEXT, Posts, post_all

POSTS_PER_SECOND = 2000
FINISH_SECONDS = 60.0
SLACKS = {
    "pack": ("-m", "pack", "sandbox", "--slack-only", "--json", "--no-limits", "--port", "0"),
    "bare": ("-m", "benchmarks.slack_bare"),
}


@dataclass(frozen=True, slots=True)
class Slack:
    """A running Slack, simulated or bare."""

    addresses: dict[str, str]
    channels: list[str]
    process: psutil.Process
    session: aiohttp.ClientSession

    async def call(self, method: str, token: str, **arguments: Any) -> dict[str, Any]:
        """Call a method that has to succeed."""
        headers = {"Authorization": f"Bearer {token}"}
        url = self.addresses["slackApiUrl"] + method
        async with self.session.post(url, json=arguments, headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
        if not found["ok"]:
            raise Unfinished(f"{method}: {found}")
        return found

    def posts(self, messages: int) -> Posts:
        """Return the requests for so many messages."""
        return Posts(self.addresses["slackApiUrl"], self.addresses["botToken"], self.channels, messages)

    def cpu_seconds(self) -> float:
        """Return the processor time that it used, its own and the system's for it."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


async def measure(sizes: Sizes) -> list[Row]:
    """Post messages, then post with a socket open that acknowledges each; the servers take turns."""
    seen: dict[str, list[tuple[float, float, float, float]]] = {"pack": [], "bare": []}
    for _ in range(sizes.pairs):
        for name, found in seen.items():
            async with running(name) as slack:
                await _post(slack, sizes.posts // 10)
                posting = await _post(slack, sizes.posts)
            async with running(name) as slack:
                found.append((*posting, *await _post_and_acknowledge(slack, sizes.posts)))
    pack, bare = ([median(each) for each in zip(*seen[name], strict=True)] for name in ("pack", "bare"))
    what = "simulated Slack"
    return [
        Row(f"{what}: chat.postMessage", "1/s", pack[0], bare[0], at_least(POSTS_PER_SECOND, "1/s")),
        Row(f"{what}: CPU per chat.postMessage", "ms", pack[1], bare[1]),
        Row(f"{what}: posted to acknowledged by socket", "1/s", pack[2], bare[2]),
        Row(f"{what}: CPU per message and its event", "ms", pack[3], bare[3]),
    ]


async def _post(slack: Slack, messages: int) -> tuple[float, float]:
    """Return messages a second, and ms of the server's CPU for each."""
    since, used = now(), slack.cpu_seconds()
    await post_all(slack.posts(messages))
    return messages / (now() - since), (slack.cpu_seconds() - used) * 1000 / messages


async def _post_and_acknowledge(slack: Slack, messages: int) -> tuple[float, float]:
    """Return events a second from the first message to the last acknowledgement, and ms of CPU for each."""
    ticket = await slack.call("apps.connections.open", slack.addresses["appToken"])
    async with slack.session.ws_connect(ticket["url"]) as socket:
        await socket.receive_json()
        since, used = now(), slack.cpu_seconds()
        async with asyncio.timeout(FINISH_SECONDS), asyncio.TaskGroup() as group:
            group.create_task(post_all(slack.posts(messages)))
            await _acknowledge(socket, messages)
        return messages / (now() - since), (slack.cpu_seconds() - used) * 1000 / messages


async def _acknowledge(socket: aiohttp.ClientWebSocketResponse, messages: int) -> None:
    heard: set[str] = set()
    async for frame in socket:
        envelope = json.loads(frame.data)
        if envelope["type"] != "events_api":
            continue
        await socket.send_str(json.dumps({"envelope_id": envelope["envelope_id"]}))
        event = envelope["payload"]["event"]
        if str(event.get("text")).startswith(TEXT):
            heard.add(event["ts"])
        if len(heard) == messages:
            return
    raise Unfinished(f"the socket was closed after {len(heard)} events of {messages}")


@asynccontextmanager
async def running(name: str) -> AsyncIterator[Slack]:
    """Start one of :data:`SLACKS`, with the bot in its channels, and end it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *SLACKS[name],
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        if not line:
            raise Unfinished(f"{name} ended before it served")
        async with aiohttp.ClientSession() as session:
            slack = Slack(json.loads(line), [], psutil.Process(process.pid), session)
            slack.channels.extend(await _join(slack) if name == "pack" else [CHANNEL])
            yield slack
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)


async def _join(slack: Slack) -> list[str]:
    """Have the bot join the public channels, and return them."""
    token = slack.addresses["botToken"]
    channels = [channel["id"] for channel in (await slack.call("conversations.list", token))["channels"]]
    for channel in channels:
        await slack.call("conversations.join", token, channel=channel)
    return channels
