"""The ``response_url`` addresses of this server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from pack.sandbox.slack.interaction.responding import Responding
from pack.sandbox.slack.interaction.response_urls import ResponseUrls
from pack.sandbox.slack.refusal import Refusal

Json = Any

_STATUS: Mapping[str, int] = MappingProxyType(
    {
        "invalid_url": 404,
        "expired_url": 404,
        "used_url": 404,
        "channel_not_found": 404,
        "message_not_found": 404,
        "is_archived": 410,
    }
)
"""What is not here is answered with 400."""
_DOCUMENTS = ("attachments", "blocks")
ORIGINS = ("actions", "commands", "app")


class ResponseAddresses:
    """Takes what the app posts to a ``response_url``."""

    def __init__(self, urls: ResponseUrls, responding: Responding) -> None:
        self._urls = urls
        self._responding = responding

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [web.post(f"/{origin}/{{team}}/{{number}}/{{secret}}", self.serve) for origin in ORIGINS]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: ``ok`` after a slash command, else ``{"ok": true}``."""
        try:
            opening = self._urls.find(request.path)
            self._responding.carry_out(opening, _read(await request.read()))
        except Refusal as refusal:
            return web.json_response(refusal.answer(), status=_STATUS.get(refusal.code, 400))
        opening.uses += 1
        if opening.origin == "commands":
            return web.Response(text="ok")
        return web.json_response({"ok": True})


def _read(body: bytes) -> Mapping[str, Json]:
    """Read a payload: a JSON object, a form whose field ``payload`` is one, or a form of its fields."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        return _read_object(text)
    fields: dict[str, Json] = dict(parse_qsl(text))
    if "payload" in fields:
        return _read_object(fields["payload"])
    if not fields and text:
        raise Refusal("invalid_payload")
    return fields


def _read_object(text: str) -> Mapping[str, Json]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_payload") from error
    if not isinstance(body, dict):
        raise Refusal("invalid_payload")
    return body
