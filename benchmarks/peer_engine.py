"""A flow engine that does nothing but hand out actions and note what comes back, as fast as it can."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from aiohttp import web

from benchmarks.record import Record, now

Body = dict[str, Any]


class EnginePeer:
    """Answers the requests of a pack; ``url`` is where it listens, set when that is known."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._actions: deque[tuple[str, Body]] = deque()
        self.url = ""

    def offer(self, actions: list[Body]) -> None:
        """Let actions be taken: ``{"number": …, "command": …, "input": …}`` each."""
        for action in actions:
            number = str(action["number"])
            self._actions.append((number, {"command": action["command"], "input": action["input"]}))
            self._record.offered[number] = now()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        kind, _, rest = request.path.strip("/").partition("/")
        self._record.engine_requests[kind or "index"] += 1
        match kind:
            case "take":
                return self._take()
            case "result":
                return self._finish(rest, await request.read())
            case "events":
                return self._told(await request.read())
            case "packs":
                return self._register(await request.json())
            case "audit":
                return _json({"flows": []})
            case "":
                links = (("packs", "!/pack/listPacks"), ("audit", "!/audit/findFlows"))
                return _json({"links": [self._link(*link) for link in links]})
        return web.Response(status=404)

    def _link(self, path: str, rel: str) -> Body:
        return {"href": f"{self.url}/{path}", "rel": f"{self.url}/swagger#{rel}"}

    def _register(self, pack: Body) -> web.Response:
        self._record.registered = self._record.registered or now()
        links = [self._link("take", "!/action/takeAction"), self._link("events", "/event")]
        return _json(pack | {"links": links}, status=201)

    def _take(self) -> web.Response:
        self._record.take_asked = self._record.take_asked or now()
        if not self._actions:
            return web.Response(status=204)
        number, action = self._actions.popleft()
        self._record.taken[number] = now()
        return _json(action | {"links": [self._link(f"result/{number}", "/actionResult")]})

    def _finish(self, number: str, body: bytes) -> web.Response:
        self._record.results[number] = now()
        if (name := json.loads(body)["event"]) != "MessageSent":
            self._record.failed.append(f"{number}: {name}")
        return web.Response(status=202)

    def _told(self, body: bytes) -> web.Response:
        at = now()
        self._record.told.setdefault(json.loads(body)["payload"]["timestamp"], at)
        return web.Response(status=202)


def _json(document: Body, status: int = 200) -> web.Response:
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
