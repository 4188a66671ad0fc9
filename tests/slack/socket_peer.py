"""Slack's side of Socket Mode, frame by frame as a test dictates it, over real loopback sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

PATIENCE_SECONDS = 5.0


async def soon(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, letting loopback connections get their turn."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - conditions of several objects have no event
            await asyncio.sleep(0.002)


def event(number: int, **envelope: Any) -> dict[str, Any]:
    """Return an events_api frame whose payload carries the number."""
    frame = {"type": "events_api", "envelope_id": f"env-{number}", "payload": {"event_id": f"Ev{number}"}}
    return {**frame, **envelope}


class PeerSocket:
    """One connection, seen from Slack's end."""

    def __init__(self, websocket: web.WebSocketResponse, ticket: str) -> None:
        self.ticket = ticket
        self.answers_pings = True
        self.pings = 0
        self.closed = asyncio.Event()
        self._websocket = websocket
        self._acks: asyncio.Queue[str] = asyncio.Queue()
        self._pongs: asyncio.Queue[bytes] = asyncio.Queue()

    async def send(self, frame: dict[str, Any] | str | bytes) -> None:
        if isinstance(frame, bytes):
            await self._websocket.send_bytes(frame)
        else:
            await self._websocket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def hello(self, connections: int = 1) -> None:
        await self.send({"type": "hello", "num_connections": connections})

    async def disconnect(self, reason: str) -> None:
        await self.send({"type": "disconnect", "reason": reason})

    async def close(self) -> None:
        await self._websocket.close(code=1001)

    async def next_ack(self) -> str:
        """Return the envelope_id of the next acknowledgement."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._acks.get()

    async def ping(self, data: bytes) -> bytes:
        """Send a ping and return what the next pong carries."""
        await self._websocket.ping(data)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._pongs.get()

    @property
    def acks_waiting(self) -> int:
        return self._acks.qsize()

    async def read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._acks.put_nowait(json.loads(message.data)["envelope_id"])
            elif message.type is aiohttp.WSMsgType.PONG:
                self._pongs.put_nowait(bytes(message.data))
            elif message.type is aiohttp.WSMsgType.PING:
                self.pings += 1
                if self.answers_pings:
                    await self._websocket.pong(message.data)
            else:
                self.closed.set()
                return


class ScriptedSlack:
    """Gives tickets that work once, and connections that do what the test says."""

    def __init__(self) -> None:
        self.tickets: list[str] = []
        self.ticket_errors: list[Exception] = []
        """Raised one after the other instead of giving a ticket; the last one for ever when ``stubborn``."""
        self.stubborn = False
        self.tickets_to_withhold = 0
        """So many calls for a ticket are never answered."""
        self.upgrades_to_refuse = 0
        self.greets = True
        self.turns_away = False
        """Whether further connections are told that there are too many."""
        self.url_of_ticket: Callable[[str], str] = self._url
        self.open_now = 0
        self.most_open = 0
        self._used: set[str] = set()
        self._sockets: asyncio.Queue[PeerSocket] = asyncio.Queue()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> ScriptedSlack:
        app = web.Application()
        app.router.add_get("/link", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def open_ticket(self) -> str:
        """Stand for apps.connections.open."""
        ticket = f"ticket-{len(self.tickets) + 1}"
        self.tickets.append(ticket)
        if self.tickets_to_withhold > 0:
            self.tickets_to_withhold -= 1
            await asyncio.Event().wait()
        if self.ticket_errors:
            raise self.ticket_errors[0] if self.stubborn else self.ticket_errors.pop(0)
        return self.url_of_ticket(ticket)

    async def next_socket(self) -> PeerSocket:
        """Return the next connection that was opened."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._sockets.get()

    def _url(self, ticket: str) -> str:
        return f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query["ticket"]
        if ticket in self._used or self.upgrades_to_refuse > 0:
            self._used.add(ticket)
            self.upgrades_to_refuse -= 1
            return web.Response(status=503)
        self._used.add(ticket)
        websocket = web.WebSocketResponse(autoping=False)
        await websocket.prepare(request)
        socket = PeerSocket(websocket, ticket)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            if self.turns_away:
                await socket.disconnect("too_many_websockets")
            elif self.greets:
                await socket.hello()
            self._sockets.put_nowait(socket)
            await socket.read()
        finally:
            self.open_now -= 1
            socket.closed.set()
        return websocket
