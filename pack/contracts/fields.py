"""The types of a command's input fields.

A flow's templates render text, so whatever an author can only write as text is accepted as text wherever
it can mean nothing else: ``"True"`` for a boolean, ``"3.000000"`` (how the engine prints 3) for a whole
number, a JSON document as text for an object. Empty text and null mean that a field was not given.

Each problem is a sentence that can follow the field's name.
"""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_TEXT_CHARACTERS = 40_000
"""Slack cuts longer text off without a word (https://docs.slack.dev/reference/methods/chat.postMessage)."""

MAX_DOCUMENT_CHARACTERS = 1_000_000
"""The longest JSON document that is accepted as text or object, in characters of its text."""

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True", "1.000000"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False", "0.000000"})
_TIMESTAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,6}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}(\.0{1,12})?")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def problem(sentence: str) -> PydanticCustomError:
    """Return the error to raise for a field that cannot be used."""
    return PydanticCustomError("input", "{sentence}", {"sentence": sentence})


def kind_of(value: object) -> str:
    """Name a JSON value's type for a reader."""
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "null")


def check_characters(text: str) -> str:
    """Return the text when every character in it can be sent.

    Raises:
        PydanticCustomError: it contains NUL or half of a surrogate pair; says where.
    """
    if (at := text.find("\0")) >= 0:
        raise problem(f"contains a NUL character (at position {at}), which Slack cannot show; remove it")
    if found := _HALF_CHARACTER.search(text):
        raise problem(
            f"contains half of a surrogate pair (at position {found.start()}): text that was cut inside an "
            "emoji or decoded wrongly; send whole characters"
        )
    return text


def _check_document(value: object, depth: int = 0) -> None:
    if depth > 64:
        raise problem("is nested more than 64 levels deep")
    if isinstance(value, str):
        check_characters(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise problem(
            "contains a number that JSON cannot carry (NaN, infinite or too large); write it as text"
        )
    elif isinstance(value, list):
        for item in value:
            _check_document(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_characters(key)
            _check_document(item, depth + 1)


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise problem(f"expected text, got {kind_of(value)}")
    if len(value) > MAX_TEXT_CHARACTERS:
        raise problem(
            f"is {len(value):,} characters long; Slack cuts text off after {MAX_TEXT_CHARACTERS:,}: "
            "shorten it or send it in parts"
        )
    return check_characters(value)


def _channel(value: object) -> object:
    text = _text(value)
    if isinstance(text, str) and not text.strip():
        raise PydanticCustomError("missing", "Field required")
    return text


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.strip() in _TRUE | _FALSE:
        return value.strip() in _TRUE
    shown = repr(value) if isinstance(value, str) and len(value) <= 20 else kind_of(value)
    raise problem(f"expected true or false, got {shown}")


def _timestamp(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem(f"expected a message timestamp such as '1669027200.123456', got {kind_of(value)}")
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, float) and 0 < value < 1e12 and not value.is_integer():
        text = f"{value:.6f}"
    else:
        raise problem(
            "is a number without decimals, so its end is lost and it could name another message; "
            "put quotes around it in the flow"
        )
    if not _TIMESTAMP.fullmatch(text):
        raise problem("expected a message timestamp such as '1669027200.123456' (digits, a dot, six digits)")
    seconds, _, micros = text.partition(".")
    return f"{seconds}.{micros.ljust(6, '0')}"


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    raise problem(f"expected a whole number, got {kind_of(value)}")


def _parsed(value: object, wanted: type | tuple[type, ...], expectation: str) -> Any:
    if isinstance(value, str):
        if len(value) > MAX_DOCUMENT_CHARACTERS:
            raise problem(f"is {len(value):,} characters long; the limit is {MAX_DOCUMENT_CHARACTERS:,}")
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            place = (
                f" (line {error.lineno}, column {error.colno}: {error.msg})"
                if isinstance(error, json.JSONDecodeError)
                else ""
            )
            raise problem(f"expected {expectation}, got text that is not JSON{place}") from error
    if not isinstance(value, wanted):
        raise problem(f"expected {expectation}, got {kind_of(value)}")
    _check_document(value)
    return value


def _objects(value: object) -> list[dict[str, Any]]:
    found = _parsed(value, (list, dict), "a list of objects or its JSON text")
    if isinstance(found, dict):
        raise problem("expected a list of objects, got one object; put it into [ ]")
    for at, item in enumerate(found):
        if not isinstance(item, dict):
            raise problem(f"expected a list of objects, but entry {at} is {kind_of(item)}")
    return list(found)


def _object(value: object) -> dict[str, Any]:
    return dict(_parsed(value, dict, "an object or its JSON text"))


def _one_of(words: frozenset[str]) -> str:
    """Return the pattern of one of some words, with white space around it, or of empty text."""
    return rf"^(\s*({'|'.join(re.escape(word) for word in sorted(words))})\s*)?$"


Text = Annotated[
    str, BeforeValidator(_text), WithJsonSchema({"type": "string", "maxLength": MAX_TEXT_CHARACTERS})
]
"""Text of at most 40,000 characters that Slack can show."""

Channel = Annotated[
    str,
    BeforeValidator(_channel),
    WithJsonSchema({"type": "string", "pattern": r"\S", "maxLength": MAX_TEXT_CHARACTERS}),
]
"""A channel: its ID, its name, or its name with a ``#`` before it. Nothing but white space is no channel."""

Timestamp = Annotated[
    str,
    PlainValidator(_timestamp),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": rf"^(\s*{_TIMESTAMP.pattern}\s*)?$",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 10**12,
            "not": {"type": "integer"},
        }
    ),
]
"""A message's timestamp, which is its ID within a channel, with six decimals.

A JSON number with decimals is the exact timestamp again when printed with six; one without has lost its end
and is refused, never guessed.
"""

Boolean = Annotated[
    bool,
    PlainValidator(_boolean),
    WithJsonSchema(
        {
            "type": ["boolean", "string", "integer"],
            "pattern": _one_of(_TRUE | _FALSE),
            "minimum": 0,
            "maximum": 1,
        }
    ),
]
"""A boolean, also as ``"True"``, ``"false"``, ``"1"`` or 1."""

Whole = Annotated[
    int,
    PlainValidator(_whole),
    WithJsonSchema({"type": ["integer", "string"], "pattern": rf"^(\s*{_WHOLE.pattern}\s*)?$"}),
]
"""A whole number, also as ``"3.000000"``."""

Objects = Annotated[
    list[dict[str, Any]],
    PlainValidator(_objects),
    WithJsonSchema(
        {"type": ["array", "string"], "items": {"type": "object"}, "contentMediaType": "application/json"}
    ),
]
"""A list of objects (blocks, attachments), also as JSON text."""

Object = Annotated[
    dict[str, Any],
    PlainValidator(_object),
    WithJsonSchema({"type": ["object", "string"], "contentMediaType": "application/json"}),
]
"""An object, also as JSON text."""
