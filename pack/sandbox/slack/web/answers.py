"""Answers as they go over the wire: JSON with ``ok`` first, and the headers that clients read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from aiohttp import web

from pack.sandbox.slack.coding import encode
from pack.sandbox.slack.reference.facts import MethodFacts
from pack.sandbox.slack.world.grants import Grant

Json = Any

CORS: Mapping[str, str] = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "slack-route, x-slack-version-ts, x-b3-traceid, x-b3-spanid",
        "Access-Control-Expose-Headers": "x-slack-req-id, retry-after",
    }
)
"""What lets a web page call; a page has no token unless it was given one."""

_ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Pragma": "no-cache",
        "Expires": "Mon, 26 Jul 1997 05:00:00 GMT",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **CORS,
    }
)
_IN_LINES = json.JSONEncoder(allow_nan=False, indent=4)
_OFF = frozenset({"", "0", "false"})


def respond(
    body: Mapping[str, Json],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    pretty: bool = False,
) -> web.Response:
    """Return a JSON answer; ``pretty``: in lines, for people.

    Raises:
        ValueError: the body holds a number that JSON does not know.
    """
    written = _IN_LINES.encode(body).encode("ascii") if pretty else encode(body)
    more = {**_ALWAYS, "X-Slack-Req-Id": secrets.token_hex(16), **(headers or {})}
    return web.Response(body=written, status=status, headers=more)


def wants_lines(arguments: Mapping[str, Json]) -> bool:
    """Say whether the caller asked for an answer that people can read: ``pretty=1``."""
    return "pretty" in arguments and str(arguments["pretty"]).lower() not in _OFF


def with_warnings(body: dict[str, Json], warnings: Iterable[str]) -> dict[str, Json]:
    """Return the body with the method's own ``warning`` and these told in both of Slack's places."""
    own = body.pop("warning", None)
    told = [*([own] if own else []), *warnings]
    if told:
        body["warning"] = ",".join(told)
        body.setdefault("response_metadata", {})["warnings"] = told
    return body


def scope_headers(method: MethodFacts | None, grant: Grant) -> dict[str, str]:
    """Return what the token was granted, and what the method would accept."""
    headers = {"x-oauth-scopes": _listed(grant.scopes)}
    accepted = method.scopes.get(grant.kind.value) if method is not None else None
    if accepted:
        headers["x-accepted-oauth-scopes"] = ",".join(accepted)
    return headers


@lru_cache(maxsize=256)
def _listed(scopes: frozenset[str]) -> str:
    return ",".join(sorted(scopes))
