"""JSON as Go's encoding/json reads and writes it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pack.flows.paths import Position, place_in

Json = Any

DEEPEST_NESTING = 200
"""How deep lists and objects may be nested; Go allows 10,000, which no flow or payload comes near."""

_WHITESPACE = " \t\r\n"
_LARGEST_EXACT = 2**53
_LARGEST_PLAIN = 1e21
_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<number>NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)')
_SURROGATE = re.compile("[\ud800-\udfff]")


class FormatError(ValueError):
    """A text is not what it claims to be: ``reason`` says why, ``place`` where, None when that is unknown."""

    def __init__(self, reason: str, place: Position | None = None) -> None:
        super().__init__(reason if place is None else f"line {place.line}, column {place.column}: {reason}")
        self.reason = reason
        self.place = place


def decode_json(data: bytes, *, whole: bool = False) -> Json:
    """Read the first JSON value of a body; what follows it is ignored, unless ``whole``.

    Numbers come as Go's float64 would print them (3.0 is 3, and above 2^53 the nearest that a float can
    hold); texts have no lone surrogates.

    Raises:
        FormatError: there is no JSON value, or a number is too large, or it is nested too deep.
    """
    return json_value(data.decode("utf-8", "replace"), whole=whole)


def json_value(text: str, *, whole: bool = False) -> Json:
    """Read the first JSON value of a text, as ``decode_json`` does that of a body."""
    start = len(text) - len(text.lstrip(_WHITESPACE))
    if start == len(text):
        raise FormatError("the body is empty: JSON was expected")
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise FormatError(f"the JSON is nested deeper than {DEEPEST_NESTING} levels") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"the body is not JSON: {error.msg}", place_in(text, error.pos)) from None
    except FormatError as error:
        raise FormatError(f"the body is not JSON: {error.reason}", _bad_number(text)) from None
    rest = text[end:].lstrip(_WHITESPACE)
    if whole and rest:
        raise FormatError("there is something after the JSON value", place_in(text, len(text) - len(rest)))
    if text.count("[") + text.count("{") > DEEPEST_NESTING:
        check_depth(value)
    return without_surrogates(value) if "\\u" in text else value


def encode_json(value: Json) -> bytes:
    """Write a JSON value, in ASCII."""
    return json.dumps(value, separators=(",", ":")).encode()


def check_depth(value: Json, levels: int = DEEPEST_NESTING) -> None:
    """Refuse what is nested deeper than that many levels.

    Raises:
        FormatError: it is.
    """
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if inside and levels == 0:
        raise FormatError(f"the value is nested deeper than {DEEPEST_NESTING} levels")
    for item in inside:
        check_depth(item, levels - 1)


def without_surrogates(value: Json) -> Json:
    """Replace lone surrogates, which no UTF-8 text can have, in every text and key."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value


def float_number(value: float) -> int | float:
    """Return a number as Go's float64 is written in JSON: without a fraction where it has none.

    Raises:
        FormatError: it is infinite or no number.
    """
    if not math.isfinite(value):
        raise FormatError("a number is too large, or is none: JSON has no infinity and no NaN")
    if value.is_integer() and abs(value) < _LARGEST_PLAIN and (value or math.copysign(1.0, value) > 0):
        return int(value)
    return value


def whole_number(value: int) -> int | float:
    """Return a whole number as a float64 holds it.

    Raises:
        FormatError: it is too large for any.
    """
    if -_LARGEST_EXACT <= value <= _LARGEST_EXACT:
        return value
    try:
        return float_number(float(value))
    except OverflowError:
        raise FormatError("a number is too large") from None


def _bad_number(text: str) -> Position | None:
    """Return the place of the first number that is none, or too large."""
    for match in _NUMBER.finditer(text):
        if match["number"] and not math.isfinite(float(match["number"])):
            return place_in(text, match.start())
    return None


def _json_integer(digits: str) -> int | float:
    return -0.0 if digits == "-0" else float_number(float(digits)) if len(digits) > 15 else int(digits)


def _json_float(digits: str) -> int | float:
    return float_number(float(digits))


def _json_constant(word: str) -> Json:
    raise FormatError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_int=_json_integer, parse_float=_json_float, parse_constant=_json_constant)
