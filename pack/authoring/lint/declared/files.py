"""Reading what packs declare from files: what is posted to ``/v1/packs``, or an answer of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    EventDeclaration,
    PackDeclaration,
    Schema,
)
from pack.authoring.lint.declared.schemas import resolve
from pack.errors import SettingsError
from pack.flows.fields import Fields, type_of
from pack.flows.go_json import FormatError, decode_json
from pack.flows.yaml_in import LARGEST_YAML, decode_yaml

Json = Any

_JSON_SUFFIX = ".json"
_LARGEST_FILE = 16 * 2**20
_EXPECTED = (
    "expected is what a pack posts to /v1/packs: {name, commands: [{name, events: […], input?}], "
    "events: [{name, payload?}]}, where input and payload are JSON Schemas"
)


def read_pack_file(path: Path) -> tuple[PackDeclaration, ...]:
    """Return the packs that a file declares: one, a list, or a list under the key ``packs``.

    JSON and YAML are read. Beside what Flyte knows, a command may have an ``input`` and an event a
    ``payload``, each a JSON Schema.

    Raises:
        SettingsError: the file cannot be read, or declares no pack; says what is expected.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise SettingsError(f"--pack {path}: cannot be read: {error.strerror}") from error
    if len(data) > _LARGEST_FILE:
        raise SettingsError(f"--pack {path}: larger than {_LARGEST_FILE // 2**20} MiB; {_EXPECTED}")
    try:
        is_json = path.suffix.lower() == _JSON_SUFFIX or len(data) > LARGEST_YAML
        value = decode_json(data, whole=True) if is_json else decode_yaml(data)
        return read_packs(value, source=str(path))
    except FormatError as error:
        raise SettingsError(f"--pack {path}: {error}; {_EXPECTED}") from error


def read_packs(value: Json, *, source: str) -> tuple[PackDeclaration, ...]:
    """Return the packs that a document declares; ``source`` is how findings name it.

    Raises:
        FormatError: it declares none, or says something that cannot be.
    """
    if isinstance(value, Mapping) and "packs" in value and "commands" not in value:
        value = value["packs"]
        if isinstance(value, list) and any(map(_is_brief, value)):
            raise FormatError("an engine's list has its packs without commands; take GET /v1/packs/NAME")
    packs = tuple(read_pack(one, source=source) for one in (value if isinstance(value, list) else [value]))
    if not packs:
        raise FormatError("there is no pack in it")
    return packs


def _is_brief(pack: Json) -> bool:
    return isinstance(pack, Mapping) and "lastSeen" in pack and "commands" not in pack


def read_pack(value: Json, *, source: str) -> PackDeclaration:
    """Return the pack that an object declares.

    Raises:
        FormatError: it declares none, or says something that cannot be.
    """
    if not isinstance(value, dict):
        raise FormatError(f"a pack must be an object, not {type_of(value)}")
    fields = Fields(value)
    if fields.any("steps") is not None and fields.any("commands") is None:
        raise FormatError("this is a flow, and no pack")
    name = fields.text("name")
    if not name:
        raise FormatError("the pack has no name")
    payloads = dict(_events(fields, f"the pack {name}"))
    events = {event: EventDeclaration(event, payload) for event, payload in payloads.items()}
    commands = {}
    for command in fields.objects("commands"):
        command_name = command.text("name")
        if not command_name:
            raise FormatError(f"a command of the pack {name} has no name")
        results = command.texts("events")
        commands[command_name] = CommandDeclaration(
            name=command_name,
            results=None
            if results is None
            else tuple(EventDeclaration(result, payloads.get(result)) for result in dict.fromkeys(results)),
            input=_schema(command.any("input"), f"the input of {command_name}"),
        )
    return PackDeclaration(name, commands, events, source)


def _events(fields: Fields, owner: str) -> Iterator[tuple[str, Schema | None]]:
    for event in fields.objects("events"):
        name = event.text("name")
        if not name:
            raise FormatError(f"an event of {owner} has no name")
        yield name, _schema(event.any("payload"), f"the payload of {name}")


def _schema(value: Json, what: str) -> Schema | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FormatError(f"{what} must be a JSON Schema, an object, not {type_of(value)}")
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        at = f" (at {place})" if place else ""
        raise FormatError(f"{what} is no JSON Schema: {error.message[:200]}{at}") from error
    for reference in _references(value):
        try:
            resolve(value, reference)
        except LookupError:
            raise FormatError(
                f"{what} refers to {reference!r}, which is not in it: put what it means below $defs, as "
                "'#/$defs/NAME'"
            ) from None
    return value


def _references(value: Json) -> Iterator[str]:
    """Yield every reference of a schema; what is data in it (``const``, ``enum``, …) has none."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(item, str):
                yield item
            elif key not in ("const", "enum", "default", "examples"):
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
