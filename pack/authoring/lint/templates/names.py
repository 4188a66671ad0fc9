"""Names that stand for nothing: misspelt ones, words of other languages, texts without quotation marks."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.declared.declarations import near
from pack.authoring.lint.declared.payload_types import payload_names, payload_types
from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.names import listed
from pack.authoring.lint.templates.reading import FUNCTIONS, ROOTS, Reading, Remark
from pack.authoring.lint.templates.source import OPERAND
from pack.authoring.lint.templates.syntax import FILE_ADVICE, FILE_TAG, UNKNOWN_FILTER, suggestion
from pack.authoring.lint.templates.words import METHODS, OTHER_FILTERS, OTHER_FUNCTIONS
from pack.flowlang.arithmetic import RELATIONS
from pack.flowlang.expressions import Chain, Filtered
from pack.flowlang.filters import FILTERS
from pack.flowlang.tags_files import Include, Nothing
from pack.flowlang.tags_scope import FilterBlock
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Part, Variable

PYTHON_WORD = Rule(
    "python-word", Severity.WARNING, "A template uses True, None or the like, which are just missing names."
)
NONE_COMPARED = Rule(
    "none-compared",
    Severity.NOTE,
    "A template compares with None, null or the like, which is a missing name.",
)
UNKNOWN_NAME = Rule("unknown-name", Severity.WARNING, "A template uses a name that stands for nothing.")
UNKNOWN_FUNCTION = Rule(
    "unknown-function", Severity.WARNING, "A template calls a function that does not exist."
)
METHOD_CALL = Rule("method-call", Severity.ERROR, "A template calls a method of a value, which has none.")
DASH_IN_NAME = Rule(
    "dash-in-name", Severity.WARNING, "A name has a dash in it, and is read as a subtraction."
)
LOOP_FIELD = Rule("forloop-field", Severity.WARNING, "A template asks forloop for a field that it has not.")

RULES = (PYTHON_WORD, NONE_COMPARED, UNKNOWN_NAME, UNKNOWN_FUNCTION, METHOD_CALL, DASH_IN_NAME, LOOP_FIELD)

_BOOLEANS = frozenset({"True", "False", "TRUE", "FALSE"})
_NOTHINGS = frozenset({"None", "none", "NONE", "null", "Null", "NULL", "nil", "Nil", "undefined"})
_LOOP_FIELDS = ("Counter", "Counter0", "Revcounter", "Revcounter0", "First", "Last", "Parentloop")
_LOOP_WORDS = {
    "index": "Counter",
    "index0": "Counter0",
    "revindex": "Revcounter",
    "revindex0": "Revcounter0",
    "parent": "Parentloop",
    "length": "Revcounter of the first round",
}


_Compared = dict[int, tuple[str, Expression | None]]


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield what is wrong with names."""
    for node in reading.nodes:
        if isinstance(node, (Include, Nothing)) and node.token.text == "include":
            message = "{% include %} reads a file beside the engine, and flows have none: the step is skipped"
            yield Remark(FILE_TAG, message, FILE_ADVICE, node.token.offset)
        elif isinstance(node, FilterBlock):
            for name, _ in node.calls:
                if name not in FILTERS:
                    advice = suggestion(name, FILTERS, OTHER_FILTERS, "|{}")
                    message = f"there is no filter |{name}: the step is skipped"
                    yield Remark(UNKNOWN_FILTER, message, advice, node.token.offset)
        elif isinstance(node, Chain):
            yield from _dashes(reading, node)
    compared = _compared(reading)
    for node in reading.nodes:
        if isinstance(node, Variable):
            yield from _name(reading, node, compared)


def _compared(reading: Reading) -> _Compared:
    """Return by the place of a name the sign of the comparison that it stands in, and what else does."""
    return {
        term.token.offset: (
            node.signs[0].text,
            next((other for other in node.terms if other is not term), None),
        )
        for node in reading.nodes
        if isinstance(node, Chain) and node.signs[0].text in RELATIONS
        for term in node.terms
        if isinstance(term, Variable)
    }


