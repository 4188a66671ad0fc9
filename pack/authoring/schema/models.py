"""JSON Schemas of the contract's models, as an author would write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]

_FIRST = ("description", "type")
"""The keywords that a reader wants to see first."""


def readable(model: type[BaseModel], mode: Mode = "validation") -> Json:
    """Return a model's schema without titles of fields, defaults and references.

    ``serialization``: every field that is always written is required, though it has a default.
    """
    schema = model.model_json_schema(mode=mode)
    return _readable(schema, schema.get("$defs", {}))


def without_null(schema: Json) -> Json:
    """Return a field's schema for where it is left out rather than null."""
    kinds = schema.get("type")
    if not isinstance(kinds, list) or "null" not in kinds:
        return schema
    left = [kind for kind in kinds if kind != "null"]
    return {**schema, "type": left[0] if len(left) == 1 else left}


def _readable(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Json:
    if "$ref" in schema:
        found = _readable(defs[schema["$ref"].rpartition("/")[2]], defs)
        return found | {key: value for key, value in schema.items() if key in _FIRST}
    result: Json = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _readable(field, defs) for name, field in value.items()}
        elif key == "items":
            result[key] = _readable(value, defs)
        elif key == "anyOf":
            result = _or_null(value, defs) | result
        elif key not in ("title", "default", "$defs"):
            result[key] = value
    if "description" in result:
        result["description"] = " ".join(result["description"].split()).replace("``", "`")
    return {key: result[key] for key in _FIRST if key in result} | result


def _or_null(choices: list[Json], defs: Mapping[str, Any]) -> Json:
    """Return what pydantic makes of ``X | None`` as one schema, with null among its types."""
    (schema,) = (_readable(choice, defs) for choice in choices if choice.get("type") != "null")
    kinds = schema["type"]
    return {**schema, "type": [*(kinds if isinstance(kinds, list) else [kinds]), "null"]}
