"""What prints otherwise than it looks: numbers with six decimals, maps as a type's name, sums of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pack.authoring.lint.declared.payload_types import payload_names
from pack.authoring.lint.declared.schemas import schema_types
from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.subject import Role
from pack.authoring.lint.templates import sums
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import CONTAINERS, JSON, NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.expressions import Chain, Filtered, Literal, Printed, Signed
from pack.flowlang.lexer import Kind
from pack.flowlang.tags_text import FirstOf
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Variable
from pack.flows.model import FATAL_EVENT

NUMBER = Rule("number-printed", Severity.WARNING, "A payload number is printed, with six decimals.")
MAYBE = Rule(
    "maybe-number-printed", Severity.NOTE, "What is printed has the name of a number, which has six decimals."
)
CONTAINER = Rule(
    "container-printed", Severity.WARNING, "A whole map or list is printed, as the name of its type."
)
DASH = Rule("dash-brace", Severity.WARNING, "A minus sign belongs to the braces, {{-, and not to the number.")

RULES = (NUMBER, MAYBE, CONTAINER, DASH)

_FLOAT: Shapes = frozenset({Shape.FLOAT})
_TEXT: Shapes = frozenset({Shape.TEXT})
_RECORDS: Shapes = CONTAINERS | {Shape.RECORD}
_NUMBER_NAME = re.compile(
    r"(?:count|total|number|amount|size|length|duration|percent|percentage|port|year|quantity|attempts|retries|"
    r"seconds|minutes|hours|days|price|age|exitCode|exit_code|statusCode|status_code|"
    r".*(?:Count|_count|Total|_total|Number|_number|Amount|_amount|Size|_size|Percent|_percent|Seconds|_seconds|"
    r"Minutes|_minutes|Hours|_hours|"
    r"Days|_days|Ms|_ms|Millis|_millis|Price|_price|Age|_age))"
)
_TIMESTAMP_NAME = re.compile(r"ts|timestamp|.*(?:Ts|_ts|Timestamp|_timestamp)")


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what prints, or adds up to, something else than is meant."""
    if not reading.is_criteria:
        numbers_matter = not _fills_number(reading)
        for node in reading.nodes:
            if isinstance(node, Printed):
                yield from _printed(reading, node.expression, numbers_matter)
            if numbers_matter:
                yield from _in_other_words(reading, node)
    for token, following in pairwise(reading.tokens):
        near = token.trims and token.text == "{{" and following.offset == token.offset + 3
        if near and following.kind is Kind.NUMBER:
            yield Remark(
                DASH,
                f"{{{{- takes away the white space before it: {following.text} is printed without a sign",
                f"write {{{{ -{following.text} }}}}",
                following.offset,
            )


def _printed(reading: Reading, expression: Expression, numbers_matter: bool) -> Iterator[Remark]:
    found, whole = shapes(reading, expression), reading.writer.whole(expression)
    offset = expression.token.offset
    if is_certainly(found, _RECORDS) or _is_payload(reading, found, whole):
        yield _container(reading, expression, found)
    elif not numbers_matter:
        return
    elif isinstance(expression, Literal) and isinstance(expression.value, float):
        if (shown := f"{expression.value:f}") != (plain := literal_source(reading, expression)):
            message = f"a number with a dot prints with six decimals: {shown}"
            yield Remark(NUMBER, message, f"write {{{{ {reading.writer.text(plain)} }}}}", offset)
    elif is_certainly(found, NUMBERS) and Shape.FLOAT in found and not is_timestamp(expression):
        if _may_be_texts(reading, expression):
            yield _either(reading, expression)
            return
        yield Remark(
            NUMBER,
            f"{whole} is a float, as all payload numbers are, and prints with six decimals: 3 as 3.000000",
            number_advice(reading, expression),
            offset,
        )
    elif found == JSON and isinstance(expression, Variable) and has_number_name(expression):
        yield Remark(
            MAYBE,
            f"if {whole} is a number, it prints with six decimals: 3 as 3.000000",
            number_advice(reading, expression),
            offset,
        )


def _is_payload(reading: Reading, found: Shapes, whole: str) -> bool:
    """Say whether it is a payload of which nothing is known; that of FATAL is a text in most packs."""
    return found == JSON and whole == "Event.Payload" and reading.text.step.event.name != FATAL_EVENT


def _may_be_texts(reading: Reading, expression: Expression) -> bool:
    """Say whether a sum may as well be one of texts: nothing in it is known to be a number."""
    return (
        isinstance(expression, Chain)
        and all(sign.text == "+" for sign in expression.signs)
        and not any(is_certainly(shapes(reading, term), NUMBERS) for term in expression.terms)
        and not any(isinstance(term, Variable) and has_number_name(term) for term in expression.terms)
    )


def _either(reading: Reading, expression: Expression) -> Remark:
    whole = reading.writer.whole(expression)
    terms = list(expression.terms) if isinstance(expression, Chain) else []
    return Remark(
        NUMBER,
        f"{whole} is 0 for texts, which + never joins; of numbers it prints with six decimals, 3 as 3.000000",
        f"for texts write {sums.side_by_side(reading, terms)}; for numbers "
        f"{number_advice(reading, expression).removeprefix('write ')}",
        expression.token.offset,
    )


def _in_other_words(reading: Reading, node: object) -> Iterator[Remark]:
    """Find payload numbers that become text elsewhere than alone between braces."""
    if isinstance(node, Filtered):
        yield from _joined(reading, node)
    elif isinstance(node, FirstOf):
        for value in node.values:
            yield from _argument(reading, value)


