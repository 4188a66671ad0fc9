"""A Web API request as it comes over the wire: token and arguments out of header, query and body."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from pack.sandbox.slack.refusal import Refusal

Json = Any

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_TEXT = "text/plain"
_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "iso-8859-1": "iso-8859-1"}
_ARGUMENT_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,100}\Z")


@dataclass(frozen=True, slots=True)
class Wire:
    """What a request said."""

    token: str | None
    """None: no token came with it."""
    arguments: dict[str, Json]
    """Without the token; texts, or JSON values where the body was JSON."""
    warnings: tuple[str, ...]


async def read_wire(request: web.Request, *, accepts_json: bool) -> Wire:
    """Read token and arguments of a request; a JSON body is not looked at unless the method accepts it.

    Raises:
        Refusal: the request's form is wrong (``invalid_post_type``, ``invalid_json`` and so on).
    """
    arguments: dict[str, Json] = _named(request.query.items())
    token = _bearer(request) or arguments.pop("token", None)
    arguments.pop("token", None)
    warnings: tuple[str, ...] = ()
    if request.method == "POST" and request.can_read_body:
        kind = _content_type(request)
        body = await _read_body(request, kind, accepts_json)
        in_body = body.pop("token", None)
        # A token inside a JSON body is not looked at: there it has to come in the header.
        if kind != _JSON:
            token = token or in_body
        arguments.update(body)
        warnings = _charset_warnings(request, kind)
    return Wire(token or None, arguments, warnings)


def _content_type(request: web.Request) -> str:
    if not request.headers.get("Content-Type"):
        raise Refusal("missing_post_type")
    kind = request.content_type
    if kind not in (_FORM, _MULTIPART, _JSON, _TEXT):
        raise Refusal("invalid_post_type")
    return kind


async def _read_body(request: web.Request, kind: str, accepts_json: bool) -> dict[str, Json]:
    charset = _charset(request)
    if kind == _MULTIPART:
        return await _read_multipart(request)
    body = await request.read()
    if kind == _JSON:
        return _read_json(body, charset) if accepts_json else {}
    if kind == _TEXT:
        return {}
    return _named(parse_qsl(body.decode(charset, "replace"), keep_blank_values=True))


def _charset(request: web.Request) -> str:
    named = request.charset
    if named is None:
        return "utf-8"
    if named.lower() not in _CHARSETS:
        raise Refusal("invalid_charset")
    return _CHARSETS[named.lower()]


def _charset_warnings(request: web.Request, kind: str) -> tuple[str, ...]:
    if kind in (_JSON, _TEXT):
        return ("missing_charset",) if request.charset is None else ()
    return ("superfluous_charset",) if request.charset is not None else ()


async def _read_multipart(request: web.Request) -> dict[str, Json]:
    try:
        fields = await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError, zlib.error) as error:
        raise Refusal("invalid_form_data") from error
    return _named(
        (name, value if isinstance(value, str) else _content(value)) for name, value in fields.items()
    )


def _content(part: web.FileField | bytes | bytearray) -> bytes:
    return part.file.read() if isinstance(part, web.FileField) else bytes(part)


def _read_json(body: bytes, charset: str) -> dict[str, Json]:
    if not body.strip():
        return {}
    try:
        document = _DECODER.decode(body.decode(charset))
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_json") from error
    if not isinstance(document, dict):
        raise Refusal("json_not_object")
    return _named(document.items())


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _read_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is out of range")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_read_float)


def _named(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    arguments: dict[str, Json] = {}
    for name, value in pairs:
        if name.endswith("]"):
            raise Refusal("invalid_array_arg")
        if not _ARGUMENT_NAME.match(name):
            raise Refusal("invalid_arg_name")
        arguments[name] = value
    return arguments


def _bearer(request: web.Request) -> str | None:
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    return token.strip() or None
