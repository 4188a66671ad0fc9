"""A client that posts as fast as it is answered: hardly more than bytes, so that it is not what limits."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from benchmarks.processes import Unfinished

CONNECTIONS = 8
"""How many requests are under way at a time."""
TEXT = "message"
"""How the text of every message begins."""
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"
_OK = re.compile(rb'\{"ok": ?true')


class Posts:
    """The requests of ``chat.postMessage`` to one Slack, one after the other."""

    def __init__(self, api_url: str, token: str, channels: list[str], messages: int) -> None:
        self.address = urlsplit(api_url)
        self._token = token
        self._messages = zip(range(messages), itertools.cycle(channels))

    def __iter__(self) -> Iterator[bytes]:
        path = f"{self.address.path}chat.postMessage"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.address.netloc}\r\nAuthorization: Bearer {self._token}\r\n"
            "Content-Type: application/json; charset=utf-8\r\nContent-Length: "
        )
        for number, channel in self._messages:
            body = json.dumps({"channel": channel, "text": f"{TEXT} {number}"})
            yield f"{head}{len(body)}\r\n\r\n{body}".encode()


class Connection(asyncio.Protocol):
    """Sends requests over one connection, each as soon as the one before is answered."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._send_next()

    def data_received(self, data: bytes) -> None:
        """Take what came; when an answer is there in full, send the next request."""
        self._received += data
        answer = self._take_answer()
        if answer is None or self.finished.done():
            return
        if not _OK.search(answer):
            self.finished.set_exception(
                Unfinished(f"a message was refused: {answer.decode(errors='replace')}")
            )
            return
        self._send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up: nobody but the server closes it before everything is sent."""
        if not self.finished.done():
            self.finished.set_exception(Unfinished(f"the connection was closed: {exc}"))

    def _take_answer(self) -> bytes | None:
        head, found, body = self._received.partition(_HEAD_ENDS)
        if not found:
            return None
        length = int(head.lower().partition(_LENGTH)[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return None
        self._received = body[length:]
        return head + body[:length]

    def _send_next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is not None:
            self._transport.write(request)
            return
        self.finished.set_result(None)
        self._transport.close()


async def post_all(posts: Posts) -> None:
    """Post everything over :data:`CONNECTIONS` connections.

    Raises:
        Unfinished: something was refused, or a connection broke.
    """
    loop, requests = asyncio.get_running_loop(), iter(posts)
    host, port = posts.address.hostname or "", posts.address.port or 0
    opened = [
        await loop.create_connection(lambda: Connection(requests), host, port) for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(connection.finished for _, connection in opened))
