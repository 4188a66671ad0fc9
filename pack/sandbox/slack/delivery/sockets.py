"""Socket Mode: WebSocket connections, and which of them gets a payload."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from pack.sandbox.slack.delivery import frames
from pack.sandbox.slack.delivery.connections import MOST_UNANSWERED, Connection
from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.envelopes import Envelopes
from pack.sandbox.slack.delivery.socket_faults import SocketFaults
from pack.sandbox.slack.delivery.tickets import Tickets
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import App

logger = logging.getLogger(__name__)

Json = Any

MOST_CONNECTIONS = 10
PING_SECONDS = 10.0
WARNING_SECONDS = 10.0
"""How long before its end a connection is warned; as long it stays open after ``refresh_requested``."""
CONNECTION_SECONDS = 18_060
"""How long a connection lasts; ``hello`` tells it."""
SHORT_CONNECTION_SECONDS = 360
"""The same with ``debug_reconnects=true`` in the address."""
_CLOSE_SECONDS = 2.0
_MOST_BYTES = 4 * 1024 * 1024
_SWITCHED_OFF = "[WARN] Socket Mode is not turned on."


class Sockets:
    """The app's Socket Mode connections."""

    def __init__(self, app: App, clock: SlackClock, disturbances: Disturbances, faults: SocketFaults) -> None:
        self.envelopes = Envelopes(clock, self._send_to_one, disturbances)
        self.tickets = Tickets(clock, faults.spoils)
        self.faults = faults
        """What goes wrong with them."""
        self.connections: list[Connection] = []
        self.enabled = True
        """Whether Socket Mode is on; :meth:`switch` changes it."""
        self._chosen = False
        self.address = ""
        """``host:port`` where tickets lead to."""
        self.ping_seconds = PING_SECONDS
        self.most_unanswered: int | None = MOST_UNANSWERED
        """After so many pings without a word from the app a connection ends; None: never."""
        self.connection_seconds: float = CONNECTION_SECONDS
        """How long the connections last that are opened from now on."""
        self._app = app
        self._clock = clock
        self._running: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def issue_ticket(self, host: str = "") -> str:
        """Return a WebSocket URL that can be connected to once, within two minutes.

        ``host``: ``host:port`` as the caller knows this server; empty: the address that it listens on.
        """
        ticket = self.tickets.issue()
        return f"ws://{host or self.address}/link/?ticket={ticket}&app_id={self._app.app_id}"

    def offer(self, host: str = "") -> dict[str, Json]:
        """Return what ``apps.connections.open`` answers: a fresh URL.

        With Socket Mode off it is one as well, and Slack's warning that it is; nothing comes on it.
        """
        answer: dict[str, Json] = {"url": self.issue_ticket(host)}
        if not self.enabled:
            answer["response_metadata"] = {"messages": [_SWITCHED_OFF]}
        return answer

    def switch(self, enabled: bool) -> None:
        """Switch Socket Mode on or off; off, every connection is told ``link_disabled`` and closed."""
        self.enabled = self._chosen = enabled
        if enabled:
            self.envelopes.flush()
        else:
            self.faults.counts["disconnect.link_disabled"] += self.disconnect("link_disabled")

    @property
    def in_use(self) -> bool:
        """Whether Socket Mode is the way to the app, so that nothing goes to its request URLs.

        It is once the app connected or it was switched on, until it is switched off or :meth:`yield_way`.
        """
        return self.enabled and self._chosen

    def yield_way(self) -> None:
        """Have an address be the way to the app from now on, unless the app is connected."""
        self._chosen = bool(self.connections)

    def disconnect(self, reason: str) -> int:
        """Tell every open connection to go, as Slack does for that reason; return how many there are.

        ``warning``: it is refreshed ten seconds later; ``refresh_requested``: it gets nothing more and is
        closed ten seconds later; any other reason: it is closed at once.
        """
        told = tuple(self.connections)
        for connection in told:
            self._disconnect(connection, reason)
        return len(told)

    def close(self, *, abrupt: bool = False) -> int:
        """Close the open connections, properly or by breaking them off; return how many there are."""
        closed = tuple(self.connections)
        for connection in closed:
            if abrupt or connection.silent:
                connection.abort()
            else:
                connection.close()
        return len(closed)

    def reset(self) -> None:
        """Switch Socket Mode on and forget payloads; connections stay open."""
        self.envelopes.reset()
        self.faults.counts.clear()
        self.yield_way()
        self.connection_seconds = CONNECTION_SECONDS
        self.enabled = True

    async def stop(self) -> None:
        """Close everything and wait for it."""
        await asyncio.gather(*(connection.end() for connection in tuple(self._running)))
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket from upgrade to end."""
        if self.faults.refuses():
            return web.Response(status=503, text="the sandbox refuses this upgrade")
        if not self._is_socket(request):
            return web.Response(status=426, text="this address is for WebSockets")
        known = self.tickets.take(request.query.get("ticket", ""))
        if not known or request.query.get("app_id") != self._app.app_id:
            return web.Response(status=404, text="no such ticket, or it was used already")
        socket = web.WebSocketResponse(autoping=False, timeout=_CLOSE_SECONDS, max_msg_size=_MOST_BYTES)
        await socket.prepare(request)
        connection = Connection(socket, request)
        await self._run(connection, short=request.query.get("debug_reconnects") == "true")
        return socket

    @staticmethod
    def _is_socket(request: web.Request) -> bool:
        return web.WebSocketResponse().can_prepare(request).ok

    async def _run(self, connection: Connection, *, short: bool) -> None:
        self._running.add(connection)
        seconds = SHORT_CONNECTION_SECONDS if short else self.connection_seconds
        self._welcome(connection, seconds)
        writing = self._spawn(connection.write())
        reading = self._spawn(self._read(connection))
        pinging = self._spawn(connection.ping(self._clock, self.ping_seconds, self.most_unanswered))
        ageing = self._spawn(self._age(connection, seconds))
        try:
            await asyncio.wait((reading, writing, pinging), return_when=asyncio.FIRST_COMPLETED)
            if pinging.done() and not (reading.done() or writing.done()):
                await self._abandon(connection, reading)
            # The reader has to be out of the way before the close frame of the other side can be awaited.
            for task in (reading, writing, pinging, ageing):
                task.cancel()
            await asyncio.gather(reading, writing, pinging, ageing, return_exceptions=True)
            with contextlib.suppress(ConnectionError):
                await connection.socket.close(code=WSCloseCode.OK)
        finally:
            if connection in self.connections:
                self.connections.remove(connection)
            self._running.discard(connection)
            self.faults.forget(connection)
            connection.ended.set()

    def _welcome(self, connection: Connection, seconds: float) -> None:
        """Take a connection in and say hello, or turn it away when there are too many."""
        if len(self.connections) >= MOST_CONNECTIONS:
            self._disconnect(connection, "too_many_websockets")
            return
        self.connections.append(connection)
        self._chosen = True
        if self.faults.mutes(connection):
            return
        connection.send(frames.hello(self._app.app_id, len(self.connections), seconds))
        self.envelopes.flush()

    async def _abandon(self, connection: Connection, reading: asyncio.Task[None]) -> None:
        """Give up a connection whose app is not heard of: break it off, but leave a dead one as it is."""
        self.faults.counts["unanswered"] += 1
        connection.leaving = True
        if connection in self.connections:
            self.connections.remove(connection)
        if connection.dead:
            await asyncio.wait((reading,))
        connection.abort()

    async def _read(self, connection: Connection) -> None:
        async for message in connection.socket:
            if connection.silent:
                continue
            connection.unanswered = 0
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

    def _send_to_one(self, make_frame: Callable[[], str]) -> bool:
        """Give a frame to one of the open connections, drawn by chance; a silent one swallows it."""
        ready = [connection for connection in self.connections if not connection.leaving]
        if not ready or not self.enabled:
            return False
        chosen = ready[int(self._clock.random() * len(ready))]
        chosen.send(make_frame())
        if self.faults.breaks():
            chosen.break_off()
        return True

    def _disconnect(self, connection: Connection, reason: str) -> None:
        connection.send(frames.disconnect(reason))
        if reason == "warning":
            self._spawn(self._disconnect_later(connection))
        elif reason == "refresh_requested":
            connection.leaving = True
            self._spawn(self._close_later(connection))
        else:
            connection.close()

    async def _age(self, connection: Connection, seconds: float) -> None:
        await self._clock.sleep(seconds - WARNING_SECONDS)
        if not connection.leaving and not connection.silent:
            self._disconnect(connection, "warning")

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
