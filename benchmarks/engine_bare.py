"""The measure of the embedded engine: an aiohttp server that gives the same answers, always the same.

``python -m benchmarks.engine_bare`` prints its address and serves until it is ended. It reads every body to
its end, as a server has to, and then forgets it.
"""

from __future__ import annotations

import asyncio
import itertools
import json

from aiohttp import web

from benchmarks.engine_flow import COMMANDS, PACK

TAKEN = {"message": "ada: 12.000000", "channelId": "C1"}


class ConstantEngine:
    """Answers as the engine does. A take gives the flow's commands one after the other, without end."""

    def __init__(self) -> None:
        self._commands = itertools.cycle(COMMANDS)
        self._base = ""

    async def run(self) -> None:
        """Serve until the process is ended."""
        application = web.Application()
        application.router.add_post("/v1/packs", self._created)
        application.router.add_post("/v1/flows", self._created)
        application.router.add_post("/v1/packs/{pack}/events", self._accepted)
        application.router.add_post("/v1/packs/{pack}/actions/take", self._take)
        application.router.add_post("/v1/packs/{pack}/actions/{action}/result", self._accepted)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self._base = f"http://{host}:{port}"
        print(self._base, flush=True)
        await asyncio.Event().wait()

    async def _created(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=201)

    async def _accepted(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=202)

    async def _take(self, request: web.Request) -> web.Response:
        href = f"{self._base}/v1/packs/{PACK}/actions/6b015d90dcb531c6da240ad9/result"
        links = [{"href": href, "rel": f"{self._base}/swagger#/actionResult"}]
        action = {"command": next(self._commands), "input": TAKEN, "links": links}
        return web.Response(body=json.dumps(action).encode(), content_type="application/json")


if __name__ == "__main__":
    asyncio.run(ConstantEngine().run())
