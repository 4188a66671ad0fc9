"""Dates without quotation marks, which are subtractions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.orders import as_number
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import MOMENT
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.expressions import Chain, Filtered, Literal
from pack.flowlang.tree import Expression

UNQUOTED_DATE = Rule("unquoted-date", Severity.WARNING, "A date without quotation marks is a subtraction.")

RULES = (UNQUOTED_DATE,)

_FIRST_YEAR = 1900
_ORDER = frozenset({"<", "<=", ">", ">="})


class _Date(NamedTuple):
    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}-{self.day:02}"


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield ``2022-11-21``, alone and as a filter's argument."""
    compared = {
        id(term): node
        for node in reading.nodes
        if isinstance(node, Chain) and len(node.terms) == 2 and node.signs[0].text in _ORDER
        for term in node.terms
    }
    for node in reading.nodes:
        if not isinstance(node, Chain) or not _is_tight(reading, node):
            continue
        first = node.terms[0]
        if isinstance(first, Filtered) and (date := _date(first.filters[-1].argument, node)):
            whole, written = reading.writer.whole(first), reading.writer.text(str(date))
            name = first.filters[-1].name
            yield Remark(
                UNQUOTED_DATE,
                f"{date} without quotation marks is a subtraction: |{name} gets {date.year}",
                f"write {whole.removesuffix(str(date.year))}{written}",
                first.filters[-1].token.offset,
                (node.token.offset,),
            )
        elif date := _date(first, node):
            comparison = compared.get(id(node))
            claims = tuple(term.token.offset for term in comparison.terms) if comparison else ()
            yield Remark(
                UNQUOTED_DATE,
                f"{date} without quotation marks is a subtraction, {date.year - date.month - date.day}",
                _ordered(reading, comparison, node, date)
                if comparison
                else f"write {reading.writer.text(str(date))}",
                node.token.offset,
                claims,
            )


def _is_tight(reading: Reading, chain: Chain) -> bool:
    source = reading.tree.source
    return all(sign.text == "-" and source[sign.offset + 1].isdigit() for sign in chain.signs)


def _date(year: Expression | None, chain: Chain) -> _Date | None:
    """Return the date that a year and the rest of a chain make."""
    numbers = [
        term.value
        for term in (year, *chain.terms[1:])
        if isinstance(term, Literal) and isinstance(term.value, int) and not isinstance(term.value, bool)
    ]
    if len(numbers) != len(chain.terms) or len(numbers) != len(_Date._fields) or numbers[0] <= _FIRST_YEAR:
        return None
    return _Date(*numbers)


def _ordered(reading: Reading, comparison: Chain, date: Chain, meant: _Date) -> str:
    """Return how to ask what is before or after a date: texts have no order, numbers such as 20221121 do."""
    ways = []
    for side in comparison.terms:
        whole = reading.writer.whole(side)
        if side is date:
            ways.append(as_number(str(meant.year), str(meant.month), str(meant.day)))
        elif reading.writer.filtered(side, "integer") is None:
            return "texts have no order: compare numbers such as " + as_number(*map(str, meant))
        elif shapes(reading, side) == MOMENT:
            ways.append(f"{whole}|date:{reading.writer.text('20060102')}|integer")
        else:
            ways.append(f"{whole}|cut:{reading.writer.text('-')}|integer")
    return f"write {ways[0]} {comparison.signs[0].text} {ways[1]}"
