"""The sandbox's own addresses: other processes take part, break things and watch."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from pack.sandbox.slack.control.actions import Body, ControlAction, ControlView, Simulation
from pack.sandbox.slack.control.hosts import is_loopback, is_public_name
from pack.sandbox.slack.control.registry import ACTIONS, VIEWS
from pack.sandbox.slack.delivery.http_delivery import VerificationFailed
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.trouble.requests import explain_invalid

Json = Any

_RECENT = 50


class Control:
    """Serves ``/sandbox/…``: JSON in and out, ``{"ok": false, "error": …, "message": …}`` when refused.

    Requests that a foreign web page makes are refused, so a browser cannot be used against a sandbox; a page
    whose name was made to lead here (DNS rebinding) too.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        routes = [
            *(web.post(f"/sandbox/{action.name}", self._post(action)) for action in ACTIONS),
            *(web.get(f"/sandbox/{view.name}", self._get(view)) for view in VIEWS),
            web.post("/sandbox/events-url", self._set_events_url),
            web.get("/sandbox/state", self._state),
            web.get("/sandbox/feed", self._watch),
        ]
        return [web.route(one.method, one.path, self._guard(one.handler)) for one in routes]

    def _guard(self, handler: Any) -> Handler:
        """Let nobody in who came by a name of the public DNS, which a web page can give to this machine."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if is_loopback(self._simulation.url) and is_public_name(request.host):
                message = f"{request.host} is no name of this machine: use {self._simulation.url}"
                return _refuse("forbidden_host", message, status=403)
            answer: web.StreamResponse = await handler(request)
            return answer

        return guarded

    def _post(self, action: ControlAction[Any]) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            given = await self._read(request)
            if isinstance(given, web.Response):
                return given
            try:
                body = action.body.model_validate(dict(given))
                self._refuse_deactivated(body)
                result = action.act(self._simulation, body)
                answer = await result if inspect.isawaitable(result) else result
                return web.json_response({"ok": True, **answer})
            except Refusal as refusal:
                why = "; ".join(refusal.messages) or refusal.code
                return _refuse(refusal.code, f"the workspace refuses this: {why}")
            except ValidationError as error:
                return _refuse("invalid_arguments", explain_invalid(error))
            except (TypeError, ValueError, KeyError) as error:
                return _refuse("invalid_arguments", str(error))

        return handle

    def _refuse_deactivated(self, body: Body) -> None:
        for field in body.actors:
            who = getattr(body, field, None)
            if who is not None and self._simulation.world.workspace.user(who).deleted:
                raise Refusal("user_is_deactivated")

    def _get(self, view: ControlView) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return web.json_response({"ok": True, **view.show(self._simulation)})

        return handle

    async def _read(self, request: web.Request) -> Mapping[str, Json] | web.Response:
        origin = request.headers.get("Origin")
        if origin is not None and origin != self._simulation.url:
            return _refuse("forbidden_origin", "this address is not for other web pages", status=403)
        try:
            body = json.loads(await request.read())
        except (ValueError, RecursionError):
            return _refuse("invalid_json", "the body has to be a JSON object")
        if not isinstance(body, dict):
            return _refuse("invalid_json", "the body has to be a JSON object")
        return body

    async def _set_events_url(self, request: web.Request) -> web.StreamResponse:
        body = await self._read(request)
        if isinstance(body, web.Response):
            return body
        url = body.get("url")
        if url is None:
            self._simulation.http_delivery.unsubscribe()
            return web.json_response({"ok": True})
        try:
            await self._simulation.http_delivery.subscribe(str(url))
            self._simulation.sockets.yield_way()
        except VerificationFailed as error:
            return _refuse("url_verification_failed", str(error))
        return web.json_response({"ok": True})

    async def _state(self, request: web.Request) -> web.StreamResponse:
        workspace = self._simulation.world.workspace
        faults = self._simulation.faults
        state = {
            "ok": True,
            "botUserId": workspace.app.bot_user_id,
            "users": [user.as_json() for user in workspace.users.values()],
            "channels": [self._channel_state(channel) for channel in workspace.channels.values()],
            "openSockets": faults.open_sockets,
            "eventsUrl": self._simulation.http_delivery.url,
            "eventsEnabled": not self._simulation.http_delivery.disabled,
            "unacknowledged": len(faults.unacknowledged),
        }
        return web.json_response(state)

    def _channel_state(self, channel: Channel) -> dict[str, Json]:
        recent = list(channel.timeline)[-_RECENT:]
        return {
            **channel.as_json(self._simulation.world.workspace.app.bot_user_id, num_members=True),
            "kind": channel.kind.value,
            "members": list(channel.members),
            "messages": [message.as_json(metadata=True) for message in recent],
        }

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        """Stream the feed as JSON lines, until the watcher goes or the sandbox stops."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson; charset=utf-8"})
        subscription = self._simulation.feed.subscribe()
        try:
            await response.prepare(request)
            async for line in subscription:
                await response.write(json.dumps(line).encode() + b"\n")
        except ConnectionError:
            pass
        finally:
            self._simulation.feed.unsubscribe(subscription)
        return response


def _refuse(code: str, message: str, *, status: int = 400) -> web.Response:
    return web.json_response({"ok": False, "error": code, "message": message}, status=status)
