"""The Web API over HTTP: one address per method, answers as Slack gives them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from pack.sandbox.slack.calls.api import Api, missing_scope
from pack.sandbox.slack.calls.arguments import check_arguments
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.faults.faults import Call, Faults, WrongAnswer
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import Facts, MethodFacts
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.web.wire import Wire, read_wire
from pack.sandbox.slack.world.grants import Grant, Grants, TokenKind

logger = logging.getLogger(__name__)

Json = Any

_WITHOUT_TOKEN = frozenset({"api.test"})
_ONLY_POST = frozenset({"apps.connections.open"})
_FOR_APP_LEVEL = frozenset({"api.test", "apps.connections.open", "auth.test"})

ApiOf = Callable[[Grant, str], Api]
"""Returns what a method may use, for a token and the ``host:port`` by which the caller reached the server."""


class WebApi:
    """Carries out calls: faults first, then the request's form, the token, the scopes, the arguments."""

    def __init__(
        self, facts: Facts, grants: Grants, api_of: ApiOf, faults: Faults, clock: SlackClock
    ) -> None:
        self._facts = facts
        self._grants = grants
        self._api_of = api_of
        self._faults = faults
        self._clock = clock
        self._nobody = Grant("", TokenKind.APP, "", frozenset())

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
        grant = self._authorize(method, wire.token)
        simulated = _find(method)
        arguments = check_arguments(method, wire.arguments)
        return simulated.carry_out(self._api_of(grant, request.host), arguments)

    def _authorize(self, method: MethodFacts, token: str | None) -> Grant:
        """Return what the token opens, if it opens this method."""
        grant = self._grants.find(token) if token is not None else None
        if grant is None:
            if method.name in _WITHOUT_TOKEN:
                return self._nobody
            raise Refusal("invalid_auth" if token is not None else "not_authed")
        if grant.refusal:
            raise Refusal(grant.refusal)
        if (grant.kind is TokenKind.APP) != (method.name == "apps.connections.open"):
            if method.name not in _FOR_APP_LEVEL - {"apps.connections.open"}:
                raise Refusal("not_allowed_token_type")
            return grant
        if method.scopes and grant.kind.value not in method.scopes and grant.kind is not TokenKind.APP:
            raise Refusal("not_allowed_token_type")
        accepted = method.scopes.get(grant.kind.value, ())
        if accepted and not grant.scopes.intersection(accepted):
            raise missing_scope(accepted, grant.scopes)
        return grant

    def _respond(self, method: MethodFacts | None, wire: Wire, body: dict[str, Json]) -> web.Response:
        own = body.pop("warning", None)
        warnings = [*([own] if own else []), *wire.warnings]
        if warnings:
            body["warning"] = ",".join(warnings)
            body.setdefault("response_metadata", {})["warnings"] = warnings
        headers = {"Cache-Control": "private, no-cache, no-store, must-revalidate"}
        grant = self._grants.find(wire.token) if wire.token else None
        if grant is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(grant.scopes))
            accepted = method.scopes.get(grant.kind.value, ()) if method is not None else ()
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


def _find(method: MethodFacts) -> Simulated:
    simulated = METHODS.get(method.name)
    if simulated is None:
        raise Refusal(
            "not_simulated",
            messages=[f"[ERROR] the sandbox does not simulate {method.name}"],
        )
    return simulated
