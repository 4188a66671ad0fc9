"""What a JSON Schema says of a place in the documents that it describes."""

from __future__ import annotations

from typing import Any

import pytest

from pack.authoring.lint.declared.schemas import is_open, property_names, resolve, schema_types, value_types

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "whole": {"type": "integer"},
        "either": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        "user": {"$ref": "#/$defs/User"},
        "users": {"type": "array", "items": {"$ref": "#/$defs/User"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}]},
        "free": {"type": "object"},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "closed": {"type": "object", "additionalProperties": False},
        "constant": {"const": 3},
        "choice": {"enum": ["a", None]},
        "anything": {},
        "round": {"$ref": "#"},
        "lost": {"$ref": "#/$defs/Nobody"},
        "not": {"not": {"type": "string"}},
        "all": {"allOf": [{"type": "string"}]},
    },
    "$defs": {"User": {"properties": {"name": {"type": "string"}, "boss": {"$ref": "#/$defs/User"}}}},
}


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("", {"object"}),
        ("text", {"string"}),
        ("text.x", set()),
        ("whole", {"number"}),
        ("either", {"boolean", "null"}),
        ("user", {"object"}),
        ("user.boss.boss.name", {"string"}),
        ("user.nobody", set()),
        ("users.0.name", {"string"}),
        ("users.name", set()),
        ("pair.0", None),
        ("free.x", None),
        ("map.x", {"number"}),
        ("open.b", None),
        ("closed.b", set()),
        ("constant", {"number"}),
        ("choice", {"string", "null"}),
        ("anything", None),
        ("anything.x", None),
        ("round.round.text", {"string"}),
        ("lost", None),
        ("not", None),
        ("all", {"string"}),
        ("missing", set()),
    ],
)
def test_the_types_at_a_place(path: str, types: set[str] | None) -> None:
    found = schema_types(SCHEMA, tuple(filter(None, path.split("."))))
    assert found == (None if types is None else frozenset(types))


def test_a_schema_that_is_only_itself_says_nothing() -> None:
    assert schema_types({"$ref": "#"}, ("a",)) is None


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("a", {"object"}),
        ("a.b", {"array"}),
        ("a.b.1", {"boolean"}),
        ("a.b.7", set()),
        ("n", set()),
        ("t.x", set()),
    ],
)
def test_the_types_in_a_document(path: str, types: set[str]) -> None:
    document = {"a": {"b": [1, True]}, "n": None, "t": "text"}
    assert value_types(document, tuple(path.split("."))) == frozenset(types)


@pytest.mark.parametrize(
    ("path", "names"),
    [("user", ["boss", "name"]), ("users.0", ["boss", "name"]), ("free", []), ("nope.x", [])],
)
def test_the_names_at_a_place(path: str, names: list[str]) -> None:
    assert property_names(SCHEMA, tuple(path.split("."))) == names


def test_a_reference_to_somewhere_else_is_not_followed() -> None:
    for reference in ("#anchor", "http://127.0.0.1/x", "#/$defs/Nobody", "other.json"):
        with pytest.raises(LookupError):
            resolve(SCHEMA, reference)
    assert resolve({"a~/b": [1]}, "#/a~0~1b/0") == 1


def test_what_other_properties_may_be_is_told() -> None:
    assert is_open({"additionalProperties": {"type": "string"}})
    assert is_open({"patternProperties": {}})
    assert not is_open({"properties": {}})
    assert not is_open({"additionalProperties": False})
