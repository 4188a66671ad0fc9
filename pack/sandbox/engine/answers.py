"""Answers: JSON or YAML as the caller accepts, and refusals that explain themselves."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from pack.flows.go_json import FormatError, decode_json, encode_json
from pack.flows.yaml_in import decode_yaml
from pack.sandbox.engine.yaml_out import encode_yaml

Json = Any

YAML = "application/x-yaml"
JSON_TYPE = "application/json; charset=utf-8"
YAML_TYPE = "application/x-yaml; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"
"""What the real server says that some of its JSON is, and all that its router answers."""

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


class Refused(Exception):
    """A request cannot be served: ``status`` as the real engine has it, and why in words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def answer(
    request: web.Request,
    value: Json,
    *,
    status: int = 200,
    location: str | None = None,
    content_type: str | None = None,
) -> web.Response:
    """Return a JSON value as JSON, or as YAML when the request accepts exactly that.

    ``content_type`` replaces the one that tells the format.
    """
    as_yaml = request.headers.get("Accept") == YAML
    body = encode_yaml(value) if as_yaml else encode_json(value)
    headers = {"Content-Type": content_type or (YAML_TYPE if as_yaml else JSON_TYPE)}
    if location is not None:
        headers["Location"] = header_text(location)
    return web.Response(status=status, body=body, headers=headers)


class Page:
    """An answer with a list, written entry by entry: a long one would keep all others waiting."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._as_yaml = request.headers.get("Accept") == YAML
        self._entries: list[bytes] = []
        self.size = 0
        """How many bytes the entries have."""

    def add(self, entry: Json) -> None:
        """Add an entry."""
        written = encode_yaml([entry]) if self._as_yaml else encode_json(entry)
        self._entries.append(written)
        self.size += len(written)

    def answer(self, name: str, rest: dict[str, Json]) -> web.Response:
        """Return the answer: the list by that name, and the rest, whose keys are sorted after it."""
        if not self._entries:
            return answer(self._request, {name: [], **rest})
        if self._as_yaml:
            body = b"".join((f"{name}:\n".encode(), *self._entries, encode_yaml(rest)))
            return web.Response(body=body, headers={"Content-Type": YAML_TYPE})
        head, tail = f'{{"{name}":['.encode(), b"]," + encode_json(rest)[1:]
        return web.Response(body=head + b",".join(self._entries) + tail, headers={"Content-Type": JSON_TYPE})


def empty(status: int, *, location: str | None = None) -> web.Response:
    """Return an answer without a body."""
    return web.Response(status=status, headers={"Location": header_text(location)} if location else None)


def refusal(refused: Refused, *, content_type: str = JSON_TYPE) -> web.Response:
    """Return the answer to a request that was refused: ``{"error": reason}``."""
    return web.Response(
        status=refused.status,
        body=encode_json({"error": refused.reason}),
        headers={"Content-Type": content_type},
    )


def header_text(text: str) -> str:
    """Return a text as it may stand in a header: what would break it is a space."""
    return _CONTROL_CHARACTERS.sub(" ", text)


def path_part(request: web.Request, number: int) -> str:
    """Return a part of a request's path, counted from 0; bytes that are no UTF-8 are as Go writes them."""
    return unquote(request.rel_url.raw_path.split("/")[number + 1], errors="replace")


async def read_body(request: web.Request) -> Json:
    """Return a request's body: YAML when its Content-Type is exactly that, JSON otherwise.

    Raises:
        Refused: 400, it cannot be read.
    """
    data = await request.read()
    try:
        return decode_yaml(data) if is_yaml(request) else decode_json(data)
    except FormatError as error:
        raise Refused(400, str(error)) from error


def is_yaml(request: web.Request) -> bool:
    """Say whether a request's body is YAML."""
    return request.headers.get("Content-Type") == YAML
