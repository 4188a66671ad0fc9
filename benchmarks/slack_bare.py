"""The measure of the simulated Slack: an aiohttp server that answers every call alike and keeps nothing.

``python -m benchmarks.slack_bare`` prints its addresses as one line of JSON and serves until it is ended.
Each message that is posted is sent to the open socket in an envelope; what comes back is read and forgotten.
"""

from __future__ import annotations

import asyncio
import itertools
import json

from aiohttp import web

CHANNEL = "C0BENCHMARK"


class EchoingSlack:
    """Answers with what was posted."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._sockets: list[web.WebSocketResponse] = []
        self._address = ""

    async def run(self) -> None:
        """Serve until the process is ended."""
        application = web.Application()
        application.router.add_post("/api/apps.connections.open", self._open)
        application.router.add_post("/api/chat.postMessage", self._post)
        application.router.add_get("/link/", self._connect)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self._address = f"{host}:{port}"
        addresses = {"slackApiUrl": f"http://{self._address}/api/", "botToken": "x", "appToken": "x"}
        print(json.dumps(addresses), flush=True)
        await asyncio.Event().wait()

    async def _open(self, request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True, "url": f"ws://{self._address}/link/"})

    async def _post(self, request: web.Request) -> web.Response:
        posted = await request.json()
        timestamp = f"1700000000.{next(self._numbers):06}"
        event = {"type": "message", "channel": posted["channel"], "text": posted["text"], "ts": timestamp}
        for socket in self._sockets:
            envelope = {"type": "events_api", "envelope_id": timestamp, "payload": {"event": event}}
            await socket.send_str(json.dumps(envelope))
        return web.json_response(
            {"ok": True, "channel": posted["channel"], "ts": timestamp, "message": event}
        )

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_str(json.dumps({"type": "hello"}))
        async for frame in socket:
            json.loads(frame.data)
        self._sockets.remove(socket)
        return socket


if __name__ == "__main__":
    asyncio.run(EchoingSlack().run())
