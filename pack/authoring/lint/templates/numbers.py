"""What prints otherwise than it looks: numbers with six decimals, maps as a type's name, sums of texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pack.authoring.lint.declared.schemas import schema_types
from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.subject import Role
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import CONTAINERS, JSON, NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.expressions import Chain, Filtered, Literal, Printed, Signed
from pack.flowlang.lexer import Kind
from pack.flowlang.tree import Expression
from pack.flowlang.values import parse_float
from pack.flowlang.variables import Variable

NUMBER = Rule("number-printed", Severity.WARNING, "A payload number is printed, with six decimals.")
MAYBE = Rule(
    "maybe-number-printed", Severity.NOTE, "What is printed has the name of a number, which has six decimals."
)
CONTAINER = Rule(
    "container-printed", Severity.WARNING, "A whole map or list is printed, as the name of its type."
)
PLUS = Rule("text-plus", Severity.WARNING, "Texts are added by +, which reckons with numbers only.")
ADD_JOINS = Rule("add-joins", Severity.WARNING, "A number is added to a text by |add, which joins them.")
DIVISION = Rule("division-by-zero", Severity.ERROR, "A number is divided by zero.")
DASH = Rule("dash-brace", Severity.WARNING, "A minus sign belongs to the braces, {{-, and not to the number.")

RULES = (NUMBER, MAYBE, CONTAINER, PLUS, ADD_JOINS, DIVISION, DASH)

_FLOAT: Shapes = frozenset({Shape.FLOAT})
_TEXT: Shapes = frozenset({Shape.TEXT})
_RECORDS: Shapes = CONTAINERS | {Shape.RECORD}
_NUMBER_NAME = re.compile(
    r"(?:count|total|number|amount|size|length|duration|percent|percentage|port|year|quantity|attempts|retries|"
    r".*(?:Count|_count|Total|_total|Number|_number|Amount|_amount|Size|_size|Percent|_percent|Seconds|_seconds|"
    r"Minutes|_minutes|Hours|_hours))"
)
_TIMESTAMP_NAME = re.compile(r"ts|timestamp|.*(?:Ts|_ts|Timestamp|_timestamp)")


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what prints, or adds up to, something else than is meant."""
    for node in reading.nodes:
        if isinstance(node, Chain):
            yield from _sums(reading, node)
        elif isinstance(node, Filtered):
            yield from _added(reading, node)
    if not reading.is_criteria:
        numbers_matter = not _fills_number(reading)
        for node in reading.nodes:
            if isinstance(node, Printed):
                yield from _printed(reading, node.expression, numbers_matter)
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
    if is_certainly(found, _RECORDS) or (found == JSON and whole == "Event.Payload"):
        yield _container(reading, expression, found)
    elif not numbers_matter:
        return
    elif is_certainly(found, NUMBERS) and Shape.FLOAT in found and not _is_exact(reading, expression):
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


def _is_exact(reading: Reading, expression: Expression) -> bool:
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
    if Shape.LIST in found:
        shown = "<[]interface {} Value>"
        filtered = reading.writer.filtered(expression, "join:', '")
        advice = f"write {{{{ {filtered} }}}}" if filtered else "write |join:', '"
    else:
        shown = "<map[string]interface {} Value>"
        advice = f"print its fields one by one, {{{{ {whole}.name }}}}"
    return Remark(
        CONTAINER,
        f"{whole} is printed as the name of its type, such as {shown}",
        f"{advice}; to look at everything in it write |stringformat:'%v'",
        expression.token.offset,
    )


def _sums(reading: Reading, chain: Chain) -> Iterator[Remark]:
    for sign, term in zip(chain.signs, chain.terms[1:], strict=True):
        if sign.text in "/%" and isinstance(term, Literal) and term.value == 0:
            message = f"{reading.writer.whole(chain)} divides by zero: the step is skipped, or +Inf comes out"
            yield Remark(DIVISION, message, "divide by something else", chain.token.offset)
    if any(sign.text == "+" for sign in chain.signs) and _joins(reading, chain):
        yield Remark(
            PLUS,
            f"{reading.writer.whole(chain)} is 0: + takes texts for the numbers in them, and never joins",
            _plus_advice(reading, chain),
            chain.token.offset,
        )


def _joins(reading: Reading, chain: Chain) -> bool:
    """Say whether the terms are texts rather than numbers written as texts."""
    for term in chain.terms:
        if isinstance(term, Literal) and isinstance(term.value, str) and parse_float(term.value) is None:
            return True
    return all(_is_word(reading, term) for term in chain.terms)


def _is_word(reading: Reading, term: Expression) -> bool:
    value = term.value if isinstance(term, Filtered) else term
    if isinstance(value, Variable) and value.parts[0].name == "Context":
        # a number that was carried in the context is a text, and can be reckoned with
        return False
    return not isinstance(term, Literal) and is_certainly(shapes(reading, term), _TEXT)


def _plus_advice(reading: Reading, chain: Chain) -> str:
    side_by_side = "".join(
        str(term.value)
        if isinstance(term, Literal) and isinstance(term.value, str)
        else f"{{{{ {reading.writer.whole(term)} }}}}"
        for term in chain.terms
    )
    rest = chain.terms[1:]
    if isinstance(chain.terms[0], (Literal, Variable, Filtered)) and all(
        isinstance(term, (Literal, Variable)) for term in rest
    ):
        calls = "".join(f"|add:{reading.writer.whole(term)}" for term in rest)
        return f"write {reading.writer.whole(chain.terms[0])}{calls}, or side by side {side_by_side}"
    return f"write them side by side, {side_by_side}"


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
        if isinstance(value, Literal) or not is_certainly(shapes(reading, value), _TEXT):
            continue
        whole = reading.writer.whole(value)
        yield Remark(
            ADD_JOINS,
            f"{whole} is a text, so |add:{call.argument.value} joins: '2' becomes '2{call.argument.value}'",
            f"write {whole}|integer|add:{call.argument.value}",
            filtered.token.offset,
        )
