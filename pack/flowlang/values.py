"""What values print as, when they are true, when they are equal, and how they are reckoned with.

All of it follows Go: whole numbers have 64 bits and wrap around, a division cuts towards zero, texts are
bytes. See :mod:`pack.flowlang.kinds` for what a value may be.
"""

from __future__ import annotations

import math
import re

from pack.flowlang.errors import Refusal
from pack.flowlang.kinds import MISSING, Entries, Function, GoInteger, Items, Record, refuse_hidden

_BITS = 64
_SMALLEST = -(1 << (_BITS - 1))
_LARGEST = (1 << (_BITS - 1)) - 1
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_HEX = r"[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"
_DECIMAL = re.compile(rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_HEXADECIMAL = re.compile(rf"[+-]?0[xX](?:_?{_HEX}(?:\.(?:{_HEX})?)?|\.{_HEX})[pP][+-]?{_DIGITS}")
_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_MAX_NUMBER_CHARACTERS = 5000


def kind(value: object) -> str:
    """Return Go's word for the kind of a value (``invalid`` for nothing)."""
    if value is None:
        return "invalid"
    if isinstance(value, GoInteger):
        return value.kind
    for python_type, word in (
        (str, "string"),
        (bool, "bool"),
        (int, "int"),
        (float, "float64"),
        (Entries, "map"),
        (Items, "slice"),
        (Function, "func"),
    ):
        if isinstance(value, python_type):
            return word
    return "struct"


def type_name(value: object) -> str:
    """Return Go's name of a value's type (``<nil>`` for nothing)."""
    if value is None:
        return "<nil>"
    if isinstance(value, (Entries, Items, Record, GoInteger)):
        return value.type_name
    return "func()" if isinstance(value, Function) else kind(value)


def is_float(value: object) -> bool:
    """Say whether it is a number with a fraction, such as every number of a payload."""
    return isinstance(value, float)


def is_integer(value: object) -> bool:
    """Say whether it is a whole number of the template."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Say whether it is a number of either kind."""
    return is_float(value) or is_integer(value)


def can_slice(value: object) -> bool:
    """Say whether it is a list or a text."""
    return isinstance(value, (str, Items))


def text(value: object) -> str:
    """Return what a value prints as."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return float_text(value, 6)
    if isinstance(value, Record):
        return value.text()
    return f"<{type_name(value)} Value>"


def float_text(value: float, decimals: int) -> str:
    """Return a number with that many decimals; infinities and NaN as Go prints them."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.{decimals}f}"


def truth(value: object) -> bool:
    """Say whether a value counts as true: not zero, not empty, not nothing."""
    if isinstance(value, (str, Items, Entries)):
        return len(value) > 0
    if isinstance(value, (bool, int, float)):
        return bool(value != 0)
    return isinstance(value, Record)


def negated(value: object) -> object:
    """Return what ``not`` makes of a value: of a number it is a number."""
    if is_integer(value):
        return 0 if value else 1
    if is_float(value):
        return 0.0 if value else 1.1
    return not truth(value)


def length(value: object) -> int:
    """Return how many items or characters a value has; 0 for what has none."""
    return len(value) if isinstance(value, (str, Items, Entries)) else 0


def integer(value: object) -> int:
    """Return a value as a whole number; 0 for what is none."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return cut(_parsed(value))
    return cut(value) if isinstance(value, float) else 0


def number(value: object) -> float:
    """Return a value as a float; 0.0 for what is none."""
    if isinstance(value, bool):
        return 0.0
    if isinstance(value, (int, float)):
        return float(value)
    return _parsed(value) if isinstance(value, str) else 0.0


def _parsed(source: str) -> float:
    found = parse_float(source)
    return 0.0 if found is None else found


def parse_float(source: str) -> float | None:
    """Read a number as Go does; None for what is none, or too large."""
    if len(source) > _MAX_NUMBER_CHARACTERS:
        return None
    if _DECIMAL.fullmatch(source):
        found = float(source)
    elif _SPECIAL.fullmatch(source):
        return float(source)
    elif _HEXADECIMAL.fullmatch(source):
        try:
            found = float.fromhex(source.replace("_", ""))
        except OverflowError:
            return None
    else:
        return None
    return None if math.isinf(found) else found


def cut(value: float) -> int:
    """Return a float without its fraction, as a 64-bit machine does it."""
    if math.isnan(value) or not _SMALLEST <= value < -_SMALLEST:
        return _SMALLEST
    return int(value)


def wrap(value: int) -> int:
    """Return a whole number within 64 bits, going round at the ends."""
    if _SMALLEST <= value <= _LARGEST:
        return value
    return (value + _LARGEST + 1) % (1 << _BITS) + _SMALLEST


def equal(left: object, right: object) -> bool:
    """Compare two values; of different types they are never equal.

    Raises:
        Refusal: both are lists, or maps, or the like of one type.
    """
    if is_integer(left) and is_integer(right):
        return left == right
    return same(left, right)


def same(left: object, right: object) -> bool:
    """Compare two values, telling even the whole numbers of different types apart.

    Raises:
        Refusal: both are lists, or maps, or the like of one type.
    """
    refuse_hidden(left)
    refuse_hidden(right)
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, (Items, Entries, Function)) or (isinstance(left, Record) and not left.comparable):
        raise Refusal(f"two values of type {type_name(left)} cannot be compared")
    return bool(left == right)


def contains(whole: object, part: object) -> bool:
    """Say whether ``part in whole``: a text in a text, an item in a list, a key in a map.

    Raises:
        Refusal: a whole number is looked for among texts as keys, or items cannot be compared.
    """
    if isinstance(whole, str):
        return text(part) in whole
    if isinstance(whole, Items):
        return any(same(part, item) for item in whole)
    if isinstance(whole, Entries):
        refuse_hidden(part)
        if type(part) is int:
            raise Refusal("a map has texts as keys: a whole number cannot be looked for in it")
        return isinstance(part, str) and whole.get(part) is not MISSING
    if isinstance(whole, Record):
        return whole.field(text(part)) is not MISSING
    return False
