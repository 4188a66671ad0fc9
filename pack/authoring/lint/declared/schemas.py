"""Reading a JSON Schema for what may stand at a place of the documents that it describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
Schema = Mapping[str, Json]
Types = frozenset[str]

ABSENT: Types = frozenset()
_DEEPEST_REFERENCES = 20


def schema_types(schema: Schema, names: tuple[str, ...]) -> Types | None:
    """Return the JSON types that the value at ``names`` may have; whole numbers are ``number``.

    None: the schema does not say; empty: there is no such value. A schema that lists the properties of an
    object without a word on others is taken to list them all.
    """
    return _types(schema, schema, names)


def value_types(value: Json, names: tuple[str, ...]) -> Types:
    """Return the JSON type of what stands at ``names`` in a document; empty when nothing does."""
    for name in names:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return ABSENT
        if value is None:
            return ABSENT
    return frozenset({json_type(value)})


def json_type(value: Json) -> str:
    """Return a value's JSON type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"


def property_names(schema: Schema, names: tuple[str, ...]) -> list[str]:
    """Return the names of the fields that the schema lists for the object at ``names``."""
    found: set[str] = set()
    alternatives = _alternatives(schema, schema)
    if not names:
        for one in alternatives or ():
            found.update(map(str, one.get("properties") or {}))
        return sorted(found)
    for one in alternatives or ():
        inner = (one.get("properties") or {}).get(names[0])
        if inner is None and names[0].isdecimal():
            inner = one.get("items")
        if isinstance(inner, Mapping):
            found.update(property_names({**inner, "$defs": schema.get("$defs", {})}, names[1:]))
    return sorted(found)


def is_open(schema: Schema) -> bool:
    """Say whether a schema allows properties beside those that it lists."""
    return any(
        one.get("additionalProperties") not in (None, False)
        or "patternProperties" in one
        or one.get("unevaluatedProperties") not in (None, False)
        for one in _alternatives(schema, schema) or ({"additionalProperties": True},)
    )


def _types(schema: Json, root: Schema, names: tuple[str, ...]) -> Types | None:
    alternatives = _alternatives(schema, root)
    if alternatives is None:
        return None
    found: Types = frozenset()
    for one in alternatives:
        types = _field(one, root, names) if names else _own_types(one)
        if types is None:
            return None
        found |= types
    return found


def _own_types(schema: Schema) -> Types | None:
    named = schema.get("type")
    if isinstance(named, str):
        named = [named]
    if isinstance(named, list):
        return frozenset("number" if name == "integer" else str(name) for name in named)
    if "const" in schema:
        return frozenset({json_type(schema["const"])})
    if isinstance(schema.get("enum"), list):
        return frozenset(map(json_type, schema["enum"]))
    return frozenset({"object"}) if "properties" in schema else None


def _field(schema: Schema, root: Schema, names: tuple[str, ...]) -> Types | None:
    name, rest = names[0], names[1:]
    own = _own_types(schema)
    found: Types = ABSENT
    parts: list[Json] = []
    if own is None or "object" in own:
        parts.append(_property(schema, name))
    if name.isdecimal() and (own is None or "array" in own):
        parts.append(None if "prefixItems" in schema else schema.get("items"))
    for part in parts:
        if part is False:
            continue
        types = _types(part, root, rest) if isinstance(part, Mapping) else None
        if types is None:
            return None
        found |= types
    return found


def _property(schema: Schema, name: str) -> Json:
    """Return the schema of a property; None when it may be anything, False when it cannot be."""
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and name in properties:
        return properties[name]
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        return others
    if others is True or "patternProperties" in schema:
        return None
    return False if others is False or isinstance(properties, Mapping) else None


def _alternatives(schema: Json, root: Schema) -> list[Schema] | None:
    """Return the schemas of which one holds; None when that cannot be told."""
    try:
        return list(_expand(schema, root, _DEEPEST_REFERENCES))
    except LookupError:
        return None


def _expand(schema: Json, root: Schema, depth: int) -> Iterator[Schema]:
    if not isinstance(schema, Mapping) or depth == 0 or "if" in schema or "not" in schema:
        raise LookupError
    if "$ref" in schema:
        yield from _expand(resolve(root, str(schema["$ref"])), root, depth - 1)
        return
    for word in ("anyOf", "oneOf", "allOf"):
        if word not in schema:
            continue
        parts = schema[word]
        if not isinstance(parts, list) or "properties" in schema or (word == "allOf" and len(parts) != 1):
            raise LookupError
        for part in parts:
            yield from _expand(part, root, depth - 1)
        return
    yield schema


def resolve(root: Schema, reference: str) -> Json:
    """Return what a reference such as ``#/$defs/User`` names in the same schema.

    Raises:
        LookupError: it names nothing there.
    """
    if reference != "#" and not reference.startswith("#/"):
        raise LookupError(reference)
    found: Json = root
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise LookupError(reference)
    return found
