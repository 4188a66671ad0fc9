"""Criteria that do not come out as one of Go's words for true and false."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates import criteria_advice as advice
from pack.authoring.lint.templates.numbers import MAYBE, has_number_name
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import CONTAINERS, JSON, NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import TEXT_FILTERS, shapes
from pack.authoring.lint.templates.ways import Way, prints, repeats, ways
from pack.flowlang.expressions import Filtered, Literal, Signed
from pack.flowlang.position import ENGINE_PREFIX
from pack.flowlang.rendering import FALSE_WORDS, TRUE_WORDS
from pack.flowlang.tags_control import For, If
from pack.flowlang.tree import Expression, Text
from pack.flowlang.variables import Variable

NOTHING = Rule(
    "criteria-renders-nothing", Severity.WARNING, "A criteria can come out as nothing, which is not false."
)
SPACES = Rule("criteria-spaces", Severity.ERROR, "A criteria has white space around its word.")
NOT_BOOL = Rule("criteria-not-bool", Severity.ERROR, "A criteria never comes out as true or false.")
TEXT = Rule("criteria-text", Severity.WARNING, "A criteria prints a text or number, and is hardly a boolean.")

RULES = (NOTHING, SPACES, NOT_BOOL, TEXT)

_WORDS = TRUE_WORDS | FALSE_WORDS
_START = len(ENGINE_PREFIX)
_TEXT: Shapes = frozenset({Shape.TEXT})
_NEVER: Shapes = CONTAINERS | {Shape.FLOAT, Shape.MOMENT, Shape.RECORD}


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what keeps a criteria from being true or false."""
    if not reading.is_criteria or "\n" in reading.text.text:
        return
    said: set[Rule] = set()
    for remark in _side_by_side(reading):
        said.add(remark.rule)
        yield remark
    for way in ways(reading.body.nodes, _START) or ():
        for remark in _judged(reading, way):
            if remark.rule not in said:
                said.add(remark.rule)
                yield remark


def _side_by_side(reading: Reading) -> Iterator[Remark]:
    """Find loops that print, and conditions behind one another of which none may be met."""
    printing = [node for node in reading.body.nodes if prints(node)]
    loops = [node for node in printing if isinstance(node, For) and repeats(node)]
    if loops:
        whole = reading.writer.whole(loops[0].whole)
        yield Remark(
            NOTHING,
            "a loop prints once for each item: nothing for none, and for two two words, which are no boolean",
            f"ask of {whole} as a whole, as in {{{{ {advice.counted(reading, loops[0].whole)} }}}}",
            loops[0].token.offset,
        )
    choices = [node for node in printing if isinstance(node, If)]
    if len(choices) < 2 or len(choices) < len(printing) or advice.are_opposite(reading, choices):
        return
    if all(len(choice.bodies) == len(choice.conditions) for choice in choices):
        yield Remark(
            NOTHING,
            "a criteria that prints nothing is not false but an error, and maybe no condition is met",
            "write one {% if %} with {% elif … %} and {% else %}false",
            choices[0].token.offset,
        )


def _judged(reading: Reading, way: Way) -> Iterator[Remark]:
    printed = [piece for piece in way.pieces if not isinstance(piece, Text)]
    plain = "".join(piece.text for piece in way.pieces if isinstance(piece, Text))
    place = way.pieces[0].token.offset if way.pieces else way.place
    if not printed:
        yield from _plain(reading, plain, place, way.place)
    elif plain.strip():
        yield Remark(
            NOT_BOOL,
            f"text stands beside the value, {plain.strip()!r}: it is never true or false, and the step never "
            "runs",
            advice.together(reading, way.pieces),
            way.pieces[0].token.offset,
        )
    elif plain:
        yield _spaces(way.pieces[0].token.offset)
    elif len(printed) == 1:
        yield from _expression(reading, printed[0])
    elif all(shapes(reading, piece) == {Shape.BOOLEAN} for piece in printed):
        parts = [reading.writer.term(piece) for piece in printed]
        yield Remark(
            NOT_BOOL,
            f"{len(parts)} values stand side by side, and two words are neither true nor false",
            f"write one expression: {{{{ {' and '.join(parts)} }}}}, or with or",
            printed[0].token.offset,
        )


