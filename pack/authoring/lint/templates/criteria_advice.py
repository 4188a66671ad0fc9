"""How criteria are written right, in the author's own words as far as these can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pack.authoring.lint.templates.logic import meant
from pack.authoring.lint.templates.reading import Reading, read
from pack.authoring.lint.templates.shapes import BOOLEAN, TEXT, is_certainly
from pack.authoring.lint.templates.source import OPERAND
from pack.authoring.lint.templates.types import shapes
from pack.authoring.lint.templates.ways import Piece, prints
from pack.flowlang.arithmetic import RELATIONS
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.expressions import Chain, Filtered, Literal, Logic, Printed, Signed
from pack.flowlang.kinds import clean
from pack.flowlang.parser import parse
from pack.flowlang.rendering import FALSE_WORDS, TRUE_WORDS
from pack.flowlang.tags_control import If
from pack.flowlang.tags_scope import Set
from pack.flowlang.tree import Expression, Text
from pack.flowlang.walk import body_of

EXPRESSION = "write true or false, or an expression such as {{ Event.Name == 'x' }}"
_QUOTATION_MARKS = "\"'`"
_OPPOSITE = {"==": "!=", "!=": "==", "<>": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def together(reading: Reading, pieces: Sequence[Piece]) -> str:
    """Return what is advised where text stands beside values: one expression of both, if it can be read."""
    values = [piece for piece in pieces if not isinstance(piece, Text)]
    joined = ""
    for piece in pieces:
        joined += piece.text if isinstance(piece, Text) else _beside(reading, piece, joined, len(values))
    if (whole := _read(reading, joined)) is not None:
        return f"write one expression: {{{{ {whole} }}}}"
    if len(values) == 1:
        return f"leave away what stands beside it: {{{{ {reading.writer.whole(values[0])} }}}}"
    return "write one expression in one pair of braces, with == and `and` or `or` between its parts"


def _beside(reading: Reading, piece: Expression, before: str, values: int) -> str:
    """Return a value with the brackets that it needs behind some text, so that it stays one value."""
    written = meant(reading, piece)
    if isinstance(piece, Logic) or (isinstance(piece, (Chain, Signed)) and re.search(r"(not|!)\s*$", before)):
        return f"({written})"
    is_part = isinstance(piece, Chain) and not re.search(r"(^|\b(and|or)|&&|\|\|)\s*$", before)
    return f"({written})" if is_part and values > 1 else written


def in_braces(reading: Reading, plain: str) -> str:
    """Return what is advised for a text that may be an expression without braces; empty: it is none."""
    if not re.search(r"\b(Event|Context)\.", plain):
        return ""
    for text in (plain, plain.strip(".;, "), plain.strip(f"{_QUOTATION_MARKS}.;, ")):
        if (whole := _read(reading, text)) is not None:
            return f"write {{{{ {whole} }}}}"
    return "put it into braces, {{ … }}, as one expression"


def _read(reading: Reading, text: str) -> str | None:
    """Return an expression as it is meant; None for what cannot be read as one that asks something."""
    try:
        tree = parse(clean(f"{{{{ {text.strip()} }}}}"))
    except TemplateSyntaxError:
        return None
    nodes = [node for node in body_of(tree).nodes if prints(node)]
    if len(nodes) != 1 or not isinstance(nodes[0], Printed) or isinstance(nodes[0].expression, Literal):
        return None
    return meant(read(reading.subject, reading.declarations, reading.text, tree), nodes[0].expression)


def something(reading: Reading, place: int) -> str:
    """Return what is advised where a criteria prints nothing. ``place``: of the tag that chose that."""
    choice = next(
        (node for node in reading.nodes if isinstance(node, If) and node.token.offset == place), None
    )
    if choice is None:
        return _without_choice(reading)
    if len(choice.conditions) > 1 or len(choice.bodies) > 1:
        return "write {% else %}false before {% endif %}"
    asked, body = choice.conditions[0], [node for node in choice.bodies[0].nodes if prints(node)]
    condition = reading.writer.whole(asked)
    if len(body) == 1 and isinstance(body[0], Printed):
        inner = reading.writer.term(body[0].expression)
        return f"write {{{{ {reading.writer.term(asked)} and {inner} }}}}"
    word = body[0].text.strip() if len(body) == 1 and isinstance(body[0], Text) else ""
    short = is_certainly(shapes(reading, asked), BOOLEAN)
    if word in TRUE_WORDS:
        alone = f", or only {{{{ {condition} }}}}" if short else ""
        return f"write {{% if {condition} %}}true{{% else %}}false{{% endif %}}{alone}"
    if word in FALSE_WORDS:
        alone = f", or only {{{{ not ({condition}) }}}}" if short else ""
        return f"write {{% if {condition} %}}false{{% else %}}true{{% endif %}}{alone}"
    return "write {% else %}false before {% endif %}"


def _without_choice(reading: Reading) -> str:
    names = [node.name for node in reading.body.nodes if isinstance(node, Set)]
    return f"print what is set, by {{{{ {names[-1]} }}}} behind it" if names else EXPRESSION


def of_text(reading: Reading, expression: Expression) -> str:
    """Return what is advised for a criteria that prints a text."""
    writer = reading.writer
    whole, empty = writer.whole(expression), writer.text("")
    if not isinstance(expression, Filtered):
        return f"write what is asked: {{{{ {whole} != {empty} }}}}, or == a text"
    call, before = expression.filters[-1], expression.filters[:-1]
    value = Filtered(expression.token, expression.value, before) if before else expression.value
    if call.name == "yesno":
        if is_certainly(shapes(reading, value), BOOLEAN):
            return f"leave |yesno away: {{{{ {writer.whole(value)} }}}}"
        return f"write {{{{ {writer.whole(value)}|yesno:{writer.text('true,false,false')} }}}}"
    if call.name == "extractMatch" and call.argument is not None:
        return f"write {{{{ {writer.whole(value)}|match:{writer.whole(call.argument)} }}}}"
    if is_certainly(shapes(reading, value), TEXT):
        return f"write what is asked: {{{{ {whole} != {empty} }}}}, or == a text"
    return f"write what is asked: {{{{ {whole} == {writer.text('…')} }}}}"


def counted(reading: Reading, expression: Expression) -> str:
    """Return the question whether a list has anything in it."""
    counting = reading.writer.filtered(expression, "length")
    return f"{counting} > 0" if counting else "list|length > 0"


def are_opposite(reading: Reading, choices: Sequence[If]) -> bool:
    """Say whether of some conditions one is met in any case, as of ``a`` and ``not a``."""
    asked = [condition for choice in choices for condition in choice.conditions]
    written = {reading.writer.whole(condition) for condition in asked}
    return any(_negations(reading, condition) & written for condition in asked)


def _negations(reading: Reading, condition: Expression) -> set[str]:
    writer = reading.writer
    found = {f"not {writer.inside(condition, OPERAND)}", f"not ({writer.whole(condition)})"}
    if isinstance(condition, Chain) and len(condition.terms) == 2 and condition.signs[0].text in RELATIONS:
        left, right = map(writer.side, condition.terms)
        if opposite := _OPPOSITE.get(condition.signs[0].text):
            found.add(f"{left} {opposite} {right}")
    return found
