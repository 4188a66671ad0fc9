"""Criteria that do not come out as one of Go's words for true and false."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.numbers import MAYBE, has_number_name
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import CONTAINERS, JSON, NUMBERS, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import TEXT_FILTERS, shapes
from pack.flowlang.expressions import Filtered, Literal, Printed, Signed
from pack.flowlang.position import ENGINE_PREFIX
from pack.flowlang.rendering import FALSE_WORDS, TRUE_WORDS
from pack.flowlang.tags_control import If, IfEqual
from pack.flowlang.tags_files import Nothing
from pack.flowlang.tags_macro import Macro
from pack.flowlang.tags_scope import Set
from pack.flowlang.tree import Body, Expression, Node, Text
from pack.flowlang.variables import Variable

NOTHING = Rule(
    "criteria-renders-nothing", Severity.WARNING, "A criteria can come out as nothing, which is not false."
)
SPACES = Rule("criteria-spaces", Severity.ERROR, "A criteria has white space around its word.")
NOT_BOOL = Rule("criteria-not-bool", Severity.ERROR, "A criteria never comes out as true or false.")
TEXT = Rule("criteria-text", Severity.WARNING, "A criteria prints a text or number, and is hardly a boolean.")

RULES = (NOTHING, SPACES, NOT_BOOL, TEXT)

_WORDS = TRUE_WORDS | FALSE_WORDS
_MAX_WAYS = 64
_START = len(ENGINE_PREFIX)
_TEXT: Shapes = frozenset({Shape.TEXT})
_NEVER: Shapes = CONTAINERS | {Shape.FLOAT, Shape.MOMENT, Shape.RECORD}

Piece = Text | Expression


@dataclass(frozen=True, slots=True)
class _Way:
    """One way through a criteria: what it prints, and the place of the last tag that chose it."""

    pieces: tuple[Piece, ...]
    place: int


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what keeps a criteria from being true or false."""
    if not reading.is_criteria or "\n" in reading.text.text:
        return
    ways = _ways(reading.body.nodes, _START)
    said: set[Rule] = set()
    for way in ways or ():
        for remark in _judged(reading, way):
            if remark.rule not in said:
                said.add(remark.rule)
                yield remark


def _ways(nodes: Sequence[Node], place: int) -> list[_Way] | None:
    """Return every way through some nodes; None when there are too many, or a tag of which one cannot say."""
    found = [_Way((), place)]
    if sum(isinstance(node, (If, IfEqual)) for node in nodes) > 1:
        # which of their ways go together is not known
        return None
    for node in nodes:
        following = _ways_of(node, place)
        if following is None or len(found) * len(following) > _MAX_WAYS:
            return None
        found = [
            _Way(way.pieces + more.pieces, more.place if more.place != place else way.place)
            for way in found
            for more in following
        ]
    return found


def _ways_of(node: Node, place: int) -> list[_Way] | None:
    if isinstance(node, Text):
        return [_Way((node,) if node.text else (), place)]
    if isinstance(node, Printed):
        return [_Way((node.expression,), place)]
    if isinstance(node, (Set, Macro, Nothing)):
        return [_Way((), place)]
    if isinstance(node, If):
        has_else = len(node.bodies) > len(node.conditions)
        bodies = list(node.bodies[: len(node.conditions) + 1])
        return _branches(bodies, has_else, node.token.offset)
    if isinstance(node, IfEqual):
        bodies = [node.then] if node.otherwise is None else [node.then, node.otherwise]
        return _branches(bodies, node.otherwise is not None, node.token.offset)
    return None


def _branches(bodies: list[Body], has_else: bool, place: int) -> list[_Way] | None:
    found = [] if has_else else [_Way((), place)]
    for body in bodies:
        ways = _ways(body.nodes, place)
        if ways is None:
            return None
        found.extend(ways)
    return found


def _judged(reading: Reading, way: _Way) -> Iterator[Remark]:
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
            f"write one expression: {{{{ {_together(reading, way.pieces)} }}}}",
            way.pieces[0].token.offset,
        )
    elif plain:
        yield _spaces(way.pieces[0].token.offset)
    elif len(printed) == 1:
        yield from _expression(reading, printed[0])


def _plain(reading: Reading, plain: str, place: int, chosen: int) -> Iterator[Remark]:
    if plain in _WORDS:
        return
    if not plain:
        yield Remark(
            NOTHING,
            "a criteria that prints nothing is not false but an error, which is logged each time",
            _else_advice(reading),
            chosen,
        )
    elif not plain.strip() or plain.strip() in _WORDS:
        yield _spaces(place)
    else:
        yield Remark(
            NOT_BOOL,
            f"{plain.strip()!r} is no word for true or false: the step is never run",
            f"write {{{{ {plain.strip()} }}}}"
            if "Event." in plain or "Context." in plain
            else "write true or false, or an expression such as {{ Event.Name == 'x' }}",
            place,
        )


def _together(reading: Reading, pieces: tuple[Piece, ...]) -> str:
    """Return what may be meant by text beside values: the text as a part of the expression."""
    written = (piece.text if isinstance(piece, Text) else reading.writer.whole(piece) for piece in pieces)
    return "".join(written).strip()


def _spaces(place: int) -> Remark:
    return Remark(
        SPACES,
        "white space stands around the word, so it is neither true nor false: the step is never run",
        "leave it away, or write {{- and -}}, which eat the white space beside them",
        place,
    )


def _else_advice(reading: Reading) -> str:
    choice = next((node for node in reading.body.nodes if isinstance(node, If)), None)
    if choice is not None and len(choice.conditions) == 1:
        condition = reading.writer.whole(choice.conditions[0])
        short = f", or only {{{{ {condition} }}}}" if _is_boolean(reading, choice.conditions[0]) else ""
        return f"write {{% if {condition} %}}true{{% else %}}false{{% endif %}}{short}"
    return "write {% else %}false before {% endif %}"


def _is_boolean(reading: Reading, expression: Expression) -> bool:
    return is_certainly(shapes(reading, expression), frozenset({Shape.BOOLEAN}))


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
            f"write what is asked: {{{{ {whole} != {reading.writer.text('')} }}}}, or == a text",
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
