"""A bare client of the simulated Slack, strict about what comes back."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.reference.facts import load_facts


class Caller:
    """Calls methods; every refusal has to carry a code that Slack's reference allows for the method."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
        self.slack = slack
        self.session = session
        self.facts = load_facts()
        self.headers: dict[str, str] = {}

    async def __call__(self, method: str, token: str | None = "bot", **arguments: Any) -> dict[str, Any]:
        tokens = {"bot": self.slack.bot_token, "app": self.slack.app_token}
        given = tokens.get(token or "", token)
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        form = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()
        }
        async with self.session.post(self.slack.api_url + method, data=form, headers=headers) as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "application/json; charset=utf-8"
            self.headers = dict(response.headers)
            answer = await response.json()
        self.check(method, answer)
        return answer

    def check(self, method: str, answer: dict[str, Any]) -> None:
        if answer["ok"]:
            return
        code = answer.get("error")
        if code is not None and method in self.facts.methods and method != "api.test":
            assert code in self.facts.known_codes(method), f"{method} never answers {code}"

    async def ok(self, method: str, **arguments: Any) -> dict[str, Any]:
        answer = await self(method, **arguments)
        assert answer["ok"], answer
        return answer

    async def error(self, method: str, **arguments: Any) -> str:
        answer = await self(method, **arguments)
        assert not answer["ok"], answer
        return answer["error"]


class Socket:
    """The app's end of a Socket Mode connection, driven by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> dict[str, Any]:
        """Return the next text frame; pings are passed over."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 5)
            if message.type is aiohttp.WSMsgType.TEXT:
                return json.loads(message.data)
            assert message.type in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG), message

    async def closed(self) -> int | None:
        """Wait for the close frame, passing over everything else, and return its code."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 5)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return self.socket.close_code

    async def nothing(self, seconds: float = 0.05) -> None:
        """Fail when any frame comes within this time."""
        try:
            message = await asyncio.wait_for(self.socket.receive(), seconds)
        except TimeoutError:
            return
        raise AssertionError(f"unexpected: {message}")

    async def acknowledge(self, frame: dict[str, Any], **payload: Any) -> None:
        answer = {"envelope_id": frame["envelope_id"], **({"payload": payload} if payload else {})}
        await self.socket.send_str(json.dumps(answer))

    async def event(self) -> dict[str, Any]:
        """Receive an event, acknowledge it, and return the inner event."""
        frame = await self.frame()
        assert frame["type"] == "events_api", frame
        await self.acknowledge(frame)
        return frame["payload"]["event"]
