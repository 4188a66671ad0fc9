"""How a request can fail: what its caller sees, and whether what it asked for was done."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeGuard

from aiohttp import web

from pack.clock import Clock

Garbage = Literal["html", "text", "empty", "json"]
"""``html``: the page of a proxy; ``json``: a JSON value that is no object."""
_GARBAGE: dict[str, tuple[str, bytes]] = {
    "html": (
        "text/html; charset=utf-8",
        b"<!DOCTYPE html>\n<html><head><title>Server Error</title></head>"
        b"<body><h1>It is not you, it is us</h1></body></html>\n",
    ),
    "text": ("text/plain; charset=utf-8", b"upstream connect error or disconnect/reset before headers"),
    "empty": ("", b""),
    "json": ("application/json; charset=utf-8", b"null"),
}
_CALLER_LOOKED_FOR_SECONDS = 1.0
_MISSING_BYTES = 512


@dataclass(frozen=True, slots=True)
class Encounter:
    """A request that meets a failure."""

    request: web.Request
    carry_out: Callable[[], Awaitable[web.StreamResponse]]
    """Does what was asked, and returns the answer to it."""
    clock: Clock
    released: asyncio.Event
    """Set when nobody may be kept waiting any longer."""


class Failure(ABC):
    """One way to fail."""

    @abstractmethod
    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        """Let the request fail."""


@dataclass(frozen=True, slots=True)
class WrongAnswer(Failure):
    """Another answer in place of the right one; ``after``: what was asked was done all the same."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False

    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        """Answer wrongly."""
        if self.after:
            await encounter.carry_out()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


def is_failure(what: object) -> TypeGuard[Failure]:
    """Tell whether something is a way to fail."""
    return isinstance(what, Failure)


def garbage(kind: Garbage, status: int, *, after: bool = False) -> WrongAnswer:
    """Return an answer that is not what an API says: a page, a text, nothing at all.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in _GARBAGE:
        raise ValueError(f"body has to be one of {', '.join(_GARBAGE)}")
    content_type, body = _GARBAGE[kind]
    return WrongAnswer(status, body, {"Content-Type": content_type} if content_type else {}, after)


@dataclass(frozen=True, slots=True)
class Drop(Failure):
    """The connection breaks; ``after``: when what was asked was done."""

    after: bool

    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        """Break the connection."""
        if self.after:
            await encounter.carry_out()
        return break_off(encounter.request)


@dataclass(frozen=True, slots=True)
class Silence(Failure):
    """No answer ever comes, and the connection stays open until the caller goes.

    ``after``: what was asked was done at once. ``lands_after``: it is done so many seconds later, whether or
    not the caller is still there.
    """

    after: bool = False
    lands_after: float | None = None

    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        """Leave the caller waiting."""
        if self.lands_after is not None:
            await encounter.clock.sleep(self.lands_after)
        if self.after or self.lands_after is not None:
            await encounter.carry_out()
        await _keep_waiting(encounter)
        return break_off(encounter.request)


@dataclass(frozen=True, slots=True)
class Cut(Failure):
    """Half of the right answer; what was asked was done.

    ``promised``: the headers promise more than comes before the connection closes; otherwise the answer is
    complete as HTTP, and its body ends in the middle of the JSON.
    """

    promised: bool

    async def befall(self, encounter: Encounter) -> web.StreamResponse:
        """Answer by half."""
        whole = await encounter.carry_out()
        body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
        half = body[: len(body) // 2]
        if not self.promised:
            headers = {"Content-Type": whole.headers.get("Content-Type", "application/json")}
            return web.Response(status=whole.status, body=half, headers=headers)
        answer = web.StreamResponse(status=whole.status, headers=whole.headers)
        answer.content_length = max(len(body), len(half) + _MISSING_BYTES)
        answer.force_close()
        with contextlib.suppress(ConnectionError):
            await answer.prepare(encounter.request)
            await answer.write(half)
        if encounter.request.transport is not None:
            encounter.request.transport.close()
        return answer


def break_off(request: web.Request) -> web.StreamResponse:
    """Break the caller's connection: no answer will come."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _keep_waiting(encounter: Encounter) -> None:
    """Return when the caller has gone or may not be kept waiting any longer."""
    while encounter.request.transport is not None and not encounter.request.transport.is_closing():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(encounter.released.wait(), _CALLER_LOOKED_FOR_SECONDS)
            return