def _plain(reading: Reading, plain: str, place: int, chosen: int) -> Iterator[Remark]:
    if plain in _WORDS:
        return
    if not plain:
        yield Remark(
            NOTHING,
            "a criteria that prints nothing is not false but an error, which is logged each time",
            advice.something(reading, chosen),
            chosen,
        )
    elif not plain.strip() or plain.strip() in _WORDS:
        yield _spaces(place)
    else:
        yield Remark(
            NOT_BOOL,
            f"{plain.strip()!r} is no word for true or false: the step is never run",
            advice.in_braces(reading, plain.strip()) or advice.EXPRESSION,
            place,
        )


def _spaces(place: int) -> Remark:
    return Remark(
        SPACES,
        "white space stands around the word, so it is neither true nor false: the step is never run",
        "leave it away, or write {{- and -}}, which eat the white space beside them",
        place,
    )


def _expression(reading: Reading, expression: Expression) -> Iterator[Remark]:
    found = shapes(reading, expression)
    whole, place = reading.writer.whole(expression), expression.token.offset
    if isinstance(expression, Literal):
        yield from _literal(expression)
    elif found == {Shape.NOTHING}:
        return
    elif is_certainly(found, _NEVER):
        yield Remark(NOT_BOOL, *_never(reading, expression, found), place)
    elif _default_word(expression) not in _WORDS:
        yield Remark(
            NOT_BOOL if _default_word(expression) else NOTHING,
            f"what |default gives, {_default_word(expression)!r}, is neither true nor false",
            f"write {whole.rpartition(':')[0]}:'false'",
            place,
        )
    elif _is_word(reading, expression, found):
        yield Remark(
            TEXT,
            f"{whole} prints a text, and all but words such as true or False are errors, which skip the step",
            advice.of_text(reading, expression),
            place,
        )
    elif found == JSON and isinstance(expression, Variable) and has_number_name(expression):
        yield Remark(
            MAYBE,
            f"if {whole} is a number, it prints as 1.000000, which is neither true nor false",
            f"write what is asked: {{{{ {whole} > 0 }}}}",
            place,
        )
    elif isinstance(expression, Filtered) and expression.filters[-1].name in ("length", "wordcount"):
        yield Remark(
            TEXT,
            f"{whole} prints a number, and only 0 and 1 are booleans",
            f"write {{{{ {whole} > 0 }}}}",
            place,
        )


def _literal(literal: Literal) -> Iterator[Remark]:
    shown = f"{literal.value:f}" if isinstance(literal.value, float) else str(literal.value)
    if shown not in _WORDS:
        message = f"{shown!r} is no word for true or false: the step is never run"
        yield Remark(NOT_BOOL, message, "write true or false", literal.token.offset)


def _never(reading: Reading, expression: Expression, found: Shapes) -> tuple[str, str]:
    whole = reading.writer.whole(expression)
    if isinstance(expression, Signed) and expression.negate:
        term = reading.writer.side(expression.term)
        return f"{whole} is a number, 0.000000 or 1.100000, and no boolean", f"write {{{{ {term} == 0.0 }}}}"
    if is_certainly(found, NUMBERS):
        return (
            f"{whole} prints as a number with six decimals, 1 as 1.000000, which is neither true nor false",
            f"write what is asked: {{{{ {whole} > 0 }}}}, or {{{{ {whole} == 1.0 }}}}",
        )
    return (
        f"{whole} prints as the name of its type or as a time, which is neither true nor false",
        f"write what is asked: {{{{ {whole}|length > 0 }}}}",
    )


def _default_word(expression: Expression) -> str:
    """Return what a last ``|default`` prints; a word for true where there is none."""
    if isinstance(expression, Filtered) and expression.filters[-1].name == "default":
        argument = expression.filters[-1].argument
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            return argument.value
    return "true"


def _is_word(reading: Reading, expression: Expression, found: Shapes) -> bool:
    """Say whether it prints a text that nobody means as a boolean."""
    if not is_certainly(found, _TEXT):
        return False
    if isinstance(expression, Variable):
        return expression.parts[0].name == "Event"
    if not isinstance(expression, Filtered):
        return False
    call = expression.filters[-1]
    if call.name == "yesno":
        words = call.argument.value if isinstance(call.argument, Literal) else "yes,no"
        return isinstance(words, str) and not set(words.split(",")) <= _WORDS
    value = expression.value
    is_payload = isinstance(value, Variable) and is_certainly(shapes(reading, value), _TEXT)
    from_event = is_payload and isinstance(value, Variable) and value.parts[0].name == "Event"
    return call.name in TEXT_FILTERS and from_event
