"""A server's door: closed for a while, connecting is refused; then it is open again at the same port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from pack.clock import Clock, wait_for

_BACKLOG = 128


class Door:
    """Listens at an address and makes a protocol for each connection.

    ``port`` 0: any free one; it is kept over close and open. ``hang_up`` closes the connections that wait for
    a next request: called when the door begins to refuse.
    """

    def __init__(
        self,
        host: str,
        port: int,
        accept: Callable[[], asyncio.Protocol],
        hang_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.host = host
        self.port = port
        self.connections_accepted = 0
        """TCP connections since the start."""
        self._accept = accept
        self._hang_up = hang_up
        self._servers: list[asyncio.Server] = []
        self._held: list[socket.socket] = []
        self._opening: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()

    async def open(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._servers = [await loop.create_server(self._make, self.host, self.port)]
        self.port = self._servers[0].sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, for good or until it is opened; connections that there are stay."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
            self._opening = None
        self._stop_listening()

    @property
    def is_refusing(self) -> bool:
        """Whether connecting is refused although the server runs."""
        return bool(self._held)

    def refuse(self, seconds: float | None, clock: Clock) -> None:
        """Refuse to be connected to, for so many seconds of the clock or (None) until told otherwise.

        The port stays this server's: it is bound, and nobody listens there.

        Raises:
            ValueError: it is not open.
        """
        if not self._servers and not self._held:
            raise ValueError("connections can be refused only while the server runs")
        if self._opening is not None:
            self._opening.cancel()
        listening = [*self._held, *(one for server in self._servers for one in server.sockets)]
        places = [(one.family, one.getsockname()) for one in listening]
        self._stop_listening()
        self._held = [_bind(family, name) for family, name in places]
        self._hang_up()
        self._wanted = asyncio.Event()
        self._opening = asyncio.get_running_loop().create_task(
            self._open_again(self._wanted, seconds, clock), name="sandbox-door"
        )

    def admit(self) -> None:
        """Let connections in again; whoever connects from now on is not refused."""
        for held in self._held:
            held.listen(_BACKLOG)
        self._wanted.set()

    async def _open_again(self, wanted: asyncio.Event, seconds: float | None, clock: Clock) -> None:
        if seconds is None:
            await wanted.wait()
        else:
            await wait_for(wanted, seconds, clock)
        loop = asyncio.get_running_loop()
        while self._held:
            self._servers.append(await loop.create_server(self._make, sock=self._held[0]))
            self._held.pop(0)
        self._opening = None

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        for held in self._held:
            held.close()
        self._servers, self._held = [], []

    def _make(self) -> asyncio.Protocol:
        self.connections_accepted += 1
        return self._accept()


class Connections:
    """The connections of an aiohttp server: which of them are being served, and which wait for a request."""

    def __init__(self) -> None:
        self._serving: set[asyncio.Protocol] = set()
        self._served_last: set[asyncio.Protocol] = set()

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Serve a request; a middleware for the application."""
        connection = request.protocol
        self._serving.add(connection)
        try:
            answer = await handler(request)
            if connection in self._served_last:
                answer.force_close()
            return answer
        finally:
            self._serving.discard(connection)
            self._served_last.discard(connection)

    def hang_up(self, server: web.Server | None) -> None:
        """Close the connections that wait for a next request, and the others after their answer.

        WebSockets stay as they are.
        """
        self._served_last = set(self._serving)
        for connection in server.connections if server is not None else ():
            if connection not in self._serving:
                connection.force_close()


def _bind(family: int, name: Any) -> socket.socket:
    held = socket.socket(family, socket.SOCK_STREAM)
    with contextlib.suppress(OSError):
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    held.bind(name)
    held.setblocking(False)
    return held
