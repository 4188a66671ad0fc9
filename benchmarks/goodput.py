"""How much of what Slack's rate limits permit is used, and how often Slack has to refuse.

The real pack works against the simulated Slack with its limits on, both of them with short seconds. What is
permitted is a matter of arithmetic; it stands in the place of the bare loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from benchmarks.peer import serve
from benchmarks.peer_engine import EnginePeer
from benchmarks.processes import LOOK_SECONDS, Peers, Unfinished, open_program
from benchmarks.record import Record, now
from benchmarks.rows import Row, at_least, at_most
from benchmarks.sizes import Sizes
from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.limits.figures import PER_CHANNEL, PER_WORKSPACE

POST = "chat.postMessage"
LATENCY_MS = (2.0, 12.0)
"""How long a call takes, in milliseconds of the machine."""
FEW, MANY = 4, 20
"""So many channels that each channel's own limit is met, or the workspace's."""
START_SECONDS = 30.0
USED_PERCENT, REFUSED_PERCENT = 98.0, 1.0


@dataclass(frozen=True, slots=True)
class _Seen:
    used: float
    """Of the messages that were permitted, in percent."""
    refused: float
    """Of all calls since the start, in percent."""


async def measure(sizes: Sizes) -> list[Row]:
    """Flood few channels, then so many that the whole workspace is limited."""
    rows = []
    for name, channels in (("each channel's limit", FEW), ("the workspace's limit", MANY)):
        seen = await _flood(channels, sizes)
        rows += [
            Row(f"{name}: used of it", "%", seen.used, 100, at_least(USED_PERCENT, "%")),
            Row(f"{name}: answered 429", "%", seen.refused, 0, at_most(REFUSED_PERCENT, "%")),
        ]
    return rows


async def _flood(channels: int, sizes: Sizes) -> _Seen:
    per_minute = min(channels * PER_CHANNEL.per_minute, PER_WORKSPACE.per_minute)
    a_second = per_minute / 60 * sizes.speed
    offered = int((sizes.learning_seconds + sizes.limited_seconds) * a_second) * 2 + PER_WORKSPACE.burst
    async with _open(channels, offered, sizes) as slack:
        count = slack.limits.count
        await _until(lambda: count(POST).passed > 0)
        await asyncio.sleep(sizes.learning_seconds)
        since, before = now(), count(POST).passed
        await asyncio.sleep(sizes.limited_seconds)
        passed, seconds = count(POST).passed - before, now() - since
        return _Seen(
            used=100 * passed / (a_second * seconds), refused=100 * count(POST).refused / count(POST).asked
        )


@asynccontextmanager
async def _open(channels: int, offered: int, sizes: Sizes) -> AsyncIterator[SimulatedSlack]:
    """Start a Slack, an engine with commands for its channels, and the pack between them."""
    engine = EnginePeer(Record())
    engine.url = await serve(engine.answer)
    async with SimulatedSlack(limits=True, speed=sizes.speed) as slack, aiohttp.ClientSession() as session:
        slack.faults.latency(*(milliseconds * sizes.speed for milliseconds in LATENCY_MS))
        ids = [slack.workspace.add_channel(f"flooded-{number}").id for number in range(channels)]
        for channel in ids:
            slack.workspace.join(channel, slack.bot_user_id)
        engine.offer([_command(number, ids[number % channels]) for number in range(offered)])
        settings = {
            "FLYTE_SLACK_TOKEN": slack.bot_token,
            "FLYTE_SLACK_APP_TOKEN": slack.app_token,
            "FLYTE_SLACK_GRACE_SECONDS": "10",
            "BENCHMARK_SPEED": str(sizes.speed),
        }
        peers = Peers({"engine": engine.url, "slack": slack.api_url}, session, settings)
        async with open_program("fast pack", peers):
            yield slack


def _command(number: int, channel: str) -> dict[str, object]:
    return {
        "number": number,
        "command": "SendMessage",
        "input": {"channelId": channel, "message": f"{number} the deployment is done"},
    }


async def _until(done: Callable[[], bool]) -> None:
    deadline = now() + START_SECONDS
    while not done():
        if now() > deadline:
            raise Unfinished(f"the pack sent nothing within {START_SECONDS:g} s")
        await asyncio.sleep(LOOK_SECONDS)
