"""The Web API over HTTP: one address per method, answers as Slack gives them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web

from pack.sandbox.slack.calls.api import Api
from pack.sandbox.slack.calls.arguments import check_arguments
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.faults.calls import Call
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.limits.limits import Limits, RateLimited
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import Facts, MethodFacts
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.web.admission import Admission
from pack.sandbox.slack.web.answers import CORS, respond, scope_headers, wants_lines, with_warnings
from pack.sandbox.slack.web.conformity import Conformity
from pack.sandbox.slack.web.wire import Wire, read_wire
from pack.sandbox.slack.world.grants import Grant
from pack.sandbox.slack.world.world import World

logger = logging.getLogger(__name__)

Json = Any

_VERBS = ("GET", "HEAD", "POST")
_ONLY_POST = frozenset({"apps.connections.open"})

ApiOf = Callable[[Grant, str], Api]
"""Returns what a method may use, for a token and the ``host:port`` by which the caller reached the server."""


class WebApi:
    """Carries out calls: faults first, then the request's form, the token, the scopes, the arguments."""

    def __init__(self, facts: Facts, world: World, api_of: ApiOf, faults: Faults, limits: Limits) -> None:
        self.conformity = Conformity(facts, METHODS)
        self._facts = facts
        self._admission = Admission(world)
        self._api_of = api_of
        self._faults = faults
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses: ``/api/METHOD`` with any verb, and what stands there by mistake."""
        return [web.route("*", path, self.serve) for path in ("/api/{method:.*}", "/api")]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        if request.method not in _VERBS:
            return _answer_verb(request)
        name = request.match_info.get("method", "")
        method = self._facts.methods.get(name)
        wire, refusal = await self._read(request, method)
        call = Call(name, wire.arguments)

        async def answer() -> web.StreamResponse:
            return self._answer(request, name, wire, refusal)

        return await self._faults.meet(call, wire.token, request, answer)

    def _answer(self, request: web.Request, name: str, wire: Wire, refusal: Refusal | None) -> web.Response:
        method = self._facts.methods.get(name)
        status, headers = 200, {}
        try:
            if method is None:
                raise Refusal("unknown_method", req_method=name)
            body = {"ok": True, **self._call(request, method, wire, refusal)}
        except RateLimited as limited:
            status, headers, body = 429, {"Retry-After": str(limited.retry_after)}, limited.answer()
        except Refusal as refused:
            body = refused.answer()
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets an answer and a test fails
            body = self._fail(name, error)
        self.conformity.look_at(name, body)
        return self._respond(name, wire, body, status, headers)

    async def _read(self, request: web.Request, method: MethodFacts | None) -> tuple[Wire, Refusal | None]:
        try:
            return await read_wire(request, accepts_json=method is not None and method.json), None
        except Refusal as refusal:
            return Wire(None, {}, ()), refusal

    def _call(
        self, request: web.Request, method: MethodFacts, wire: Wire, refusal: Refusal | None
    ) -> dict[str, Json]:
        simulated = _find(method)
        if refusal is not None:
            raise refusal
        if method.name in _ONLY_POST and request.method != "POST":
            raise Refusal("insecure_request")
        grant = self._admission.admit(method, wire.token)
        self._limits.take(method, grant.token, wire.arguments)
        arguments = check_arguments(method, wire.arguments)
        return simulated.carry_out(self._api_of(grant, request.host), arguments)

    def _respond(
        self, name: str, wire: Wire, body: dict[str, Json], status: int, headers: dict[str, str]
    ) -> web.Response:
        grant = self._admission.find(wire.token)
        if grant is not None:
            headers |= scope_headers(self._facts.methods.get(name), grant)
        pretty = wants_lines(wire.arguments)
        try:
            return respond(with_warnings(body, wire.warnings), status=status, headers=headers, pretty=pretty)
        except ValueError as error:
            return respond(self._fail(name, error), headers=headers, pretty=pretty)

    def _fail(self, name: str, error: Exception) -> dict[str, Json]:
        """Return the answer to a call at which the simulation itself failed; the failure is kept."""
        explained = f"{type(error).__name__}: {error}"
        logger.error("the simulated Slack failed at %s", name, exc_info=error)
        self.conformity.note(name, explained)
        message = f"[ERROR] the simulation itself failed, which is a fault of its own: {explained}"
        return {"ok": False, "error": "fatal_error", "response_metadata": {"messages": [message]}}


def _find(method: MethodFacts) -> Simulated:
    """Return what carries out a method; whatever the token, the answer is clear when nothing does."""
    simulated = METHODS.get(method.name)
    if simulated is None:
        message = f"[ERROR] {method.name} is a method of Slack's that this simulation does not carry out"
        raise Refusal("not_simulated", messages=[message])
    return simulated


def _answer_verb(request: web.Request) -> web.Response:
    """Answer a verb that calls nothing: a browser's question, or one that the Web API does not know."""
    if request.method == "OPTIONS":
        return web.Response(headers={**CORS, "Access-Control-Allow-Methods": ", ".join(_VERBS)})
    message = f"[ERROR] the Web API takes GET and POST, not {request.method}"
    body = {"ok": False, "error": "method_not_allowed", "response_metadata": {"messages": [message]}}
    return respond(body, status=405, headers={"Allow": ", ".join((*_VERBS, "OPTIONS"))})
