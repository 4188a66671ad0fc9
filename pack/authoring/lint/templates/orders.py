"""Comparisons by < and > of what has no order: texts, dates and times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.numbers import is_timestamp
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import MOMENT, TEXT, Shape, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.expressions import Chain, Literal
from pack.flowlang.tree import Expression
from pack.flowlang.values import parse_float

TEXTS = Rule(
    "text-comparison", Severity.WARNING, "Texts are compared by < or >, which reads them as numbers."
)

RULES = (TEXTS,)

_ORDER = frozenset({"<", "<=", ">", ">="})
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield comparisons by an order that there is not."""
    for node in reading.nodes:
        if isinstance(node, Chain) and len(node.terms) == 2 and node.signs[0].text in _ORDER:
            left, right = node.terms
            found = _order(reading, left, right, node.signs[0].text)
            if found is not None:
                message, advice = found
                yield Remark(TEXTS, message, advice, left.token.offset, (right.token.offset,))


def _order(reading: Reading, left: Expression, right: Expression, sign: str) -> tuple[str, str] | None:
    sides = (left, right)
    texts = [side for side in sides if isinstance(side, Literal) and isinstance(side.value, str)]
    words = [side for side in texts if parse_float(str(side.value)) is None]
    if any(shapes(reading, side) == MOMENT for side in sides):
        moment, other = sides if shapes(reading, left) == MOMENT else (right, left)
        message = f"`{sign}` reads a time as 0, so {reading.writer.side(moment)} has no order"
        return message, _as_dates(reading, left, right, sign) or (
            f"compare numbers made of it, as {reading.writer.whole(moment)}|date:"
            f"{reading.writer.text('20060102')}|integer is, with {reading.writer.side(other)} made alike"
        )
    if words and all(Shape.TEXT in shapes(reading, side) for side in sides):
        return (
            f"`{sign}` reads texts as whole numbers, and {reading.writer.side(words[0])} as 0",
            _as_dates(reading, left, right, sign)
            or "texts have no order here: compare them by ==, != or |match, or compare numbers",
        )
    if not all(is_certainly(shapes(reading, side), TEXT) for side in sides):
        return None
    message = f"`{sign}` cuts two texts to whole numbers: decimals do not count"
    decimals = [side for side in texts if "." in str(side.value)]
    if decimals:
        return message, f"write a number without quotation marks: {decimals[0].value}"
    if all(map(is_timestamp, sides)):
        whole = [reading.writer.filtered(side, "float") or reading.writer.side(side) for side in sides]
        return message, f"write {whole[0]} {sign} {whole[1]}"
    return None


def _as_dates(reading: Reading, left: Expression, right: Expression, sign: str) -> str:
    """Return a comparison with a date as one of numbers such as 20221121; empty when there is none."""
    ways = []
    for side in (left, right):
        written = reading.writer.filtered(side, "integer") if shapes(reading, side) != MOMENT else None
        if isinstance(side, Literal):
            date = _DATE.fullmatch(str(side.value))
            if date is None:
                return ""
            ways.append(as_number(date[1], date[2], date[3]))
        elif shapes(reading, side) == MOMENT:
            ways.append(f"{reading.writer.whole(side)}|date:{reading.writer.text('20060102')}|integer")
        elif written is not None:
            ways.append(f"{reading.writer.whole(side)}|cut:{reading.writer.text('-')}|integer")
        else:
            return ""
    return f"write {ways[0]} {sign} {ways[1]}"


def as_number(year: str, month: str, day: str) -> str:
    """Return a date as one number, which has the order of dates."""
    return f"{year}{int(month):02}{int(day):02}"
