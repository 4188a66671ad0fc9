"""Comparisons that always come out alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.numbers import literal_source
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import CONTAINERS, JSON, NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.sums import joins_texts
from pack.authoring.lint.templates.types import element_shapes, shapes
from pack.flowlang.expressions import Chain, Filtered, Literal
from pack.flowlang.lexer import Token
from pack.flowlang.tags_control import IfEqual
from pack.flowlang.tree import Expression
from pack.flowlang.values import parse_float

INTEGER = Rule(
    "integer-comparison",
    Severity.WARNING,
    "A payload number is compared with a whole number, which it never equals.",
)
NEVER_EQUAL = Rule(
    "never-equal", Severity.WARNING, "Values of different types are compared, which are never equal."
)
CONTAINER = Rule(
    "container-comparison", Severity.ERROR, "Two lists or two maps are compared, which fails the step."
)

RULES = (INTEGER, NEVER_EQUAL, CONTAINER)

_EQUALITY = frozenset({"==", "!=", "<>"})


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield comparisons whose result is known before."""
    for node in reading.nodes:
        if isinstance(node, IfEqual):
            sign = "==" if node.wanted else "!="
            for remark in _equality(reading, node.left, node.right, sign, node.token):
                yield replace(
                    remark, advice=f"{remark.advice}, in {{% if … %}} in place of {{% {_tag(node)} … %}}"
                )
        elif isinstance(node, Chain) and len(node.terms) == 2:
            (left, right), sign = node.terms, node.signs[0].text
            if sign in _EQUALITY:
                yield from _equality(reading, left, right, sign, left.token)
            elif sign == "in":
                yield from _inside(reading, left, right)


def _tag(node: IfEqual) -> str:
    return "ifequal" if node.wanted else "ifnotequal"


def _equality(
    reading: Reading, left: Expression, right: Expression, sign: str, token: Token
) -> Iterator[Remark]:
    first, second = shapes(reading, left), shapes(reading, right)
    always = "always False" if sign == "==" else "always True"
    claims = (left.token.offset, right.token.offset)
    if len(first) == 1 and first == second and first <= CONTAINERS:
        message = "two lists or two maps cannot be compared: the step is skipped"
        yield Remark(CONTAINER, message, "compare what is in them, or their |length", token.offset, claims)
    if defaulted := _defaulted(reading, left, right, sign):
        yield defaulted
        return
    if first & second or not first or not second or any(map(_is_date, (left, right))):
        return
    if joins_texts(reading, left) or joins_texts(reading, right):
        return
    whole = (left, right) if is_certainly(first, frozenset({Shape.WHOLE})) else (right, left)
    other = second if whole[0] is left else first
    if is_certainly(first | second, NUMBERS) or (Shape.FLOAT in other and _is_whole(reading, whole[0])):
        written = f"{reading.writer.side(left)} {sign} {reading.writer.side(right)}"
        yield Remark(
            INTEGER,
            f"{written} is {always}: every payload number is a float, which never equals a whole number",
            _integer_advice(reading, left, right, sign, whole),
            token.offset,
            claims,
        )
        return
    yield Remark(
        NEVER_EQUAL,
        f"{reading.writer.side(left)} {sign} {reading.writer.side(right)} is {always}: "
        f"{_kind(first)} never equals {_kind(second)}",
        _type_advice(reading, left, right, sign),
        token.offset,
        claims,
    )


def _defaulted(reading: Reading, left: Expression, right: Expression, sign: str) -> Remark | None:
    """Find ``n|default:0 == 3``: the default is a whole number, and what it stands in for is a float."""
    for side, literal in ((left, right), (right, left)):
        if not isinstance(side, Filtered) or side.filters[-1].name not in ("default", "default_if_none"):
            continue
        given, before = side.filters[-1].argument, side.filters[:-1]
        value = Filtered(side.token, side.value, before) if before else side.value
        found = shapes(reading, value)
        if not isinstance(given, Literal) or not isinstance(literal, Literal):
            continue
        if not _is_whole(reading, given) or not _is_whole(reading, literal) or Shape.FLOAT not in found:
            continue
        if Shape.WHOLE in found or (side.filters[-1].name == "default" and literal.value == 0 == given.value):
            continue
        ways = {
            id(side): f"{reading.writer.whole(side)}|integer",
            id(literal): reading.writer.side(literal),
        }
        return Remark(
            INTEGER,
            f"{reading.writer.side(left)} {sign} {reading.writer.side(right)} compares a payload "
            f"number, which is a float and never equals the whole number {literal.value}",
            f"write {ways[id(left)]} {sign} {ways[id(right)]}",
            left.token.offset,
            (right.token.offset,),
        )
    return None


