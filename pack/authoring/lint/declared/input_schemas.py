"""Holding an input against the JSON Schema of a command, as far as it is known before it is rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from pack.authoring.lint.declared.declarations import Schema, near
from pack.authoring.lint.declared.schemas import is_open, json_type
from pack.authoring.lint.names import listed

Json = Any

_OF_ANY_TEXT = frozenset({"type", "required", "additionalProperties", "unevaluatedProperties"})
"""What can be judged of a value that has templates in it."""
_LONGEST = 200
"""The most characters of a validator's sentence, which may quote the whole input."""
_BEGINNINGS = ("{{", "{%", "{#")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, at a place in it."""

    kind: Literal["missing", "unknown", "wrong"]
    problem: str
    advice: str
    path: tuple[str | int, ...]


def faults(schema: Schema, given: Json) -> Iterator[Fault]:
    """Yield what is wrong with an input. Nulls in its objects have to be gone, as they are in Flyte."""
    if given is None:
        given = {}
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        errors = [error for error in validator.iter_errors(given) if _holds(error)]
    except (Unresolvable, RecursionError):
        return
    told = [fault for error in errors for fault in _told(error)]
    yield from dict.fromkeys(sorted(told, key=lambda fault: (list(map(str, fault.path)), fault.problem)))
    if isinstance(given, Mapping) and not is_open(schema) and "additionalProperties" not in schema:
        properties = list(schema.get("properties") or ())
        for key in given:
            if key not in properties and (guess := near(key, properties)) and guess not in given:
                yield Fault("unknown", f"{key} is not known", f"did you mean {guess!r}?", (key,))


def _holds(error: ValidationError) -> bool:
    """Say whether an error stays whatever the templates become."""
    instance: Json = error.instance
    if error.validator in ("anyOf", "oneOf") and error.context:
        branches: dict[Json, bool] = {}
        for inner in error.context:
            branch = inner.relative_schema_path[0]
            branches[branch] = branches.get(branch, False) or _holds(inner)
        return all(branches.values())
    if error.validator in _OF_ANY_TEXT:
        return True
    if error.validator in ("enum", "const") and _is_text(instance):
        value: Json = error.validator_value
        wanted = value if error.validator == "enum" else [value]
        return not has_template(instance) or not any(isinstance(one, str) for one in wanted)
    return not has_template(instance)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def has_template(value: Json) -> bool:
    """Say whether there is anything to render in a value."""
    if isinstance(value, str):
        return any(beginning in value for beginning in _BEGINNINGS)
    if isinstance(value, Mapping):
        return any(map(has_template, value.values()))
    return isinstance(value, list) and any(map(has_template, value))


def _told(error: ValidationError) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    wanted: Json = error.validator_value
    given: Json = error.instance
    if error.validator == "required":
        missing = [name for name in wanted if name not in given]
        yield from (Fault("missing", f"{name} is missing", f"add {name}", path) for name in missing)
    elif error.validator in ("additionalProperties", "unevaluatedProperties") and not wanted:
        yield from _unknown(error, path)
    elif error.validator == "type" and _is_text(given) and has_template(given):
        yield Fault(
            "wrong",
            f"a template becomes a text, and {_types(wanted)} is expected",
            "write the value itself: a template can only make a text",
            path,
        )
    elif error.validator == "type":
        expected, found = _types(wanted), json_type(given)
        yield Fault("wrong", f"{expected} is expected, not {found}", f"write {expected}", path)
    else:
        problem = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"
        yield Fault("wrong", problem, "see the schema of the command's input", path)


def _unknown(error: ValidationError, path: tuple[str | int, ...]) -> Iterator[Fault]:
    schema: Json = error.schema
    given: Json = error.instance
    properties = list(schema.get("properties") or ())
    patterns = list(schema.get("patternProperties") or ())
    for key in given:
        if key in properties or any(re.search(pattern, key) for pattern in patterns):
            continue
        guess = near(key, [name for name in properties if name not in given])
        known = f"it takes {listed(properties, 'and')}" if properties else "leave it out"
        yield Fault(
            "unknown", f"{key} is not known", f"did you mean {guess!r}?" if guess else known, (*path, key)
        )


def _types(value: Json) -> str:
    return listed([value] if isinstance(value, str) else map(str, value))
