"""A scripted engine on loopback: hands out the actions that a test puts in, and keeps what the pack reports.

For tests that need any input at all and exact statuses; everything else runs against the embedded engine.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Reported:
    """A result or event as it arrived."""

    name: str
    payload: Any
    action: str = ""


@dataclass
class ScriptedEngine:
    """Answers register, take, result, event and audit; ``answers`` overrides the next ones of a kind."""

    registrations: list[dict[str, Any]] = field(default_factory=list)
    results: list[Reported] = field(default_factory=list)
    events: list[Reported] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    answers: dict[str, deque[int | str]] = field(default_factory=dict)
    audit: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._actions: deque[tuple[str, str, Any]] = deque()
        self._numbers = itertools.count(1)
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> ScriptedEngine:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_get("/", self._index)
        app.router.add_post("/packs", self._register)
        app.router.add_post("/take", self._take)
        app.router.add_post("/result/{id}/result", self._result)
        app.router.add_post("/events", self._event)
        app.router.add_get("/audit", self._audit)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    # --- what a test does ---

    def put(self, command: str, given: Any, *, action: str = "") -> str:
        """Offer an action; return its id, which is a new one unless ``action`` is given."""
        number = action or f"action{next(self._numbers)}"
        self._actions.append((number, command, given))
        return number

    async def run(self, command: str, given: Any, *, seconds: float = 10) -> Reported:
        """Offer an action and wait for its result."""
        return await self.result_of(self.put(command, given), seconds=seconds)

    @property
    def left(self) -> int:
        """How many actions were not handed out yet."""
        return len(self._actions)

    async def result_of(self, action: str, *, seconds: float = 10) -> Reported:
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: any(one.action == action for one in self.results))
        return next(one for one in self.results if one.action == action)

    async def event(self, count: int = 1, *, seconds: float = 10) -> Reported:
        """Wait until that many events have come; return the last of them."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.events) >= count)
        return self.events[count - 1]

    def answer(self, kind: str, *statuses: int | str) -> None:
        """Answer the next requests of a kind so; ``"lost"``: carry out, then drop the connection."""
        self.answers.setdefault(kind, deque()).extend(statuses)

    # --- the wire ---

    def _scripted(self, kind: str) -> int | str | None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        queue = self.answers.get(kind)
        return queue.popleft() if queue else None

    async def _index(self, request: web.Request) -> web.Response:
        status = self._scripted("index")
        if status:
            return web.Response(status=int(status))
        links = [
            {"href": f"{self.url}/packs", "rel": f"{self.url}/swagger#!/pack/listPacks"},
            {"href": f"{self.url}/audit", "rel": f"{self.url}/swagger#!/flowAudit/findFlows"},
        ]
        return web.json_response({"links": links})

    async def _register(self, request: web.Request) -> web.Response:
        status = self._scripted("register")
        if status:
            return web.Response(status=int(status), text="scripted")
        self.registrations.append(await request.json())
        links = [
            {"href": f"{self.url}/take", "rel": f"{self.url}/swagger#!/action/takeAction"},
            {"href": f"{self.url}/events", "rel": f"{self.url}/swagger#/event"},
        ]
        return web.json_response({"id": "Slack", "links": links}, status=201)

    async def _take(self, request: web.Request) -> web.Response:
        status = self._scripted("take")
        if status:
            return web.Response(status=int(status))
        if not self._actions:
            return web.Response(status=204)
        number, command, given = self._actions.popleft()
        rel = f"{self.url}/swagger#/actionResult"
        body = {
            "command": command,
            "input": given,
            "links": [{"href": f"{self.url}/result/{number}/result", "rel": rel}],
        }
        return web.Response(body=json.dumps(body).encode(), content_type="application/json")

    async def _result(self, request: web.Request) -> web.StreamResponse:
        status = self._scripted("result")
        body = json.loads(await request.read())
        if isinstance(status, int):
            return web.Response(status=status, text="scripted")
        self.results.append(Reported(body["event"], body.get("payload"), request.match_info["id"]))
        return await self._taken(request, status)

    async def _event(self, request: web.Request) -> web.StreamResponse:
        status = self._scripted("event")
        body = json.loads(await request.read())
        if isinstance(status, int):
            return web.Response(status=status, text="scripted")
        self.events.append(Reported(body["event"], body.get("payload")))
        return await self._taken(request, status)

    async def _taken(self, request: web.Request, status: str | None) -> web.StreamResponse:
        async with self._arrived:
            self._arrived.notify_all()
        if status == "lost" and request.transport:
            request.transport.abort()
        return web.Response(status=202)

    async def _audit(self, request: web.Request) -> web.Response:
        status = self._scripted("audit")
        if status:
            return web.Response(status=int(status))
        return web.json_response({"flows": self.audit, "links": []})
