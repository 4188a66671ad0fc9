"""What keeps a value from being a flow: the real server's schema, then the types of the fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pack.flows.fields import type_of
from pack.flows.paths import Path, written

Json = Any

BAD_REQUEST = 400
SCHEMA_VIOLATED = 500
"""The real server's status for a flow that breaks its schema, and for JSON that is none."""


class Fault(Enum):
    """What kind of mistake a violation is."""

    MISSING = "missing"
    """A key that has to be there is not."""
    TYPE = "type"
    """A value of another type is wanted."""
    LINE_BREAK = "line break"
    """A text has to be one line."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason why the real server refuses a flow, with the status of its answer.

    ``message`` names the place as well: ``steps.0.event has no packName``.
    """

    path: Path
    fault: Fault
    message: str
    status: int
    wanted: str = ""
    """What is wanted in place of another type: ``a text``, ``a list``."""
    found: type | None = None
    """The type that is there in its place."""


def violations(flow: Json) -> Iterator[Violation]:
    """Yield why a value is no flow: first what breaks the schema, then the fields of a wrong type."""
    if not isinstance(flow, dict):
        yield _wrong((), "an object", flow, SCHEMA_VIOLATED)
        return
    yield from _schema(flow)
    yield from _fields(flow)


def find(value: dict[str, Json], name: str) -> tuple[str, Json]:
    """Return a field's key, whatever its case, and its value; None when it is missing."""
    if name in value:
        return name, value[name]
    key = next((key for key in reversed(value) if key.lower() == name.lower()), name)
    return key, value.get(key)


def _schema(flow: dict[str, Json]) -> Iterator[Violation]:
    yield from _missing(flow, (), "name", "steps")
    yield from _lines(flow, (), "name", "description")
    steps = flow.get("steps", [])
    if not isinstance(steps, list):
        yield _wrong(("steps",), "a list", steps, SCHEMA_VIOLATED)
        return
    for index, step in enumerate(steps):
        yield from _step_schema(step, ("steps", index))


def _step_schema(step: Json, path: Path) -> Iterator[Violation]:
    if not isinstance(step, dict):
        yield _wrong(path, "an object", step, SCHEMA_VIOLATED)
        return
    yield from _missing(step, path, "event", "command")
    yield from _lines(step, path, "criteria")
    for name in ("event", "command", "context"):
        part = step.get(name, {})
        if not isinstance(part, dict):
            yield _wrong((*path, name), "an object", part, SCHEMA_VIOLATED)
        elif name in step and name != "context":
            yield from _missing(part, (*path, name), "name", "packName")
            yield from _lines(part, (*path, name), "name", "packName")


def _missing(value: dict[str, Json], path: Path, *names: str) -> Iterator[Violation]:
    for name in names:
        if name not in value:
            message = f"{written(path)} has no {name}"
            yield Violation((*path, name), Fault.MISSING, message, SCHEMA_VIOLATED)


def _lines(value: dict[str, Json], path: Path, *names: str) -> Iterator[Violation]:
    for name in names:
        if name not in value:
            continue
        text, at = value[name], (*path, name)
        if not isinstance(text, str):
            yield _wrong(at, "a text", text, SCHEMA_VIOLATED)
        elif "\n" in text:
            message = f"{written(at)} must be one line; in YAML write |- instead of |, or >- to join lines"
            yield Violation(at, Fault.LINE_BREAK, message, SCHEMA_VIOLATED)


def _fields(flow: dict[str, Json]) -> Iterator[Violation]:
    """Yield what the schema lets pass: fields that it does not know, or not in this case."""
    yield from _loose_texts(flow, (), "name", "description")
    key, steps = find(flow, "steps")
    if not isinstance(steps, list):
        if key != "steps" and steps is not None:
            yield _wrong((key,), "a list", steps, BAD_REQUEST)
        return
    for index, step in enumerate(steps):
        if isinstance(step, dict):
            yield from _step_fields(step, (key, index))
        elif key != "steps" and step is not None:
            yield _wrong((key, index), "an object", step, BAD_REQUEST)


def _step_fields(step: dict[str, Json], path: Path) -> Iterator[Violation]:
    yield from _loose_texts(step, path, "id", "criteria")
    yield from _list_of_texts(step, path, "dependsOn")
    yield from _map_of_texts(step, path, "context")
    for name in ("event", "command"):
        key, part = find(step, name)
        if isinstance(part, dict):
            yield from _loose_texts(part, (*path, key), "name", "packName")
            yield from _map_of_texts(part, (*path, key), "packLabels")
        elif key != name and part is not None:
            yield _wrong((*path, key), "an object", part, BAD_REQUEST)


_IN_SCHEMA = frozenset({"name", "description", "criteria", "packName"})


def _loose_texts(value: dict[str, Json], path: Path, *names: str) -> Iterator[Violation]:
    for name in names:
        key, text = find(value, name)
        known_to_schema = key in _IN_SCHEMA
        if text is not None and not isinstance(text, str) and not known_to_schema:
            yield _wrong((*path, key), "a text", text, BAD_REQUEST)


def _list_of_texts(value: dict[str, Json], path: Path, name: str) -> Iterator[Violation]:
    key, items = find(value, name)
    if items is None:
        return
    if not isinstance(items, list):
        yield _wrong((*path, key), "a list", items, BAD_REQUEST)
        return
    for index, item in enumerate(items):
        if item is not None and not isinstance(item, str):
            yield _wrong((*path, key, index), "a text", item, BAD_REQUEST)


def _map_of_texts(value: dict[str, Json], path: Path, name: str) -> Iterator[Violation]:
    key, items = find(value, name)
    if items is None:
        return
    if not isinstance(items, dict):
        if key != "context":
            yield _wrong((*path, key), "an object of texts", items, BAD_REQUEST)
        return
    for inner, item in items.items():
        if item is not None and not isinstance(item, str):
            yield _wrong((*path, key, inner), "a text", item, BAD_REQUEST)


def _wrong(path: Path, wanted: str, value: Json, status: int) -> Violation:
    message = f"{written(path) if path else 'a flow'} must be {wanted}, not {type_of(value)}"
    return Violation(path, Fault.TYPE, message, status, wanted, type(value))
