"""A Slack that takes every message and sends events, after no time at all or after a drawn one."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from benchmarks.record import Record, now

Body = dict[str, Any]

USERS = 20
"""How many people write the messages of which events tell."""

MOST_UNACKNOWLEDGED = 64
"""So many events may be under way before the next is sent, as Slack holds back too."""

BOT = {"team": "Benchmark", "team_id": "T0BENCHMARK", "user_id": "U0BENCHBOT", "bot_id": "B0BENCHBOT"}


def channel_id(number: int) -> str:
    """Return the ID of a channel by its number."""
    return f"C{number:09d}"


def channel_name(number: int) -> str:
    """Return the name of a channel by its number."""
    return f"channel-{number}"


class SlackPeer:
    """Answers the Web API and Socket Mode.

    ``latency_seconds``: how long chat.postMessage takes, at least and at most; drawn for each message from
    its number and the seed, so that every program meets the same.
    """

    def __init__(
        self, record: Record, *, channels: int, latency_seconds: tuple[float, float], seed: int
    ) -> None:
        self._record = record
        self.latency_seconds = latency_seconds
        self._seed = seed
        self._channels = [
            {"id": channel_id(number), "name": channel_name(number), "is_member": True}
            for number in range(channels)
        ]
        self._ids = {f"#{channel['name']}": str(channel["id"]) for channel in self._channels}
        self._posted = 0
        self._socket: web.WebSocketResponse | None = None
        self._unacknowledged = asyncio.Semaphore(MOST_UNACKNOWLEDGED)
        self._methods: dict[str, Callable[[Body], Body]] = {
            "auth.test": lambda _: BOT,
            "apps.connections.open": lambda _: {"url": f"{self.url.replace('http', 'ws', 1)}/socket"},
            "users.conversations": lambda _: {"channels": self._channels},
            "conversations.list": lambda _: {"channels": self._channels},
            "conversations.history": lambda _: {"messages": [], "has_more": False},
            "users.info": self._user,
        }
        self.url = ""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        method = request.path.rpartition("/")[2]
        if method == "socket":
            return await self._listen(request)
        self._record.slack_requests[method] += 1
        given = await _arguments(request)
        if method == "chat.postMessage":
            return _answer(await self._post(given))
        known = self._methods.get(method)
        return _answer(known(given) if known else {"ok": False, "error": "unknown_method"})

    # --- posting ---

    async def _post(self, given: Body) -> Body:
        number = int(given["text"].partition(" ")[0])
        self._record.called[str(number)] = now()
        if self.latency_seconds[1] > 0:
            draw = random.Random(self._seed * 1_000_003 + number)
            await asyncio.sleep(draw.uniform(*self.latency_seconds))
        channel = self._ids.get(given["channel"]) or str(given["channel"])
        self._record.messages.setdefault(channel, []).append(number)
        self._posted += 1
        timestamp = f"1700000000.{self._posted:06d}"
        message = {"type": "message", "text": given["text"], "ts": timestamp, **BOT}
        return {"channel": channel, "ts": timestamp, "message": message}

    def _user(self, given: Body) -> Body:
        profile = {"first_name": "Ada", "last_name": "Lovelace", "display_name": "ada", "email": "a@b.test"}
        return {"user": {"id": given.get("user", ""), "name": "ada", "profile": profile}}

    # --- events ---

    async def _listen(self, request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        self._socket, self._record.listens = socket, now()
        async for _ in socket:
            self._unacknowledged.release()
        return socket

    async def send_events(self, count: int, first: int, pause_seconds: float) -> None:
        """Send that many messages of people as events; they are acknowledged one by one."""
        for number in range(first, first + count):
            await self._unacknowledged.acquire()
            timestamp = f"1800000000.{number:06d}"
            frame = json.dumps(self._event(number, timestamp))
            assert self._socket is not None
            self._record.sent[timestamp] = now()
            await self._socket.send_str(frame)
            if pause_seconds > 0:
                await asyncio.sleep(pause_seconds)

    def _event(self, number: int, timestamp: str) -> Body:
        event = {
            "type": "message",
            "channel": self._channels[number % len(self._channels)]["id"],
            "user": f"U{number % USERS:09d}",
            "text": f"{number} the quick brown fox jumps over the lazy dog",
            "ts": timestamp,
            "event_ts": timestamp,
            "channel_type": "channel",
        }
        payload = {"type": "event_callback", "team_id": BOT["team_id"], "event_id": f"Ev{number:09d}"}
        return {"type": "events_api", "envelope_id": f"e{number}", "payload": payload | {"event": event}}


async def _arguments(request: web.BaseRequest) -> Body:
    body = await request.read()
    if request.content_type == "application/json":
        return dict(json.loads(body))
    return dict(request.query) | dict(parse_qsl(body.decode()))


def _answer(document: Body) -> web.Response:
    text = json.dumps({"ok": True} | document)
    return web.Response(
        body=text.encode(),
        content_type="application/json",
        headers={"x-oauth-scopes": "chat:write,channels:read,users:read"},
    )
