"""What an unquoted YAML scalar means to Go's yaml.v2: YAML 1.1 with habits of its own."""

from __future__ import annotations

import re
import struct
from datetime import date
from decimal import Decimal

_TRUE = "y Y yes Yes YES true True TRUE on On ON"
_FALSE = "n N no No NO false False FALSE off Off OFF"
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(_TRUE.split(), True),
    **dict.fromkeys(_FALSE.split(), False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], float("inf")),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}
_INTEGER = re.compile(
    r"(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)"
    r"|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?",
    re.ASCII,
)
_MOST_DIGITS = 70
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**64 - 1
_SMALLEST_PLAIN_EXPONENT = -4
_LARGEST_PLAIN_EXPONENT = 5
_DIGITS_OF_FLOAT32 = 9


def resolve(text: str) -> str | bool | int | float | None:
    """Return what an unquoted scalar stands for; the text itself when it is a text, times included."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first == ".":
        return float(text) if _DOT_FLOAT.fullmatch(text) else text
    if first not in "+-0123456789" or is_timestamp(text):
        return text
    plain = text.replace("_", "")
    number = _integer(plain)
    if number is not None:
        return number
    return float(plain) if _FLOAT.fullmatch(plain) else text


def needs_quotes(text: str) -> bool:
    """Say whether a text would be read as something else if it stood without quotes."""
    return not isinstance(resolve(text), str) or is_timestamp(text) or bool(_BASE_60.fullmatch(text))


def is_timestamp(text: str) -> bool:
    """Say whether a text is a date, or a date with a time, as YAML writes it."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    try:
        date(*(int(part) for part in match.groups()))
    except ValueError:
        return False
    return True


def write_float(value: float) -> str:
    """Write a float64 as Go's ``%g`` does: the fewest digits, an exponent from a million on."""
    return _shortest(repr(value))


def write_float32(value: float) -> str:
    """Write a number as Go's ``%g`` writes a float32; so a map's key that is a number becomes a text."""
    target = _float32(value)
    for digits in range(1, _DIGITS_OF_FLOAT32 + 1):
        if _float32(float(f"{value:.{digits}g}")) == target:
            return _shortest(f"{value:.{digits}g}")
    return _shortest(f"{value:.{_DIGITS_OF_FLOAT32}g}")


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None or len(text) > _MOST_DIGITS:
        return None
    kind = match.lastgroup or "decimal"
    number = int(match["sign"] + match[kind], _BASES[kind])
    return number if _SMALLEST_INTEGER <= number <= _LARGEST_INTEGER else None


def _shortest(written: str) -> str:
    number = Decimal(written).normalize()
    sign, digits, _ = number.as_tuple()
    exponent = number.adjusted()
    if not number or _SMALLEST_PLAIN_EXPONENT <= exponent <= _LARGEST_PLAIN_EXPONENT:
        return f"{number:f}"
    head, *tail = (str(digit) for digit in digits)
    fraction = f".{''.join(tail)}" if tail else ""
    return f"{'-' if sign else ''}{head}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _float32(value: float) -> bytes:
    try:
        return struct.pack("f", value)
    except OverflowError:
        return b"inf" if value > 0 else b"-inf"
