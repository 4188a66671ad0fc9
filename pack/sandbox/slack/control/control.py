"""The sandbox's own addresses: other processes say, react, invite, break things and watch."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from aiohttp import web

from pack.sandbox.slack.delivery.http_delivery import HttpDelivery, VerificationFailed
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.feed import Feed
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.speech import speak
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

_RECENT = 50
_FAULTS = frozenset(
    {
        "answer",
        "clear",
        "close_sockets",
        "delay",
        "disconnect",
        "drop",
        "go_silent",
        "latency",
        "limit",
        "refuse_tickets",
        "refuse_upgrade",
        "repeat_events",
    }
)


class Simulation(Protocol):
    """What the control addresses work on."""

    workspace: Workspace
    faults: Faults
    feed: Feed
    http_delivery: HttpDelivery

    @property
    def url(self) -> str:
        """The address of the simulation."""
        ...


class Control:
    """Serves ``/sandbox/…``: JSON in and out, ``{"ok": false, "error": …, "message": …}`` when refused.

    Requests that a foreign web page makes are refused, so a browser cannot be used against a sandbox.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        changing: dict[str, Callable[[Mapping[str, Json]], dict[str, Json]]] = {
            "say": self._say,
            "react": self._react,
            "invite": self._invite,
            "kick": self._kick,
            "faults": self._set_fault,
        }
        return [
            *(web.post(f"/sandbox/{name}", self._post(act)) for name, act in changing.items()),
            web.post("/sandbox/events-url", self._set_events_url),
            web.get("/sandbox/state", self._state),
            web.get("/sandbox/feed", self._watch),
        ]

    def _post(self, act: Callable[[Mapping[str, Json]], dict[str, Json]]) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await self._read(request)
            if isinstance(body, web.Response):
                return body
            try:
                return web.json_response({"ok": True, **act(body)})
            except Refusal as refusal:
                return _refuse(refusal.code, f"the workspace refuses this: {refusal.code}")
            except (TypeError, ValueError, KeyError) as error:
                return _refuse("invalid_arguments", str(error))

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
        return MappingProxyType(body)

    def _say(self, body: Mapping[str, Json]) -> dict[str, Json]:
        given = _texts(body, required=("channel", "text"), optional=("user", "thread_ts", "subtype"))
        message = speak(
            self._simulation.workspace,
            given["channel"],
            given["text"],
            user=given.get("user"),
            thread_ts=given.get("thread_ts"),
            subtype=given.get("subtype"),
        )
        return {"ts": message.ts, "channel": message.channel}

    def _react(self, body: Mapping[str, Json]) -> dict[str, Json]:
        given = _texts(body, required=("channel", "ts", "name"), optional=("user",))
        self._simulation.workspace.react(given["channel"], given["ts"], given["name"], user=given.get("user"))
        return {}

    def _invite(self, body: Mapping[str, Json]) -> dict[str, Json]:
        given = _texts(body, required=("channel",), optional=("user", "by"))
        workspace = self._simulation.workspace
        user = given.get("user") or workspace.app.bot_user_id
        inviter = given.get("by") or workspace.people()[0]
        return {"changed": workspace.join(given["channel"], user, inviter=inviter)}

    def _kick(self, body: Mapping[str, Json]) -> dict[str, Json]:
        given = _texts(body, required=("channel",), optional=("user", "by"))
        workspace = self._simulation.workspace
        user = given.get("user") or workspace.app.bot_user_id
        remover = given.get("by") or workspace.people()[0]
        return {"changed": workspace.leave(given["channel"], user, by=remover)}

    def _set_fault(self, body: Mapping[str, Json]) -> dict[str, Json]:
        """Call one method of ``Faults``: ``{"fault": NAME, …its arguments}``."""
        name = body.get("fault")
        if not isinstance(name, str) or name not in _FAULTS:
            raise ValueError(f"fault has to be one of {', '.join(sorted(_FAULTS))}")
        act = getattr(self._simulation.faults, name)
        arguments = {key: value for key, value in body.items() if key != "fault"}
        for key, value in arguments.items():
            _check_type(inspect.signature(act), key, value)
        act(**arguments)
        return {}

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
        except VerificationFailed as error:
            return _refuse("url_verification_failed", str(error))
        return web.json_response({"ok": True})

    async def _state(self, request: web.Request) -> web.StreamResponse:
        workspace = self._simulation.workspace
        faults = self._simulation.faults
        state = {
            "ok": True,
            "botUserId": workspace.app.bot_user_id,
            "users": [user.as_json() for user in workspace.users.values()],
            "channels": [self._channel_state(channel) for channel in workspace.channels.values()],
            "openSockets": faults.open_sockets,
            "eventsUrl": self._simulation.http_delivery.url,
            "unacknowledged": len(faults.unacknowledged),
        }
        return web.json_response(state)

    def _channel_state(self, channel: Channel) -> dict[str, Json]:
        recent = list(channel.timeline)[-_RECENT:]
        return {
            **channel.as_json(self._simulation.workspace.app.bot_user_id, num_members=True),
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


def _texts(
    body: Mapping[str, Json], *, required: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, str]:
    """Return the fields that were given.

    Raises:
        ValueError: one is missing, unknown or no text.
    """
    given = {name: value for name, value in body.items() if value is not None}
    missing = [name for name in required if name not in given]
    unknown = [name for name in given if name not in (*required, *optional)]
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if missing or unknown or wrong:
        parts = [("missing", missing), ("unknown", unknown), ("not a text", wrong)]
        raise ValueError("; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names))
    return given


def _check_type(signature: inspect.Signature, name: str, value: Json) -> None:
    """Refuse a fault's argument whose value could only fail later, when the fault is due."""
    parameter = signature.parameters.get(name)
    if parameter is None:
        return
    annotation = str(parameter.annotation)
    accepted: tuple[type, ...] = ()
    if "str" in annotation:
        accepted += (str,)
    if "bool" in annotation:
        accepted += (bool,)
    if "int" in annotation or "float" in annotation:
        accepted += (int,)
    if "float" in annotation:
        accepted += (float,)
    if value is None and "None" in annotation:
        return
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        raise ValueError(f"{name} has to be {annotation}")
    if isinstance(value, (int, float)) and not 0 <= value < math.inf:
        raise ValueError(f"{name} has to be zero or more")
