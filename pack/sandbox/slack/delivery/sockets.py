"""Socket Mode: tickets, WebSocket connections, and which of them gets a payload."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from pack.clock import Clock
from pack.sandbox.slack.delivery.envelopes import Envelopes
from pack.sandbox.slack.world.objects import App

logger = logging.getLogger(__name__)

Json = Any

MOST_CONNECTIONS = 10
PING_SECONDS = 10.0
TICKET_SECONDS = 120.0
WARNING_SECONDS = 10.0
"""How long a connection lives on after ``warning`` or ``refresh_requested``."""
_CONNECTION_SECONDS = 18_060
_SHORT_CONNECTION_SECONDS = 360
_MOST_UNREAD = 20_000
_STOP_SECONDS = 0.5
_CLOSE_SECONDS = 2.0
_CLOSE = object()


class Connection:
    """One WebSocket of the app."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.silent = False
        """True: nothing is sent any more, not even answers to pings; what comes in is not looked at."""
        self.leaving = False
        """True: it gets no further payloads."""
        self.ended = asyncio.Event()
        """Set when the connection is over."""
        self._request = request
        self._outbox: asyncio.Queue[Any] = asyncio.Queue()

    def send(self, frame: str) -> None:
        """Send a text frame after those that wait already; who does not read them is cut off in the end."""
        if self._outbox.qsize() >= _MOST_UNREAD:
            self.abort()
            return
        self._outbox.put_nowait(frame)

    def close(self) -> None:
        """Close it properly once everything is sent."""
        self.leaving = True
        self._outbox.put_nowait(_CLOSE)

    async def end(self) -> None:
        """Close it properly, or break it off when the other side does not answer to that at once."""
        if not self.silent:
            self.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), _STOP_SECONDS)
        self.abort()

    def abort(self) -> None:
        """Break it off without a word."""
        self.leaving = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what there is to send, until it is to be closed."""
        while (item := await self._outbox.get()) is not _CLOSE:
            if not self.silent:
                await self.socket.send_str(item)

    async def ping(self, clock: Clock, seconds: float) -> None:
        """Send pings until cancelled."""
        while True:
            await clock.sleep(seconds)
            if not self.silent:
                await self.socket.ping(b"Ping from the sandbox")


class Sockets:
    """The app's Socket Mode connections."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.envelopes = Envelopes(clock, self._send_to_one)
        self.connections: list[Connection] = []
        self.refusals = 0
        """How many upgrades are still to be refused."""
        self.address = ""
        """``host:port`` where tickets lead to."""
        self.ping_seconds = PING_SECONDS
        self._app = app
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def issue_ticket(self, host: str = "") -> str:
        """Return a WebSocket URL that can be connected to once, within two minutes.

        ``host``: ``host:port`` as the caller knows this server; empty: the address that it listens on.
        """
        now = self._clock.monotonic()
        self._tickets = {ticket: end for ticket, end in self._tickets.items() if end > now}
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = now + TICKET_SECONDS
        return f"ws://{host or self.address}/link/?ticket={ticket}&app_id={self._app.app_id}"

    def disconnect(self, reason: str) -> None:
        """Tell every open connection to go, as Slack does for that reason.

        ``warning``: it is refreshed ten seconds later; ``refresh_requested``: it gets nothing more and is
        closed ten seconds later; any other reason: it is closed at once.
        """
        for connection in tuple(self.connections):
            self._disconnect(connection, reason)

    def go_silent(self) -> None:
        """Leave the open connections open, and send nothing on them any more."""
        for connection in self.connections:
            connection.silent = True

    def close(self, *, abrupt: bool = False) -> None:
        """Close the open connections: properly, or by breaking them off."""
        for connection in tuple(self.connections):
            if abrupt or connection.silent:
                connection.abort()
            else:
                connection.close()

    async def stop(self) -> None:
        """Close everything and wait for it."""
        await asyncio.gather(*(connection.end() for connection in tuple(self.connections)))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from upgrade to end."""
        if self.refusals > 0:
            self.refusals -= 1
            return web.Response(status=503, text="the sandbox refuses this upgrade")
        end = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if end <= self._clock.monotonic() or request.query.get("app_id") != self._app.app_id:
            return web.Response(status=404, text="no such ticket, or it was used already")
        socket = web.WebSocketResponse(autoping=False, timeout=_CLOSE_SECONDS, max_msg_size=4 * 1024 * 1024)
        if not socket.can_prepare(request):
            return web.Response(status=426, text="this address is for WebSockets")
        await socket.prepare(request)
        connection = Connection(socket, request)
        await self._run(connection, short=request.query.get("debug_reconnects") == "true")
        return socket

    async def _run(self, connection: Connection, *, short: bool) -> None:
        if len(self.connections) >= MOST_CONNECTIONS:
            self._disconnect(connection, "too_many_websockets")
        else:
            self.connections.append(connection)
            connection.send(self._hello(short))
            self.envelopes.flush()
        writing = self._spawn(connection.write())
        reading = self._spawn(self._read(connection))
        pinging = self._spawn(connection.ping(self._clock, self.ping_seconds))
        try:
            await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
            # The reader has to be out of the way before the close frame of the other side can be awaited.
            for task in (reading, writing, pinging):
                task.cancel()
            await asyncio.gather(reading, writing, pinging, return_exceptions=True)
            with contextlib.suppress(ConnectionError):
                await connection.socket.close(code=WSCloseCode.OK)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            connection.ended.set()

    async def _read(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.silent:
                continue
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take_frame(message.data)

    def _take_frame(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            logger.warning("a frame from the app is no JSON")
            return
        envelope_id = frame.get("envelope_id") if isinstance(frame, dict) else None
        if isinstance(envelope_id, str):
            self.envelopes.acknowledge(envelope_id, frame.get("payload"))

    def _hello(self, short: bool) -> str:
        lifetime = _SHORT_CONNECTION_SECONDS if short else _CONNECTION_SECONDS
        return json.dumps(
            {
                "type": "hello",
                "num_connections": len(self.connections),
                "debug_info": {
                    "host": "applink-sandbox",
                    "build_number": 1,
                    "approximate_connection_time": lifetime,
                },
                "connection_info": {"app_id": self._app.app_id},
            }
        )

    def _send_to_one(self, make_frame: Callable[[], str]) -> bool:
        """Give a frame to one of the open connections, drawn by chance; a silent one swallows it."""
        ready = [connection for connection in self.connections if not connection.leaving]
        if not ready:
            return False
        ready[int(self._clock.random() * len(ready))].send(make_frame())
        return True

    def _disconnect(self, connection: Connection, reason: str) -> None:
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
        connection.send(json.dumps(frame))
        if reason == "warning":
            self._spawn(self._disconnect_later(connection))
        elif reason == "refresh_requested":
            connection.leaving = True
            self._spawn(self._close_later(connection))
        else:
            connection.close()

    async def _disconnect_later(self, connection: Connection) -> None:
        await self._clock.sleep(WARNING_SECONDS)
        if not connection.leaving:
            self._disconnect(connection, "refresh_requested")

    async def _close_later(self, connection: Connection) -> None:
        await self._clock.sleep(WARNING_SECONDS)
        connection.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(_quietly(work), name="sandbox-socket")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; a connection that breaks meanwhile is the reader's to notice."""
    try:
        await work
    except ConnectionError:
        logger.debug("a socket broke while writing")
