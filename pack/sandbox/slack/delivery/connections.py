"""One WebSocket of the app: what is sent on it, its pings, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import Transport
from typing import Any

from aiohttp import web

from pack.sandbox.slack.timing import SlackClock

MOST_UNANSWERED = 4
"""After so many pings without a word from the app its connection is given up."""
_MOST_UNREAD = 20_000
_STOP_SECONDS = 0.5
_CLOSE = object()
_ABORT = object()


class Connection:
    """One WebSocket of the app."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.silent = False
        """True: nothing is sent any more, not even answers to pings; what comes in is not looked at."""
        self.dead = False
        """True: silent, and what comes in is not even read, as when the network between is gone."""
        self.leaving = False
        """True: it gets no further payloads."""
        self.unanswered = 0
        """Pings sent since the app was last heard of."""
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

    def break_off(self) -> None:
        """Break it off without a word once everything is sent."""
        self.leaving = True
        self._outbox.put_nowait(_ABORT)

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

    def die(self) -> None:
        """Leave it open and take nothing in, as if the network were gone: no FIN, no RST, no answer."""
        self.silent = self.dead = True
        if isinstance(self._request.transport, Transport):
            self._request.transport.pause_reading()

    async def write(self) -> None:
        """Send what there is to send, until it is to be closed."""
        while (item := await self._outbox.get()) is not _CLOSE:
            if item is _ABORT:
                self.abort()
            elif not self.silent:
                await self.socket.send_str(item)

    async def ping(self, clock: SlackClock, seconds: float, most_unanswered: int | None) -> None:
        """Send pings until the app has answered none of so many (None: it need not); it is heard no more.

        ``seconds`` are the machine's, at any speed: clients wait for pings by their own clocks.
        """
        while True:
            await clock.sleep(seconds * clock.speed)
            if most_unanswered is not None and self.unanswered >= most_unanswered:
                return
            if self.dead:
                self.unanswered += 1
            elif not self.silent:
                self.unanswered += 1
                await self.socket.ping(b"Ping from the sandbox")
