"""The Web API over HTTP: one address per method, answers as Slack gives them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from aiohttp import web

from pack.clock import Clock
from pack.sandbox.slack import (
    methods_auth,
    methods_channels,
    methods_chat,
    methods_conversations,
    methods_membership,
    methods_reactions,
    methods_users,
)
from pack.sandbox.slack.arguments import check_arguments
from pack.sandbox.slack.facts import Facts, MethodFacts
from pack.sandbox.slack.faults import Call, Faults, WrongAnswer
from pack.sandbox.slack.methods import Api, Method, missing_scope
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.wire import Wire, read_wire

logger = logging.getLogger(__name__)

Json = Any

APP_SCOPES = ("connections:write",)
BOT_METHODS: Mapping[str, Method] = MappingProxyType(
    {
        **methods_auth.METHODS,
        **methods_channels.METHODS,
        **methods_chat.METHODS,
        **methods_conversations.METHODS,
        **methods_membership.METHODS,
        **methods_reactions.METHODS,
        **methods_users.METHODS,
    }
)
"""What the bot's token can call."""
_WITHOUT_TOKEN = frozenset({"api.test"})
_ONLY_POST = frozenset({"apps.connections.open"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that the simulator accepts."""

    bot: str
    app: str


class WebApi:
    """Carries out calls: faults first, then the request's form, the token, the scopes, the arguments."""

    def __init__(self, facts: Facts, tokens: Tokens, api: Api, faults: Faults, clock: Clock) -> None:
        self._facts = facts
        self._tokens = tokens
        self._api = api
        self._faults = faults
        self._clock = clock

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        method = self._facts.methods.get(name)
        wire, refusal = await self._read(request, method)
        call = Call(name, wire.arguments)
        self._faults.calls.append(call)
        plan = self._faults.plan(call)
        if plan.seconds > 0:
            await self._clock.sleep(plan.seconds)
        if plan.drop_before:
            return _break_off(request)
        if plan.answer is not None:
            return _wrong_answer(plan.answer)
        try:
            if method is None:
                raise Refusal("unknown_method", req_method=name)
            if refusal is not None:
                raise refusal
            body = {"ok": True, **self._call(request, method, wire)}
        except Refusal as refused:
            body = refused.answer()
        if plan.drop_after:
            return _break_off(request)
        return self._respond(method, wire, body)

    async def _read(self, request: web.Request, method: MethodFacts | None) -> tuple[Wire, Refusal | None]:
        try:
            return await read_wire(request, accepts_json=method is not None and method.json), None
        except Refusal as refusal:
            return Wire(None, {}, ()), refusal

    def _call(self, request: web.Request, method: MethodFacts, wire: Wire) -> dict[str, Json]:
        if method.name in _ONLY_POST and request.method != "POST":
            raise Refusal("insecure_request")
        carry_out = self._choose(method, wire.token)
        arguments = check_arguments(method, wire.arguments)
        api = replace(self._api, host=request.host) if method.name == "apps.connections.open" else self._api
        return carry_out(api, arguments)

    def _choose(self, method: MethodFacts, token: str | None) -> Method:
        """Find what carries out a method for this token."""
        if token is None:
            if method.name in _WITHOUT_TOKEN:
                return BOT_METHODS[method.name]
            raise Refusal("not_authed")
        if token == self._tokens.app:
            chosen = methods_auth.APP_METHODS.get(method.name)
            if chosen is None:
                raise Refusal("not_allowed_token_type")
            return chosen
        if token != self._tokens.bot:
            if method.name in _WITHOUT_TOKEN:
                return BOT_METHODS[method.name]
            raise Refusal("invalid_auth")
        return self._choose_for_bot(method)

    def _choose_for_bot(self, method: MethodFacts) -> Method:
        only_others = bool(method.scopes) and "bot" not in method.scopes
        if only_others or method.name == "apps.connections.open":
            raise Refusal("not_allowed_token_type")
        accepted = method.scopes.get("bot", ())
        if accepted and not self._api.scopes.intersection(accepted):
            raise missing_scope(accepted, self._api.scopes)
        chosen = BOT_METHODS.get(method.name)
        if chosen is None:
            raise Refusal(
                "not_implemented_in_sandbox",
                messages=[f"[ERROR] the sandbox does not simulate {method.name}"],
            )
        return chosen

    def _respond(self, method: MethodFacts | None, wire: Wire, body: dict[str, Json]) -> web.Response:
        own = body.pop("warning", None)
        warnings = [*([own] if own else []), *wire.warnings]
        if warnings:
            body["warning"] = ",".join(warnings)
            body.setdefault("response_metadata", {})["warnings"] = warnings
        headers = {"Cache-Control": "private, no-cache, no-store, must-revalidate"}
        if wire.token in (self._tokens.bot, self._tokens.app):
            granted = sorted(self._api.scopes) if wire.token == self._tokens.bot else APP_SCOPES
            headers["x-oauth-scopes"] = ",".join(granted)
            accepted = method.scopes.get("bot", ()) if method is not None else ()
            if accepted:
                headers["x-accepted-oauth-scopes"] = ",".join(accepted)
        return _json_answer(body, headers=headers)


def _json_answer(
    body: dict[str, Json], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    # Escaped to ASCII: a text with half of a surrogate pair cannot be encoded in any other way.
    return web.Response(
        body=json.dumps(body).encode("ascii"),
        status=status,
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
    )


def _wrong_answer(wrong: WrongAnswer) -> web.Response:
    headers = {}
    if wrong.retry_after is not None:
        headers["Retry-After"] = f"{wrong.retry_after:g}"
    if wrong.error is None:
        return web.Response(status=wrong.status, text="the sandbox was told to fail", headers=headers)
    return _json_answer(
        {"ok": False, "error": wrong.error, **wrong.details}, status=wrong.status, headers=headers
    )


def _break_off(request: web.Request) -> web.StreamResponse:
    """Break the caller's connection: no answer will come."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def implemented(facts: Facts) -> Iterable[str]:
    """Return the names of the methods that the sandbox carries out."""
    named = {*BOT_METHODS, *methods_auth.APP_METHODS}
    return sorted(name for name in named if name in facts.methods)
