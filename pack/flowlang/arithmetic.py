"""The operators between two values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pack.flowlang.errors import Refusal
from pack.flowlang.values import contains, equal, integer, is_float, number, wrap

_EXACT_EXPONENTS = 2.0**63
_LARGEST_BINARY_EXPONENT = 1 << 12

Operator = Callable[[object, object], object]


def _ordered(compare: Callable[[float, float], bool]) -> Operator:
    def ordered(left: object, right: object) -> bool:
        if is_float(left) or is_float(right):
            return compare(number(left), number(right))
        return compare(integer(left), integer(right))

    return ordered


def add(left: object, right: object) -> object:
    """Add; texts count as the numbers that they are, never joined."""
    if is_float(left) or is_float(right):
        return number(left) + number(right)
    return wrap(integer(left) + integer(right))


def subtract(left: object, right: object) -> object:
    """Subtract."""
    if is_float(left) or is_float(right):
        return number(left) - number(right)
    return wrap(integer(left) - integer(right))


def multiply(left: object, right: object) -> object:
    """Multiply."""
    if is_float(left) or is_float(right):
        return number(left) * number(right)
    return wrap(integer(left) * integer(right))


def divide(left: object, right: object) -> object:
    """Divide; of two whole numbers the result is whole, cut towards zero.

    Raises:
        Refusal: a whole number is divided by a whole zero.
    """
    if not (is_float(left) or is_float(right)):
        return _quotient(integer(left), integer(right))
    above, below = number(left), number(right)
    if below:
        try:
            return above / below
        except OverflowError:
            return math.copysign(math.inf, above) * math.copysign(1, below)
    if above == 0 or math.isnan(above):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1, below)


def remainder(left: object, right: object) -> object:
    """Return what is left of a whole division; it has the sign of the left side.

    Raises:
        Refusal: the right side is zero.
    """
    above, below = integer(left), integer(right)
    return wrap(above - _quotient(above, below) * below)


def power(left: object, right: object) -> float:
    """Raise to a power; always a float."""
    base, exponent = number(left), number(right)
    try:
        if math.isfinite(base) and math.isfinite(exponent) and base and abs(exponent) < _EXACT_EXPONENTS:
            return _by_squaring(base, exponent)
        return math.pow(base, exponent)
    except OverflowError:
        odd = exponent.is_integer() and exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base != 0:
            return math.nan
        odd = exponent.is_integer() and exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf


def _by_squaring(base: float, exponent: float) -> float:
    """Raise to a power as Go does it, to the last digit: the mantissa by squaring, the fraction by logarithm.

    Raises:
        ValueError: a negative number is raised to a fraction.
        OverflowError: the result is larger than any float.
    """
    if abs(exponent) == 0.5:
        root = math.sqrt(base)
        return root if exponent > 0 else 1 / root
    fraction, whole = math.modf(abs(exponent))
    result, twos = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole = fraction - 1, whole + 1
        result = math.exp(fraction * math.log(base))
    square, square_twos = math.frexp(base)
    left = int(whole)
    while left:
        if abs(square_twos) > _LARGEST_BINARY_EXPONENT:
            twos += square_twos
            break
        if left & 1:
            result, twos = result * square, twos + square_twos
        square, square_twos, left = square * square, square_twos * 2, left >> 1
        if square < 0.5:
            square, square_twos = square * 2, square_twos - 1
    if exponent < 0:
        result, twos = 1 / result, -twos
    return math.ldexp(result, twos)


def _quotient(above: int, below: int) -> int:
    if below == 0:
        raise Refusal("a whole number cannot be divided by zero")
    quotient = abs(above) // abs(below)
    return wrap(quotient if (above < 0) == (below < 0) else -quotient)


RELATIONS: Mapping[str, Operator] = MappingProxyType(
    {
        "==": equal,
        "!=": lambda left, right: not equal(left, right),
        "<>": lambda left, right: not equal(left, right),
        "<": _ordered(operator.lt),
        "<=": _ordered(operator.le),
        ">": _ordered(operator.gt),
        ">=": _ordered(operator.ge),
        "in": lambda left, right: contains(right, left),
    }
)
"""What compares two values, by its sign."""

SUMS: Mapping[str, Operator] = MappingProxyType({"+": add, "-": subtract})
PRODUCTS: Mapping[str, Operator] = MappingProxyType({"*": multiply, "/": divide, "%": remainder})
POWERS: Mapping[str, Operator] = MappingProxyType({"^": power})