def _name(reading: Reading, variable: Variable, compared: _Compared) -> Iterator[Remark]:
    first = variable.parts[0]
    offset = variable.token.offset
    sign, other = compared.get(offset, ("", None))
    if first.name == "forloop" and reading.knows("forloop"):
        yield from _loop_field(variable)
    elif reading.knows(first.name):
        yield from _method(reading, variable)
    elif first.name in _BOOLEANS and len(variable.parts) == 1:
        right = first.name.lower()
        yield Remark(
            PYTHON_WORD,
            f"{first.name} is the name of nothing: it prints as nothing and equals only what is missing",
            f"write {right}" + (f", as in {sign} {right}" if sign else ""),
            offset,
        )
    elif first.name in _NOTHINGS and len(variable.parts) == 1:
        if sign in ("==", "!=", "<>"):
            yield _none_compared(reading, variable, sign, other)
        else:
            yield Remark(
                PYTHON_WORD,
                f"{first.name} is no word of templates, just the name of nothing: it prints as nothing",
                "leave it away; whether something is missing is asked by not",
                offset,
            )
    elif first.arguments is not None:
        yield Remark(
            UNKNOWN_FUNCTION,
            f"there is no function {first.name}(): Flyte prints nothing in its place",
            suggestion(first.name, FUNCTIONS, OTHER_FUNCTIONS, "{}()"),
            offset,
        )
    else:
        yield _unknown(reading, variable, sign)


def _none_compared(reading: Reading, variable: Variable, sign: str, other: Expression | None) -> Remark:
    name = variable.parts[0].name
    asked = reading.writer.inside(other, OPERAND) if other is not None else "name"
    advice = (
        f"write not {asked}, which is true of '', 0 and false as well"
        if sign == "=="
        else f"write {asked} alone in {{% if %}} and beside `and` or `or`, and not (not {asked}) elsewhere"
    )
    return Remark(
        NONE_COMPARED,
        f"{name} is no word of templates: this works only because nothing has that name",
        advice,
        variable.token.offset,
    )


def _unknown(reading: Reading, variable: Variable, sign: str) -> Remark:
    name = variable.parts[0].name
    known = sorted({*ROOTS, *FUNCTIONS, *reading.bindings})
    if name in ("loop", "forloop"):
        field = variable.parts[1].name if len(variable.parts) > 1 else ""
        known_field = field if field in _LOOP_FIELDS else near(field, _LOOP_FIELDS)
        better = _LOOP_WORDS.get(field) or known_field or "Counter"
        advice = f"write forloop.{better}, inside of a loop"
    elif name.lower() == "payload":
        advice = f"write Event.{'.'.join(['Payload', *map(str, variable.parts[1:])])}"
    elif close := near(name, known):
        advice = f"did you mean {close}?"
    elif sign:
        advice = f"a text needs quotation marks: {reading.writer.text(str(variable))}"
    else:
        advice = (
            f"write Event.Payload.{variable} for a field of the event, Context.{variable} for a value of the "
            f"context, {reading.writer.text(str(variable))} for a text"
        )
    return Remark(
        UNKNOWN_NAME,
        f"nothing has the name {name}: Flyte takes it as empty, without an error",
        advice,
        variable.token.offset,
    )


def _loop_field(variable: Variable) -> Iterator[Remark]:
    for part in variable.parts[1:]:
        if str(part) in _LOOP_FIELDS:
            continue
        better = _LOOP_WORDS.get(part.name) or near(part.name, _LOOP_FIELDS) or ", ".join(_LOOP_FIELDS)
        yield Remark(
            LOOP_FIELD,
            f"forloop has no field {part}: it is empty in every round",
            f"write forloop.{better}: the fields begin with a capital",
            variable.token.offset,
        )
        return


