"""A peer on loopback that answers exactly what a test scripts, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from pack.contracts.ports import CommandSpec, EventSpec, PackSpec

Script = Callable[[web.Request], Awaitable[web.StreamResponse]]

PACK = PackSpec(
    name="Slack",
    labels={},
    commands=(CommandSpec("SendMessage", ("MessageSent", "SendMessageFailed"), "http://help/send"),),
    events=(EventSpec("ReceivedMessage", "http://help/received"),),
    help_url="http://help",
)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: object

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Peer:
    """Answers by request line (``GET /v1``); the last answer of a line is repeated. Anything else is 404."""

    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    _scripts: dict[str, list[Script]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        assert self._runner is not None
        return int(self._runner.addresses[0][1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [one.line for one in self.seen]

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=self.tls).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def on(self, line: str, *scripts: Script) -> None:
        self._scripts[line] = list(scripts)

    def serve_engine(self, root: str = "", *, base: str | None = None) -> None:
        """Answer as an engine whose API is below a path; ``base``: how its links begin."""
        start = self.url + root if base is None else base
        swagger = f"{start}/swagger"
        self.on(f"GET {root}/", links({f"{swagger}#!/info/v1": f"{start}/v1"}))
        self.on(
            f"GET {root}/v1",
            links(
                {
                    "self": f"{start}/v1",
                    f"{swagger}#!/info/health": f"{start}/health",
                    f"{swagger}#!/pack/listPacks": f"{start}/v1/packs",
                    f"{swagger}#!/flowAudit/findFlows": f"{start}/v1/audit/flows",
                }
            ),
        )
        self.on(f"POST {root}/v1/packs", reply(registered(start), 201))
        self.on(f"POST {root}/take", empty(204))
        self.on(f"POST {root}/events", empty(202))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        connection = request.transport.get_extra_info("peername")
        body = await request.read()
        self.seen.append(Seen(request.method, request.path_qs, request.headers, body, connection))
        scripts = self._scripts.get(f"{request.method} {request.path_qs}") or self._scripts.get(
            f"{request.method} {request.path}"
        )
        if not scripts:
            return web.Response(status=404, text="no such page")
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return await script(request)


def registered(start: str) -> dict[str, Any]:
    """What an engine answers to a registration, with the take link of a command before the pack's own."""
    swagger = f"{start}/swagger"
    own = {"href": f"{start}/take?commandName=SendMessage", "rel": f"{swagger}#!/action/takeAction"}
    return {
        "id": "Slack",
        "commands": [{"name": "SendMessage", "links": [own]}],
        "links": [
            {"href": "http://help", "rel": "help"},
            {"href": f"{start}/take", "rel": f"{swagger}#!/action/takeAction"},
            {"href": f"{start}/events", "rel": f"{swagger}#/event"},
        ],
    }


def handed_out(
    href: str, command: Any = "SendMessage", rel: str = "http://x/swagger#/actionResult", **rest: Any
) -> dict[str, Any]:
    """What an engine answers to a take."""
    return {"command": command, "links": [{"href": href, "rel": rel}], **rest}


def links(hrefs: Mapping[str, str]) -> Script:
    return reply({"links": [{"href": href, "rel": rel} for rel, href in hrefs.items()]})


def reply(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    return raw(json.dumps(document).encode(), status, headers)


def raw(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer


def empty(status: int, headers: Mapping[str, str] | None = None) -> Script:
    return raw(b"", status, headers)


def redirect(status: int, location: str) -> Script:
    return raw(b"moved", status, {"Location": location})


async def reset(request: web.Request) -> web.StreamResponse:
    """Break the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hang(request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    """Answer 200 and break off within the body."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"command":')
    assert request.transport is not None
    request.transport.close()
    return response


async def half_accepted(request: web.Request) -> web.StreamResponse:
    """Answer 202 and break off within the body."""
    response = web.StreamResponse(status=202, headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"accep")
    assert request.transport is not None
    request.transport.close()
    return response
