"""Sums of texts, of texts and numbers, and what is divided by zero."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import FLOAT, TEXT, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.expressions import Chain, Filtered, Literal, Printed
from pack.flowlang.tree import Expression
from pack.flowlang.values import parse_float
from pack.flowlang.variables import Variable

PLUS = Rule("text-plus", Severity.WARNING, "Texts are added by +, which reckons with numbers only.")
ADD_JOINS = Rule("add-joins", Severity.WARNING, "A number is added to a text by |add, which joins them.")
DIVISION = Rule("division-by-zero", Severity.ERROR, "A number is divided by zero.")

RULES = (PLUS, ADD_JOINS, DIVISION)

_WORDS = frozenset({"capfirst", "lower", "title", "truncatechars", "truncatewords", "upper", "urlencode"})
"""The filters whose result is meant to be read, and not to be reckoned with."""


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what adds up to something else than is meant."""
    for node in reading.nodes:
        if isinstance(node, Chain):
            yield from _sums(reading, node)
        elif isinstance(node, Filtered):
            yield from _added(reading, node)


def joins_texts(reading: Reading, expression: Expression) -> bool:
    """Say whether an expression is a sum of texts rather than of numbers that are written as texts."""
    if not isinstance(expression, Chain) or all(sign.text != "+" for sign in expression.signs):
        return False
    for term in expression.terms:
        if isinstance(term, Literal) and isinstance(term.value, str) and parse_float(term.value) is None:
            return True
        if isinstance(term, Filtered) and term.filters[-1].name in _WORDS:
            return True
    return all(_is_word(reading, term) for term in expression.terms)


def side_by_side(reading: Reading, terms: list[Expression]) -> str:
    """Return what prints some values one behind another; numbers of a payload without decimals."""
    return "".join(
        str(term.value)
        if isinstance(term, Literal) and isinstance(term.value, str)
        else f"{{{{ {_printable(reading, term)} }}}}"
        for term in terms
    )


def is_printed(reading: Reading, expression: Expression) -> bool:
    """Say whether an expression is all that stands between two braces."""
    return any(isinstance(node, Printed) and node.expression is expression for node in reading.nodes)


def _printable(reading: Reading, term: Expression) -> str:
    if is_certainly(shapes(reading, term), FLOAT) and (cut := reading.writer.filtered(term, "integer")):
        return cut
    return reading.writer.whole(term)


def _sums(reading: Reading, chain: Chain) -> Iterator[Remark]:
    whole = reading.writer.whole(chain)
    for sign, term in zip(chain.signs, chain.terms[1:], strict=True):
        if sign.text in "/%" and isinstance(term, Literal) and term.value == 0:
            message = f"{whole} divides by zero: the step is skipped, or +Inf comes out"
            yield Remark(DIVISION, message, "divide by something else", chain.token.offset)
    if joins_texts(reading, chain):
        yield Remark(
            PLUS,
            f"{whole} is 0: + takes texts for the numbers in them, and never joins",
            _plus_advice(reading, chain),
            chain.token.offset,
        )
    elif all(sign.text == "+" for sign in chain.signs) and all(map(_is_of_context, chain.terms)):
        numbers = " + ".join(f"{reading.writer.whole(term)}|integer" for term in chain.terms)
        yield Remark(
            PLUS,
            f"values of the context are texts: {whole} is 0, unless these are texts of numbers",
            f"{_plus_advice(reading, chain)}; if numbers are meant write {numbers}",
            chain.token.offset,
        )


def _is_of_context(term: Expression) -> bool:
    return isinstance(term, Variable) and term.parts[0].name == "Context" and len(term.parts) > 1


def _is_word(reading: Reading, term: Expression) -> bool:
    value = term.value if isinstance(term, Filtered) else term
    if isinstance(value, Variable) and value.parts[0].name == "Context":
        # a number that was carried in the context is a text, and can be reckoned with
        return False
    return not isinstance(term, Literal) and is_certainly(shapes(reading, term), TEXT)


def _plus_advice(reading: Reading, chain: Chain) -> str:
    first, rest = chain.terms[0], chain.terms[1:]
    beside = side_by_side(reading, list(chain.terms))
    is_sum = all(sign.text == "+" for sign in chain.signs)
    has_numbers = any(is_certainly(shapes(reading, term), FLOAT) for term in chain.terms)
    ways = []
    if (
        is_sum
        and not has_numbers
        and isinstance(first, (Literal, Variable, Filtered))
        and all(isinstance(term, (Literal, Variable)) for term in rest)
    ):
        ways.append(
            reading.writer.whole(first) + "".join(f"|add:{reading.writer.whole(term)}" for term in rest)
        )
    if is_sum and is_printed(reading, chain):
        ways.append(f"side by side {beside}" if ways else f"them side by side, {beside}")
    if ways:
        return f"write {', or '.join(ways)}"
    return "join texts by a|add:b; what is more than a name gets one first: {% set b = … %}"


def _added(reading: Reading, filtered: Filtered) -> Iterator[Remark]:
    """Find ``text|add:1``, which is the text with a 1 behind it."""
    for number, call in enumerate(filtered.filters):
        if (
            call.name != "add"
            or not isinstance(call.argument, Literal)
            or isinstance(call.argument.value, str)
        ):
            continue
        before = filtered.filters[:number]
        value = Filtered(filtered.token, filtered.value, before) if before else filtered.value
        if isinstance(value, Literal) or not is_certainly(shapes(reading, value), TEXT):
            continue
        whole = reading.writer.whole(value)
        yield Remark(
            ADD_JOINS,
            f"{whole} is a text, so |add:{call.argument.value} joins: '2' becomes '2{call.argument.value}'",
            f"write {whole}|integer|add:{call.argument.value}",
            filtered.token.offset,
        )
