"""An app's own server, which answers Slack's requests as a test tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class AppServer:
    """Takes every request; the challenge is answered, everything else by ``answer`` or ``answers``."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[web.Response] = []
        self.status = 200
        self.hang = 0
        self.url = ""
        self.challenge = True
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        self.released = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.challenge and b'"url_verification"' in body:
            return web.Response(text=json.loads(body)["challenge"])
        if self.answer is not None:
            return await self.answer(request)
        self.requests.append((dict(request.headers), body))
        self.paths.append(request.path)
        if self.hang > 0:
            self.hang -= 1
            await self.released.wait()
        return self.answers.pop(0) if self.answers else web.Response(status=self.status)

    def events(self) -> list[dict[str, Any]]:
        """Return the wrapped events that came."""
        return [json.loads(body) for _, body in self.requests]

    async def until(self, count: int) -> None:
        for _ in range(500):
            if len(self.requests) >= count:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{len(self.requests)} of {count} requests came")


@asynccontextmanager
async def serve_app() -> AsyncIterator[AppServer]:
    """Serve an app on loopback, at ``/slack`` and everywhere below."""
    serving = AppServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", serving.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    serving.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack"
    try:
        yield serving
    finally:
        serving.released.set()
        await runner.cleanup()