def _is_date(side: Expression) -> bool:
    """Say whether it may be a date without quotation marks: of that is told."""
    return (
        isinstance(side, Chain)
        and all(sign.text == "-" for sign in side.signs)
        and all(isinstance(term, Literal) for term in side.terms)
    )


def _is_whole(reading: Reading, expression: Expression) -> bool:
    return is_certainly(shapes(reading, expression), frozenset({Shape.WHOLE}))


def _integer_advice(
    reading: Reading,
    left: Expression,
    right: Expression,
    sign: str,
    sides: tuple[Expression, Expression],
) -> str:
    writer, (whole, number) = reading.writer, sides
    ways = []
    if isinstance(whole, Literal):
        changed = {id(whole): f"{whole.value}.0"}
        ways.append(
            f"{changed.get(id(left), writer.side(left))} {sign} {changed.get(id(right), writer.side(right))}"
        )
    if cut := writer.filtered(number, "integer"):
        ways.append(
            f"{cut if number is left else writer.side(left)} {sign} "
            f"{cut if number is right else writer.side(right)}"
        )
    return (
        f"write {' or '.join(ways)}" if ways else "bring both sides to one type first, by |integer or |float"
    )


def _type_advice(reading: Reading, left: Expression, right: Expression, sign: str) -> str:
    writer = reading.writer
    for literal, other in ((left, right), (right, left)):
        if not isinstance(literal, Literal):
            continue
        found = shapes(reading, other)
        text = literal.value if isinstance(literal.value, str) else ""
        if isinstance(literal.value, bool) and Shape.TEXT in found:
            return (
                f"a boolean becomes the text 'True' or 'False' there: write {writer.side(other)} {sign} "
                + (writer.text(str(literal.value)))
            )
        if is_certainly(found, frozenset({Shape.BOOLEAN})):
            right_word = "true" if text.lower() in ("true", "1", "yes", "on") else "false"
            return f"write {writer.side(other)} {sign} {right_word}"
        if Shape.TEXT in found:
            same = f"{writer.side(other)} {sign} {writer.text(_as_text(reading, literal))}"
            is_whole = not isinstance(literal.value, float)
            return f"write {same}, or compare |integer of it" if is_whole else f"write {same}"
        if is_certainly(found, NUMBERS) and parse_float(text) is not None:
            number = f"{float(text)}" if Shape.FLOAT in found else text
            return f"write {writer.side(other)} {sign} {number}"
    return "bring both sides to one type first, by |integer, |float or |stringformat:'%v'"


def _as_text(reading: Reading, literal: Literal) -> str:
    return literal_source(reading, literal) if isinstance(literal.value, float) else str(literal.value)


def _kind(found: Shapes) -> str:
    present = sorted(shape.value for shape in found - {Shape.NOTHING})
    return "what comes from a payload" if found == JSON else " or ".join(present) or "nothing"


def _inside(reading: Reading, left: Expression, right: Expression) -> Iterator[Remark]:
    """Find whole numbers that are looked for in a payload's list, or in a map."""
    if not _is_whole(reading, left):
        return
    whole = shapes(reading, right) - {Shape.NOTHING}
    if Shape.LIST not in whole or element_shapes(reading, right) != JSON or not whole <= JSON:
        return
    number = f"{left.value}.0" if isinstance(left, Literal) else reading.writer.filtered(left, "float") or "…"
    yield Remark(
        INTEGER,
        "a payload's list has floats only and never a whole number; a map cannot be asked for one",
        f"write {number} in {reading.writer.side(right)}; in a text look for a text",
        left.token.offset,
        (right.token.offset,),
    )