def _method(reading: Reading, variable: Variable) -> Iterator[Remark]:
    names = [str(part) for part in variable.parts]
    if names[0] in reading.bindings or names[0] not in ("Event", "Context"):
        return
    if names[1:2] in (["CreatedAt"], ["ReceivedAt"]):
        return
    for index, part in enumerate(variable.parts[1:], start=1):
        if part.arguments is None:
            continue
        owner = ".".join(names[:index])
        better = _filter_for(reading, part)
        if part.name in ("items", "keys", "values"):
            advice = f"write {{% for key, value in {owner} sorted %}}"
        else:
            advice = (
                f"write {owner}{better}"
                if better
                else "leave the brackets away; what filters there are: docs/flows.md"
            )
        yield Remark(
            METHOD_CALL,
            f"{'.'.join(names[: index + 1])}() is called, and values have no methods: the step is skipped",
            advice,
            variable.token.offset,
        )
        return


def _filter_for(reading: Reading, part: Part) -> str:
    """Return the filter that does what a method does elsewhere; empty: there is none."""
    known = METHODS.get(part.name, "")
    name, colon, _ = known.partition(":")
    if part.name in ("split", "join", "get", "match") and part.arguments and colon:
        return f"{name}:{reading.writer.whole(part.arguments[0])}"
    return known


def _dashes(reading: Reading, chain: Chain) -> Iterator[Remark]:
    """Find ``Event.Payload.some-key``: subtractions without spaces of names that stand for nothing."""
    first = chain.terms[0]
    if not isinstance(first, Variable) or len(first.parts) < 2 or first.parts[-1].index is not None:
        return
    meant = _meant_by_dashes(reading, chain, first.parts[-1].name)
    if meant is None:
        return
    pieces, calls, claims = meant
    rest = pieces[0].partition("-")[2]
    known = _known_fields(reading, first)
    if known and pieces[0] not in known:
        guess = near(pieces[0].replace("-", ""), known) or near(first.parts[-1].name, known)
        owner = ".".join(map(str, first.parts[:-1]))
        message = f"the payload has no {pieces[0]}, and {first}-{rest} is a subtraction"
        advice = f"did you mean {owner}.{guess}?" if guess else f"there are {listed(known, 'and')}"
    else:
        owner = reading.writer.whole(Variable(first.token, first.parts[:-1]))
        keys = "".join(f"|key:{reading.writer.text(piece)}" for piece in pieces)
        minuend = reading.writer.whole(first)
        message = f"{owner}.{'.'.join(pieces)} is a subtraction, {minuend} minus {rest}: 0 or a wrong number"
        advice = f"write {owner}{keys}{calls}"
    yield Remark(DASH_IN_NAME, message, advice, first.token.offset, claims)


def _meant_by_dashes(
    reading: Reading, chain: Chain, name: str
) -> tuple[list[str], str, tuple[int, ...]] | None:
    """Return the keys that were meant, the filters behind them and the names' offsets; None: no such case."""
    source = reading.tree.source
    pieces, calls, claims = [name], "", list[int]()
    for sign, term in zip(chain.signs, chain.terms[1:], strict=True):
        variable = term.value if isinstance(term, Filtered) else term
        tight = (
            sign.text == "-"
            and not source[sign.offset - 1].isspace()
            and not source[sign.offset + 1].isspace()
        )
        if not tight or calls or not isinstance(variable, Variable) or reading.knows(variable.parts[0].name):
            return None
        claims.append(variable.token.offset)
        pieces[-1] += f"-{variable.parts[0].name}"
        pieces.extend(str(part) for part in variable.parts[1:])
        calls = _calls(reading, term)
    return pieces, calls, tuple(claims)


def _known_fields(reading: Reading, variable: Variable) -> list[str]:
    """Return the fields beside one of a payload; empty where they are not all known."""
    names = tuple(str(part) for part in variable.parts)
    if names[:2] != ("Event", "Payload") or len(names) < 3:
        return []
    subject, declarations, step = reading.subject, reading.declarations, reading.text.step
    if payload_types(subject, declarations, step, (*names[2:-1], "-")) is None:
        return []
    return payload_names(subject, declarations, step, names[2:-1])


def _calls(reading: Reading, term: Expression) -> str:
    if not isinstance(term, Filtered):
        return ""
    return reading.writer.whole(term)[len(reading.writer.whole(term.value)) :]
