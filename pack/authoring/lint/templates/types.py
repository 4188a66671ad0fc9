"""What an expression's value can be, as far as a template alone and the declared payloads tell."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.authoring.lint.declared.payload_types import payload_types
from pack.authoring.lint.templates.reading import Binding, Reading
from pack.authoring.lint.templates.shapes import (
    ANYTHING,
    BOOLEAN,
    FLOAT,
    JSON,
    LIST,
    MAP,
    MOMENT,
    NOTHING,
    NUMBERS,
    RECORD,
    TEXT,
    WHOLE,
    Shape,
    Shapes,
    is_certainly,
)
from pack.flowlang.arithmetic import POWERS, PRODUCTS, SUMS
from pack.flowlang.expressions import Chain, Filtered, Literal, Logic, Signed
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Part, Variable

_FROM_SCHEMA: Mapping[str, Shapes] = MappingProxyType(
    {
        "string": TEXT,
        "number": FLOAT,
        "integer": FLOAT,
        "boolean": BOOLEAN,
        "array": LIST,
        "object": MAP,
        "null": NOTHING,
    }
)
_EVENT: Mapping[str, Shapes] = MappingProxyType(
    {"Name": TEXT, "Pack": RECORD, "CreatedAt": MOMENT, "ReceivedAt": MOMENT}
)
_PACK: Mapping[str, Shapes] = MappingProxyType({"Name": TEXT, "Id": TEXT, "Labels": MAP})
_FUNCTIONS: Mapping[str, Shapes] = MappingProxyType(
    {
        "randomInt": WHOLE,
        "randomAlpha": TEXT,
        "base64Encode": TEXT,
        "base64Decode": TEXT,
        "template": TEXT,
        "unmarshalJson": MAP,
        "datastore": TEXT | MAP,
    }
)
_LOOP: Mapping[str, Shapes] = MappingProxyType(
    dict.fromkeys(("Counter", "Counter0", "Revcounter", "Revcounter0"), WHOLE)
    | {"First": BOOLEAN, "Last": BOOLEAN}
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
    dict.fromkeys(TEXT_FILTERS, TEXT)
    | {
        "integer": WHOLE,
        "length": WHOLE,
        "wordcount": WHOLE,
        "floatformat": TEXT | WHOLE,
        "float": FLOAT,
        "divisibleby": BOOLEAN,
        "length_is": BOOLEAN,
        "match": BOOLEAN,
        "matchesCron": BOOLEAN,
        "make_list": LIST,
        "split": LIST,
        "kvp": MAP,
    }
)
_ONE_OF = frozenset({"first", "last", "index", "random"})
_MADE_OF_TEXTS = frozenset({"split", "make_list", "kvp"})
_UNCHANGED = frozenset({"slice", "safe"})


Known = tuple[Shapes, Shapes]
"""What a value may be, and what the items of a list, or the values of a map, may be in it."""

_PASSES = 8
_EMPTY: Shapes = frozenset()
_UNKNOWN: Known = (ANYTHING, ANYTHING)


def shapes(reading: Reading, expression: Expression) -> Shapes:
    """Return all types that a value may have."""
    return _described(reading, expression, _names(reading))[0] or ANYTHING


def element_shapes(reading: Reading, expression: Expression) -> Shapes:
    """Return what the items of a list or the values of a map may be."""
    return _described(reading, expression, _names(reading))[1] or ANYTHING


def _names(reading: Reading) -> Mapping[str, Known]:
    """Return what the names may be that the template sets itself.

    They may be set from each other and from themselves, so it is gone over them until nothing is added.
    """
    known = reading.known
    if known or not reading.bindings:
        return known
    table: dict[str, Known] = dict.fromkeys(reading.bindings, (_EMPTY, _EMPTY))
    for _ in range(_PASSES):
        before = dict(table)
        for name, bindings in reading.bindings.items():
            for binding in bindings:
                value, items = _of_binding(reading, binding, table)
                table[name] = (table[name][0] | value, table[name][1] | items)
        if table == before:
            break
    else:
        table = dict.fromkeys(table, _UNKNOWN)
    known.update(table)
    return known


def _of_binding(reading: Reading, binding: Binding, table: Mapping[str, Known]) -> Known:
    if binding.of is None:
        return _UNKNOWN
    whole, items = _described(reading, binding.of, table)
    if not binding.each:
        return whole, items
    if whole - NOTHING == TEXT or (binding.each == "key" and whole - NOTHING == MAP):
        return TEXT, TEXT
    return items, _inside(items)


def _inside(whole: Shapes) -> Shapes:
    """Return what may be in a value of which only its type is known."""
    return JSON if whole <= JSON else ANYTHING


def _described(reading: Reading, expression: Expression, table: Mapping[str, Known]) -> Known:
    if isinstance(expression, Variable):
        return _of_variable(reading, expression, table)
    if isinstance(expression, Filtered):
        expression = _with_keys_as_fields(expression)
        known = _described(reading, expression.value, table)
        for call in expression.filters:
            argument = TEXT if call.argument is None else _described(reading, call.argument, table)[0]
            known = _filtered(known, call.name, argument)
        return known
    found = ANYTHING
    if isinstance(expression, Literal):
        found = _of_literal(expression.value)
    elif isinstance(expression, Logic):
        found = BOOLEAN
    elif isinstance(expression, Signed):
        found = _of_signed(expression, _described(reading, expression.term, table)[0])
    elif isinstance(expression, Chain):
        found = _of_chain(expression, [_described(reading, term, table)[0] for term in expression.terms])
    return found, _inside(found)


def _with_keys_as_fields(filtered: Filtered) -> Filtered:
    """Return ``Event.Payload|key:'a'`` as ``Event.Payload.a``, of which the type may be declared."""
    value, rest = filtered.value, filtered.filters
    while isinstance(value, Variable) and [str(part) for part in value.parts[:2]] == ["Event", "Payload"]:
        key = rest[0].argument if rest and rest[0].name == "key" else None
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            break
        value, rest = Variable(value.token, (*value.parts, Part(key.value, None, None))), rest[1:]
    return Filtered(filtered.token, value, rest)


def _of_literal(value: object) -> Shapes:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, str):
        return TEXT
    return FLOAT if isinstance(value, float) else WHOLE


def _of_variable(reading: Reading, variable: Variable, table: Mapping[str, Known]) -> Known:
    first, rest = variable.parts[0], variable.parts[1:]
    names = tuple(str(part) for part in rest)
    if first.name == "forloop" and first.name in table:
        found = _LOOP.get(names[-1], ANYTHING) if names else RECORD
        return found, ANYTHING
    if first.name in table:
        return (_inside(table[first.name][0]),) * 2 if names else table[first.name]
    if any(part.arguments is not None for part in rest):
        return _UNKNOWN
    if first.name == "Event":
        found = _of_event(reading, names)
        return found, TEXT if names == ("Pack", "Labels") else _inside(found)
    if first.name == "Context":
        found = MAP if not names else TEXT | NOTHING if len(names) == 1 else ANYTHING
        return found, TEXT if not names else _inside(found)
    if first.name in _FUNCTIONS:
        return JSON if names else _FUNCTIONS[first.name], JSON
    found = ANYTHING if reading.knows(first.name) else NOTHING
    return found, _inside(found)


def _of_event(reading: Reading, names: tuple[str, ...]) -> Shapes:
    if not names:
        return RECORD
    if names[0] == "Payload":
        return _of_payload(reading, names[1:])
    if names[0] != "Pack" or len(names) == 1:
        return _EVENT.get(names[0], NOTHING) if len(names) == 1 else ANYTHING
    if len(names) == 2:
        return _PACK.get(names[1], NOTHING)
    return TEXT | NOTHING if names[1] == "Labels" and len(names) == 3 else ANYTHING


def _of_payload(reading: Reading, names: tuple[str, ...]) -> Shapes:
    types = payload_types(reading.subject, reading.declarations, reading.text.step, names)
    if types is None:
        return JSON
    if not types:
        # there is no such field, of which another rule tells
        return ANYTHING
    found: Shapes = frozenset()
    for name in types:
        found |= _FROM_SCHEMA.get(name, JSON)
    return found | NOTHING if names else found


def _filtered(known: Known, name: str, argument: Shapes) -> Known:
    """Return what a filter makes of a value."""
    found, items = known
    if name in _UNCHANGED:
        return known
    if name in _MADE_OF_TEXTS:
        return _FILTERS[name], TEXT
    if name in _FILTERS:
        found = _FILTERS[name]
    elif name == "add":
        found = _sum(found, argument)
    elif name in ("default", "default_if_none"):
        return (found - NOTHING) | argument, items | _inside(argument)
    elif name in _ONE_OF:
        found = TEXT if found == TEXT else items | TEXT | NOTHING
    elif name == "key":
        found = items | NOTHING
    elif name == "join":
        found = TEXT if found <= TEXT | LIST else (found - LIST) | TEXT
    else:
        found = ANYTHING
    return found, _inside(found)


def _of_signed(signed: Signed, inner: Shapes) -> Shapes:
    numbers = inner & NUMBERS
    if signed.minus:
        return numbers or NUMBERS
    return numbers if numbers and not inner - NUMBERS - NOTHING else numbers | BOOLEAN


def _sum(left: Shapes, right: Shapes) -> Shapes:
    """Return what ``|add`` may give: a number of two numbers, of all else a text."""
    numbers = (left & NUMBERS) | (right & NUMBERS) if left & NUMBERS and right & NUMBERS else _EMPTY
    if is_certainly(left, FLOAT) or is_certainly(right, FLOAT):
        numbers &= FLOAT
    # of what is missing only the other side is known
    texts = TEXT if not numbers or (left | right) - NUMBERS - NOTHING else _EMPTY
    return numbers | texts


def _of_chain(chain: Chain, terms: list[Shapes]) -> Shapes:
    sign = chain.signs[0].text
    if sign in POWERS:
        return FLOAT
    if sign not in SUMS and sign not in PRODUCTS:
        return BOOLEAN
    if chain.signs[-1].text == "%":
        return WHOLE
    if any(Shape.FLOAT in term and Shape.WHOLE not in term for term in terms):
        # what is added in a payload is a number there, or the sum is none
        return FLOAT
    if all(Shape.FLOAT not in term for term in terms):
        return WHOLE
    return NUMBERS
