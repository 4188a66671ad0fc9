"""Functions that are called with what they refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark
from pack.authoring.lint.templates.shapes import Shape
from pack.authoring.lint.templates.syntax import explained
from pack.authoring.lint.templates.types import shapes
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.expressions import Filtered, Literal
from pack.flowlang.functions import BUILT_IN
from pack.flowlang.kinds import clean
from pack.flowlang.parser import parse
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Variable

ARGUMENT = Rule("function-argument", Severity.ERROR, "A function is called with arguments that it refuses.")
TEMPLATE = Rule(
    "template-of-payload", Severity.ERROR, "template() is given a part of the event, and the action is lost."
)
DATASTORE = Rule(
    "datastore-default", Severity.WARNING, "A default is to stand in for a datastore key that is missing."
)

RULES = (ARGUMENT, TEMPLATE, DATASTORE)

_PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: function.parameters for name, function in BUILT_IN.items()} | {"datastore": ("string",)}
)
_TAKEN = MappingProxyType({"int": Shape.WHOLE, "string": Shape.TEXT})
_WORDS = MappingProxyType({"int": "a whole number", "string": "a text"})
_CURES = MappingProxyType({"int": "|integer", "string": "|stringformat:'%v'"})


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield calls that fail."""
    for node in reading.nodes:
        if isinstance(node, Variable) and node.parts[0].name in _PARAMETERS:
            if node.parts[0].name not in reading.bindings:
                yield from _call(reading, node)
        elif isinstance(node, Filtered) and _has_default(node):
            yield Remark(
                DATASTORE,
                "a key that the datastore has not skips the step: no default is reached",
                "put the key into the datastore, with an empty value if need be",
                node.filters[0].token.offset,
            )


def _has_default(filtered: Filtered) -> bool:
    value = filtered.value
    is_item = isinstance(value, Variable) and [part.name for part in value.parts] == ["datastore"]
    return is_item and filtered.filters[0].name in ("default", "default_if_none")


def _call(reading: Reading, variable: Variable) -> Iterator[Remark]:
    name, arguments = variable.parts[0].name, variable.parts[0].arguments or ()
    wanted, place = _PARAMETERS[name], variable.token.offset
    if len(arguments) != len(wanted):
        times = "one argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
        form = {"template": "template(text, Context)", "randomInt": "randomInt(10)"}.get(
            name, f"{name}(text)"
        )
        message = f"{name} takes {times}, not {len(arguments)}: the step is skipped"
        yield Remark(ARGUMENT, message, f"write {form}", place)
        return
    for number, (argument, kind) in enumerate(zip(arguments, wanted, strict=True), start=1):
        if kind in _TAKEN and _TAKEN[kind] not in shapes(reading, argument):
            written = reading.writer.filtered(argument, _CURES[kind][1:])
            yield Remark(
                ARGUMENT,
                f"argument {number} of {name} has to be {_WORDS[kind]}: the step is skipped",
                f"write {written}" if written else f"{{% set x = … %}} it first, and give x{_CURES[kind]}",
                argument.token.offset,
            )
    if name == "template":
        yield from _inner(arguments[0])
        yield from _values(reading, arguments[1])


def _inner(text: Expression) -> Iterator[Remark]:
    """Judge a template that stands in the template as a text."""
    if isinstance(text, Literal) and isinstance(text.value, str):
        try:
            parse(clean(text.value))
        except TemplateSyntaxError as error:
            inner = explained(error)
            yield Remark(
                inner.rule, f"in the inner template {inner.message}", inner.advice, text.token.offset
            )


def _values(reading: Reading, values: Expression) -> Iterator[Remark]:
    """Judge the map that ``template`` is given: functions are put into it, also where it is the event's."""
    written = reading.writer.whole(values)
    if written == "Event.Payload" or written.startswith(("Event.Payload.", "Event.Payload|")):
        yield Remark(
            TEMPLATE,
            "template() puts functions into its map, so Flyte cannot save the event: the action is lost",
            "carry the values in the step's context and give template(text, Context)",
            values.token.offset,
        )
    elif Shape.MAP not in shapes(reading, values) or written == "Event.Pack.Labels":
        yield Remark(
            ARGUMENT,
            f"argument 2 of template has to be a map of any values, not {written}: the step is skipped",
            "give it Context, or unmarshalJson(text)",
            values.token.offset,
        )
