"""The ``response_url`` addresses of this server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from pack.sandbox.slack.faults.calls import RESPONSE_URL, Call
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.interaction.interactions import Interactions
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.web.answers import respond

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
    """Takes what the app posts to a ``response_url``; faults strike there as they strike calls."""

    def __init__(self, interactions: Interactions, faults: Faults) -> None:
        self._urls = interactions.response_urls
        self._responding = interactions.responding
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [web.post(f"/{origin}/{{team}}/{{number}}/{{secret}}", self.serve) for origin in ORIGINS]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: ``ok`` after a slash command, else ``{"ok": true}``."""
        fields: Mapping[str, Json] = {}
        unreadable: Refusal | None = None
        try:
            fields = _read(await request.read())
        except Refusal as refusal:
            unreadable = refusal

        async def answer() -> web.StreamResponse:
            return self._answer(request.path, fields, unreadable)

        return await self._faults.meet(Call(RESPONSE_URL, dict(fields)), None, request, answer)

    def _answer(self, path: str, fields: Mapping[str, Json], unreadable: Refusal | None) -> web.Response:
        try:
            opening = self._urls.find(path)
            if unreadable is not None:
                raise unreadable
            self._responding.carry_out(opening, fields)
        except Refusal as refusal:
            return respond(refusal.answer(), status=_STATUS.get(refusal.code, 400))
        opening.uses += 1
        return web.Response(text="ok") if opening.origin == "commands" else respond({"ok": True})


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