def _argument(reading: Reading, value: Expression) -> Iterator[Remark]:
    cut = reading.writer.filtered(value, "integer")
    if cut and is_certainly(shapes(reading, value), _FLOAT) and not is_timestamp(value):
        yield Remark(
            NUMBER,
            f"{reading.writer.whole(value)} is a payload number: firstof prints 3 as 3.000000",
            f"write {cut} in its place",
            value.token.offset,
        )


def _joined(reading: Reading, filtered: Filtered) -> Iterator[Remark]:
    """Find ``|add`` of a payload number to a text, and ``|default`` that lets it through."""
    parts: list[Expression] = [filtered.value]
    for number, call in enumerate(filtered.filters):
        before = filtered.filters[:number]
        value = Filtered(filtered.token, filtered.value, before) if before else filtered.value
        if call.argument is None or call.name not in ("add", "default", "default_if_none"):
            return
        kinds = shapes(reading, value), shapes(reading, call.argument)
        parts.append(call.argument)
        if call.name == "add":
            numbers = [is_certainly(kind, _FLOAT) for kind in kinds]
            exact = [is_timestamp(side) for side in (value, call.argument)]
            if any(pair == (True, False) for pair in zip(numbers, exact, strict=True)) and any(
                is_certainly(kind, _TEXT) for kind in kinds
            ):
                yield _add_remark(reading, filtered, value, call.argument)
                return
        elif (
            is_certainly(kinds[0], _FLOAT)
            and not is_certainly(kinds[1], NUMBERS)
            and number + 1 == len(filtered.filters)
            and sums.is_printed(reading, filtered)
        ):
            yield _default_remark(reading, filtered, value, call.argument)


def _add_remark(reading: Reading, filtered: Filtered, value: Expression, argument: Expression) -> Remark:
    number = value if is_certainly(shapes(reading, value), _FLOAT) else argument
    whole = reading.writer.whole(number)
    if sums.is_printed(reading, filtered) and all(call.name == "add" for call in filtered.filters):
        terms = [filtered.value, *(call.argument for call in filtered.filters if call.argument is not None)]
        advice = f"write {sums.side_by_side(reading, terms)}"
    else:
        cut = reading.writer.filtered(number, "integer")
        advice = f"give it a name first, {{% set n = {cut} %}}, and add that"
    return Remark(
        NUMBER,
        f"{whole} is a payload number: joined to a text it has six decimals, 3 as 3.000000",
        advice,
        filtered.token.offset,
    )


def _default_remark(reading: Reading, filtered: Filtered, value: Expression, other: Expression) -> Remark:
    whole = reading.writer.whole(value)
    return Remark(
        NUMBER,
        f"{whole} is a float, as all payload numbers are, and prints with six decimals: 3 as 3.000000",
        f"write {{{{ {whole}|floatformat:0|default:{reading.writer.whole(other)} }}}}",
        filtered.token.offset,
    )


def literal_source(reading: Reading, literal: Literal) -> str:
    """Return a number as it stands in the template."""
    found = re.match(r"[\d.]+", reading.tree.source[literal.token.offset :])
    return found[0] if found else reading.writer.whole(literal)


def _fills_number(reading: Reading) -> bool:
    """Say whether the text is a field of the command's input that is declared as a number.

    Whether the command reads 3.000000 as a number is a question about inputs, and answered there.
    """
    if reading.text.role is not Role.INPUT:
        return False
    command = reading.declarations.command(reading.text.step.command)
    if command is None or command.input is None:
        return False
    start = len(("steps", 0, "command", "input"))
    types = schema_types(command.input, tuple(str(name) for name in reading.text.path[start:]))
    return types is not None and "number" in types


def has_number_name(variable: Variable) -> bool:
    """Say whether a name is clearly that of a number, such as ``count``."""
    return bool(_NUMBER_NAME.fullmatch(variable.parts[-1].name))


def is_timestamp(expression: Expression) -> bool:
    """Say whether six decimals are right: Slack's timestamps have them."""
    return isinstance(expression, Variable) and bool(_TIMESTAMP_NAME.fullmatch(expression.parts[-1].name))


def number_advice(reading: Reading, expression: Expression) -> str:
    """Return how to print a number as people write it."""
    if cut := reading.writer.filtered(expression, "integer"):
        return f"write {{{{ {cut} }}}}, or |floatformat:2 in its place for two decimals"
    whole = reading.writer.whole(expression)
    if isinstance(expression, Signed) and expression.negate:
        return (
            f"write {{{{ {reading.writer.side(expression.term)} == 0.0 }}}}: `not` makes a number of a number"
        )
    return f"write {{% set result = {whole} %}}{{{{ result|integer }}}}, or |floatformat:2 for two decimals"


def _container(reading: Reading, expression: Expression, found: Shapes) -> Remark:
    whole = reading.writer.whole(expression)
    if Shape.MAP not in found and Shape.LIST in found:
        shown = "<[]interface {} Value>"
        filtered = reading.writer.filtered(expression, "join:', '")
        advice = f"write {{{{ {filtered} }}}}" if filtered else "write |join:', '"
    else:
        shown = "<map[string]interface {} Value>"
        advice = f"print its fields one by one, {{{{ {whole}.{_field(reading, whole)} }}}}"
    return Remark(
        CONTAINER,
        f"{whole} is printed as the name of its type, such as {shown}",
        f"{advice}; to look at everything in it write |stringformat:'%v'",
        expression.token.offset,
    )


def _field(reading: Reading, whole: str) -> str:
    """Return a field that a payload has, or how any may be called where it is not known."""
    names = whole.split(".")
    if names[:2] != ["Event", "Payload"]:
        return "Name" if whole in ("Event", "Event.Pack") else "name"
    known = payload_names(reading.subject, reading.declarations, reading.text.step, tuple(names[2:]))
    return next((name for name in ("name", "message", "id", *known) if name in known), "name")
