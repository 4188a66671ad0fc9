"""What an expression's value can be, as far as a template alone and the declared payloads tell."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from pack.authoring.lint.payload_types import payload_types
from pack.authoring.lint.template_reading import Binding, Reading
from pack.flowlang.arithmetic import POWERS, PRODUCTS, SUMS
from pack.flowlang.expressions import Chain, Filtered, Literal, Logic, Signed
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Variable


class Shape(Enum):
    """One type of value."""

    TEXT = "a text"
    WHOLE = "a whole number"
    FLOAT = "a payload number"
    BOOLEAN = "a boolean"
    LIST = "a list"
    MAP = "a map"
    MOMENT = "a time"
    RECORD = "something of the engine"
    NOTHING = "nothing"


Shapes = frozenset[Shape]

ANYTHING: Shapes = frozenset(Shape)
NUMBERS: Shapes = frozenset({Shape.WHOLE, Shape.FLOAT})
CONTAINERS: Shapes = frozenset({Shape.LIST, Shape.MAP})
JSON: Shapes = frozenset({Shape.TEXT, Shape.FLOAT, Shape.BOOLEAN, Shape.LIST, Shape.MAP, Shape.NOTHING})
"""What a payload can have: every number of it is a float."""

_TEXT: Shapes = frozenset({Shape.TEXT})
_WHOLE: Shapes = frozenset({Shape.WHOLE})
_FLOAT: Shapes = frozenset({Shape.FLOAT})
_BOOLEAN: Shapes = frozenset({Shape.BOOLEAN})
_LIST: Shapes = frozenset({Shape.LIST})
_MAP: Shapes = frozenset({Shape.MAP})
_MOMENT: Shapes = frozenset({Shape.MOMENT})
_RECORD: Shapes = frozenset({Shape.RECORD})
_NOTHING: Shapes = frozenset({Shape.NOTHING})

_FROM_SCHEMA: Mapping[str, Shapes] = MappingProxyType(
    {
        "string": _TEXT,
        "number": _FLOAT,
        "integer": _FLOAT,
        "boolean": _BOOLEAN,
        "array": _LIST,
        "object": _MAP,
        "null": _NOTHING,
    }
)
_EVENT: Mapping[str, Shapes] = MappingProxyType({"Name": _TEXT, "Pack": _RECORD, "CreatedAt": _MOMENT})
_PACK: Mapping[str, Shapes] = MappingProxyType({"Name": _TEXT, "Id": _TEXT, "Labels": _MAP})
_FUNCTIONS: Mapping[str, Shapes] = MappingProxyType(
    {
        "randomInt": _WHOLE,
        "randomAlpha": _TEXT,
        "base64Encode": _TEXT,
        "base64Decode": _TEXT,
        "template": _TEXT,
        "unmarshalJson": _MAP,
        "datastore": _TEXT | _MAP,
    }
)
_LOOP: Mapping[str, Shapes] = MappingProxyType(
    dict.fromkeys(("Counter", "Counter0", "Revcounter", "Revcounter0"), _WHOLE)
    | {"First": _BOOLEAN, "Last": _BOOLEAN}
)
_TEXT_FILTER_NAMES = (
    "addslashes capfirst cut date escape escapejs extractMatch iriencode linebreaks "
    "linebreaksbr linenumbers lower phone2numeric pluralize removedupwhitespaces removetags "
    "rjust safecopypaste stringformat striptags time title truncatechars truncatechars_html "
    "truncatewords truncatewords_html upper urlencode urlize urlizetrunc yesno"
)
TEXT_FILTERS = frozenset(_TEXT_FILTER_NAMES.split())
"""The filters whose result is always a text."""
_FILTERS: Mapping[str, Shapes] = MappingProxyType(
    dict.fromkeys(TEXT_FILTERS, _TEXT)
    | {
        "integer": _WHOLE,
        "length": _WHOLE,
        "wordcount": _WHOLE,
        "floatformat": _TEXT | _WHOLE,
        "float": _FLOAT,
        "divisibleby": _BOOLEAN,
        "length_is": _BOOLEAN,
        "match": _BOOLEAN,
        "matchesCron": _BOOLEAN,
        "make_list": _LIST,
        "split": _LIST,
        "kvp": _MAP,
    }
)
_ONE_OF = frozenset({"first", "last", "index", "random"})
_MADE_OF_TEXTS = frozenset({"split", "make_list", "kvp"})
_UNCHANGED = frozenset({"slice", "safe"})


def shapes(reading: Reading, expression: Expression, seen: frozenset[str] = frozenset()) -> Shapes:
    """Return all types that a value may have; ``seen``: names of the template that are being looked into."""
    if isinstance(expression, Literal):
        return _of_literal(expression.value)
    if isinstance(expression, Variable):
        return _of_variable(reading, expression, seen)
    if isinstance(expression, Filtered):
        return _of_filtered(reading, expression, seen)
    if isinstance(expression, Logic):
        return _BOOLEAN
    if isinstance(expression, Signed):
        inner = shapes(reading, expression.term, seen)
        if expression.minus:
            return inner & NUMBERS or NUMBERS
        numbers = inner & NUMBERS
        return numbers if numbers and not inner - NUMBERS - _NOTHING else numbers | _BOOLEAN
    if isinstance(expression, Chain):
        return _of_chain(reading, expression, seen)
    return ANYTHING


def is_certainly(found: Shapes, wanted: Shapes) -> bool:
    """Say whether a value that is there is of one of the wanted types."""
    present = found - _NOTHING
    return bool(present) and present <= wanted


def element_shapes(reading: Reading, expression: Expression, seen: frozenset[str] = frozenset()) -> Shapes:
    """Return what the items of a list or the values of a map may be."""
    if isinstance(expression, Filtered):
        last = expression.filters[-1].name
        if last in _MADE_OF_TEXTS:
            return _TEXT
        if last in _UNCHANGED:
            inner = expression.filters[:-1]
            rest = Filtered(expression.token, expression.value, inner) if inner else expression.value
            return element_shapes(reading, rest, seen)
    if isinstance(expression, Variable):
        names = [part.name for part in expression.parts]
        if names == ["Context"] or names == ["Event", "Pack", "Labels"]:
            return _TEXT
        bindings = reading.bindings.get(names[0], [])
        bound = bindings[0].of if len(bindings) == 1 and not bindings[0].each else None
        if len(names) == 1 and bound is not None and names[0] not in seen:
            return element_shapes(reading, bound, seen | {names[0]})
    whole = shapes(reading, expression, seen)
    return JSON if whole <= JSON else ANYTHING


def _of_literal(value: object) -> Shapes:
    if isinstance(value, bool):
        return _BOOLEAN
    if isinstance(value, str):
        return _TEXT
    return _FLOAT if isinstance(value, float) else _WHOLE


def _of_variable(reading: Reading, variable: Variable, seen: frozenset[str]) -> Shapes:
    first, rest = variable.parts[0], variable.parts[1:]
    names = tuple(str(part) for part in rest)
    if first.name in reading.bindings:
        return _of_bound(reading, first.name, names, seen)
    if any(part.arguments is not None for part in rest):
        return ANYTHING
    if first.name == "Event":
        return _of_event(reading, names)
    if first.name == "Context":
        return _MAP if not names else _TEXT | _NOTHING if len(names) == 1 else ANYTHING
    if first.name in _FUNCTIONS:
        return JSON if names else _FUNCTIONS[first.name]
    return ANYTHING if reading.knows(first.name) else _NOTHING


def _of_event(reading: Reading, names: tuple[str, ...]) -> Shapes:
    if not names:
        return _RECORD
    if names[0] == "Payload":
        return _of_payload(reading, names[1:])
    if names[0] != "Pack" or len(names) == 1:
        return _EVENT.get(names[0], _NOTHING) if len(names) == 1 else ANYTHING
    if len(names) == 2:
        return _PACK.get(names[1], _NOTHING)
    return _TEXT | _NOTHING if names[1] == "Labels" and len(names) == 3 else ANYTHING


def _of_payload(reading: Reading, names: tuple[str, ...]) -> Shapes:
    types = payload_types(reading.subject, reading.declarations, reading.text.step, names)
    if not types:
        # unknown, or a field that is not there, of which another rule tells
        return JSON
    found: Shapes = frozenset()
    for name in types:
        found |= _FROM_SCHEMA.get(name, JSON)
    return found | _NOTHING if names else found


def _of_bound(reading: Reading, name: str, names: tuple[str, ...], seen: frozenset[str]) -> Shapes:
    if name in seen:
        return frozenset()
    if name == "forloop":
        return _LOOP.get(names[-1], ANYTHING) if names else _RECORD
    found: Shapes = frozenset()
    for binding in reading.bindings[name]:
        found |= _of_binding(reading, binding, seen | {name})
    if not names:
        return found or ANYTHING
    return JSON if found <= JSON else ANYTHING


def _of_binding(reading: Reading, binding: Binding, seen: frozenset[str]) -> Shapes:
    if binding.of is None:
        return ANYTHING
    if not binding.each:
        return shapes(reading, binding.of, seen)
    whole = shapes(reading, binding.of, seen) - _NOTHING
    if binding.each == "key" and whole == _MAP:
        return _TEXT
    if whole == _TEXT:
        return _TEXT
    return element_shapes(reading, binding.of, seen)


def _of_filtered(reading: Reading, filtered: Filtered, seen: frozenset[str]) -> Shapes:
    found = shapes(reading, filtered.value, seen)
    for number, call in enumerate(filtered.filters):
        before = filtered.filters[:number]
        value = Filtered(filtered.token, filtered.value, before) if before else filtered.value
        argument = _TEXT if call.argument is None else shapes(reading, call.argument, seen)
        if call.name in _FILTERS:
            found = _FILTERS[call.name]
        elif call.name == "add":
            found = _sum(found, argument)
        elif call.name in ("default", "default_if_none"):
            found = (found - _NOTHING) | argument
        elif call.name in _ONE_OF:
            found = _TEXT if found == _TEXT else element_shapes(reading, value, seen) | _TEXT | _NOTHING
        elif call.name == "key":
            found = element_shapes(reading, value, seen) | _NOTHING
        elif call.name == "join":
            found = _TEXT if found <= _TEXT | _LIST else (found - _LIST) | _TEXT
        elif call.name not in _UNCHANGED:
            found = ANYTHING
    return found


def _sum(left: Shapes, right: Shapes) -> Shapes:
    """Return what ``|add`` may give: a number of two numbers, of all else a text."""
    numbers = (left & NUMBERS) | (right & NUMBERS) if left & NUMBERS and right & NUMBERS else frozenset()
    if is_certainly(left, _FLOAT) or is_certainly(right, _FLOAT):
        numbers &= _FLOAT
    texts = _TEXT if (left - NUMBERS) or (right - NUMBERS) else frozenset()
    return numbers | texts


def _of_chain(reading: Reading, chain: Chain, seen: frozenset[str]) -> Shapes:
    sign = chain.signs[0].text
    if sign in POWERS:
        return _FLOAT
    if sign not in SUMS and sign not in PRODUCTS:
        return _BOOLEAN
    if chain.signs[-1].text == "%":
        return _WHOLE
    terms = [shapes(reading, term, seen) for term in chain.terms]
    if any(term and term <= _FLOAT for term in terms):
        return _FLOAT
    if all(Shape.FLOAT not in term for term in terms):
        return _WHOLE
    return NUMBERS
