"""What a pack lives in during a trial: an engine with flows, a Slack with channels and people."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from benchmarks.chaos_trial.orders import JumpingClock
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack

Json = Any

CHANNELS = 10
"""How many channels there are in which commands and people write."""

SIDE_CHANNELS = 2
"""How many more there are that the pack joins and leaves."""

COMMANDS = ("SendMessage", "SendRichMessage", "Broadcast", "JoinChannel", "LeaveChannel")

LATENCY_MS = (5.0, 120.0)
"""How long a call to Slack takes, so that there is always one under way."""

SOURCE = "Chaos"
"""The name of the pack whose events start the flows."""

PACK = "Slack"


class WatchedEngine(EmbeddedEngine):
    """The embedded engine, which notes which takes were answered as they should be."""

    def __init__(self) -> None:
        self.answered: dict[str, float] = {}
        """Each action that was handed out in an answer, and when."""
        super().__init__()

    def _application(self) -> web.Application:
        application = super()._application()
        application.middlewares.append(self._note_take)
        return application

    @web.middleware
    async def _note_take(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if request.path.endswith("/actions/take") and _is_open(request) and answer.status == 200:
            body = answer.body if isinstance(answer, web.Response) else None
            if isinstance(body, bytes) and (action := _action_of(body)):
                self.answered[action] = time.monotonic()
        return answer


def _is_open(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _action_of(body: bytes) -> str:
    """Return the id of the action that the answer to a take hands out; empty: it is none."""
    try:
        href = json.loads(body)["links"][0]["href"]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return str(href).rpartition("/actions/")[2].removesuffix("/result")


@dataclass(slots=True)
class Surroundings:
    """The two servers and what they begin with."""

    engine: WatchedEngine
    slack: SimulatedSlack
    session: aiohttp.ClientSession
    channels: list[str] = field(default_factory=list)
    """The IDs of the channels that the pack is in all the time."""
    names: dict[str, str] = field(default_factory=dict)
    """The names of channels by ID."""
    side_channels: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, str]:
        """Return the settings with which a pack comes here."""
        return {
            "FLYTE_API": self.engine.url,
            "FLYTE_SLACK_TOKEN": self.slack.bot_token,
            "FLYTE_SLACK_APP_TOKEN": self.slack.app_token,
            "FLYTE_SLACK_API_URL": self.slack.api_url,
            "FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": ",".join(self.channels),
        }


@asynccontextmanager
async def open_surroundings(seed: int, skew_seconds: float = 0.0) -> AsyncIterator[Surroundings]:
    """Start both servers, make channels and flows, and end it all."""
    engine, slack_time = WatchedEngine(), JumpingClock()
    slack_time.ahead_seconds = skew_seconds
    async with SimulatedSlack(clock=slack_time) as slack, engine, aiohttp.ClientSession() as session:
        slack.faults.seed(seed)
        engine.faults.seed(seed)
        slack.faults.latency(*LATENCY_MS)
        around = Surroundings(engine, slack, session)
        for number in range(CHANNELS + SIDE_CHANNELS):
            channel = slack.workspace.add_channel(f"channel-{number}")
            around.names[channel.id] = channel.name
            (around.channels if number < CHANNELS else around.side_channels).append(channel.id)
        for channel_id in around.channels:
            slack.workspace.join(channel_id, slack.bot_user_id)
        for command in COMMANDS:
            await engine.store_flow(json.dumps(_flow(command)), yaml=False)
        await _post(session, f"{engine.url}/v1/packs", {"name": SOURCE})
        yield around


def _flow(command: str) -> dict[str, Json]:
    """Return a flow that hands what an event carries to a command."""
    wanted = {
        "SendMessage": ("channelId", "message", "threadTimestamp"),
        "SendRichMessage": ("channel", "text", "thread_ts", "metadata"),
        "Broadcast": ("message",),
    }.get(command, ("channelId",))
    return {
        "name": f"to {command}",
        "steps": [
            {
                "id": "only",
                "event": {"packName": SOURCE, "name": command},
                "command": {
                    "packName": PACK,
                    "name": command,
                    "input": {name: f"{{{{ Event.Payload.{name} }}}}" for name in (*wanted, "token")},
                },
            }
        ],
    }


async def want(around: Surroundings, command: str, payload: dict[str, Json]) -> bool:
    """Have the engine make an action of a command; False when it did not take the event, or may not have."""
    url = f"{around.engine.url}/v1/packs/{SOURCE}/events"
    return await _post(around.session, url, {"event": command, "payload": payload})


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Json]) -> bool:
    try:
        async with session.post(url, json=body, timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status < 300
    except (aiohttp.ClientError, TimeoutError):
        return False
