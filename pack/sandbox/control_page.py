"""The page on the control API, made from the declarations: ``docs/simulated-slack-control.md``.

``python -m pack.sandbox.control_page DIRECTORY`` writes it: ``control_page.md`` beside this module, with what
is declared filled in. Tests hold that the one in the repository is up to date, and that its examples work.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from pack.sandbox.engine.routes_faults import SHAPES as ENGINE_FAULTS
from pack.sandbox.slack.control.actions import Body, ControlAction
from pack.sandbox.slack.control.delivery_shapes import OfDeliveries, OfSockets
from pack.sandbox.slack.control.fault_shapes import AnyFault
from pack.sandbox.slack.control.registry import ACTIONS
from pack.sandbox.trouble.requests import Asked, Struck, name_of

Json = Any
Schema = Mapping[str, Any]

PAGE = "simulated-slack-control.md"
URL = "http://127.0.0.1:8081/sandbox"
_MADE = "<!-- Made from the code by `make docs`; change the declarations or the text beside the code. -->\n"
_FAULTY = "faulting"
"""The family of the one action that sets faults; they have a part of the page of their own."""
EXAMPLES: Mapping[str, Mapping[str, Json]] = {
    "say": {"channel": "#general", "text": "echo hi", "user": "bob"},
    "edit": {"channel": "#general", "ts": "1669027200.123456", "text": "echo hello"},
    "react": {"channel": "#general", "ts": "1669027200.123456", "name": "eyes", "user": "carol"},
    "invite": {"channel": "#incidents", "by": "carol"},
    "slash": {"channel": "#general", "command": "/deploy", "text": "web", "user": "bob", "wait": 1},
    "click": {"element": "Approve", "channel": "#general", "user": "bob", "wait": 1},
    "submit": {"values": {"Version": "1.2"}, "user": "bob", "wait": 1},
    "shortcut": {"callback_id": "new_task"},
    "upload": {"name": "notes.txt", "content": "hello", "channel": "#general", "text": "my notes"},
    "create-channel": {"name": "ops", "private": True, "members": ["ada", "bob"], "bot": True},
    "archive": {"channel": "#random", "by": "carol"},
    "add-user": {"name": "dave", "real_name": "Dave Bowman", "role": "admin", "tz": "Europe/Berlin"},
    "save-user-group": {"handle": "crew", "users": ["ada", "bob"]},
    "issue-token": {"user": "ada", "scopes": ["chat:write", "users:read"]},
    "token-scopes": {"token": "xoxb-1", "scopes": ["chat:write"]},
    "subscriptions": {"events": ["app_mention", "message.channels"]},
    "request-urls": {
        "events": "http://127.0.0.1:8070/slack/events",
        "interactivity": "http://127.0.0.1:8070/slack/events",
        "commands": "http://127.0.0.1:8070/slack/events",
    },
    "socket-mode": {"connection_seconds": 30},
    "advance": {"seconds": 3600},
    "reset": {},
}


def pages() -> Mapping[str, str]:
    """Return the page by its file name.

    Raises:
        ValueError: the text beside this module has no place for a family of actions.
    """
    text = resources.files(__package__).joinpath("control_page.md").read_text("utf-8")
    for name, value in {**_families(), **_fault_tables()}.items():
        place = f"{{{{{name}}}}}"
        if place not in text:
            raise ValueError(f"control_page.md has no {place}: give it a heading and that place")
        text = text.replace(place, value)
    return {PAGE: f"{_MADE}\n{text}"}


# --- actions -------------------------------------------------------------------------------------------


def _families() -> Mapping[str, str]:
    """Return what is said of each module's actions, by the module's name."""
    return {
        name.upper(): "\n\n".join(_action(action) for action in actions)
        for name, actions in groupby(ACTIONS, key=_family)
        if name != _FAULTY
    }


def _family(action: ControlAction[Any]) -> str:
    return action.act.__module__.rsplit(".", maxsplit=1)[-1]


def _action(action: ControlAction[Any]) -> str:
    parts = [f"#### {action.name}", _prose(action.act)]
    parts += [said for body in _bodies(action.body) if _tells(said := _prose(body))]
    if rows := [_row(*field) for field in sorted(_fields(action.body), key=lambda field: not field[2])]:
        parts.append(_table(("field", "what", "if not given"), rows))
    if action.name in EXAMPLES:
        parts.append(_curl(action.name, EXAMPLES[action.name]))
    return "\n\n".join(parts)


def _bodies(body: type[Body]) -> Iterator[type[BaseModel]]:
    """Yield a body and those of its bases that are no other action's: what is said of them holds here."""
    others = {action.body for action in ACTIONS} | {Body, BaseModel}
    if body.model_fields:
        yield body
        yield from (one for one in body.__mro__[1:] if issubclass(one, Body) and one not in others)


def _tells(said: str) -> bool:
    """Tell whether a remark on a body says more than what the action does."""
    return any(mark in said for mark in "`;,(")


# --- faults --------------------------------------------------------------------------------------------


def _fault_tables() -> Mapping[str, str]:
    slack: tuple[type[Asked], ...] = get_args(AnyFault)
    deliveries = [shape for shape in slack if issubclass(shape, OfDeliveries)]
    sockets = [shape for shape in slack if issubclass(shape, OfSockets)]
    calls = [shape for shape in slack if issubclass(shape, Struck) and shape not in (*deliveries, *sockets)]
    others = [shape for shape in slack if not issubclass(shape, Struck)]
    return {
        "FAULTS_OF_CALLS": _faults(calls, {*Struck.model_fields, "match"}),
        "FAULTS_OF_DELIVERIES": _faults(deliveries, {*Struck.model_fields, "kind"}),
        "FAULTS_OF_SOCKETS": _faults(sockets, {*Struck.model_fields}),
        "OTHER_FAULTS": _faults(others, set()),
        "FAULTS_OF_THE_ENGINE": _faults(
            [shape for shape in ENGINE_FAULTS if issubclass(shape, Struck)], {*Struck.model_fields}
        ),
        "OTHER_FAULTS_OF_THE_ENGINE": _faults(
            [shape for shape in ENGINE_FAULTS if not issubclass(shape, Struck)], set()
        ),
    }


def _faults(shapes: Iterable[type[Asked]], common: set[str]) -> str:
    rows = (
        (
            f"`{name_of(shape)}`",
            "; ".join(_own(*field) for field in _fields(shape) if field[0] not in {"fault", *common}),
            _prose(shape),
        )
        for shape in shapes
    )
    return _table(("fault", "fields", "what happens"), rows)


def _own(name: str, schema: Schema, required: bool) -> str:
    if required:
        return f"**`{name}`**: {_type(schema)}"
    default = schema.get("default")
    return f"`{name}`: {_type(schema)}" + ("" if default is None else f", else {_code(default)}")


# --- fields --------------------------------------------------------------------------------------------


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Schema, bool]]:
    """Yield each field with its JSON Schema, and whether it is required."""
    schema = model.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        yield name, _resolve(field, schema), name in schema.get("required", ())


def _resolve(field: Schema, whole: Schema) -> Schema:
    if "items" in field and "$ref" in field["items"]:
        inner = whole["$defs"][field["items"]["$ref"].rsplit("/", maxsplit=1)[-1]]
        return {**field, "items": inner}
    return field


def _row(name: str, schema: Schema, required: bool) -> tuple[str, str, str]:
    default = schema.get("default")
    missing = "**required**" if required else "" if default in (None, "", [], {}) else _code(default)
    return f"`{name}`", _type(schema), missing


_WORDS = {"string": "text", "integer": "whole number", "number": "number", "object": "object"}


def _type(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return f"one of {', '.join(_code(value) for value in schema['enum'])}"
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_several(schema['items'])}{_bounds(schema, 'Items')}"
    if kind == "boolean":
        return "`true` or `false`"
    return f"{_WORDS[kind]}{_bounds(schema, 'Length')}" if kind else "anything"


def _several(schema: Schema) -> str:
    if "properties" in schema:
        names = (
            f"**`{name}`**" if name in schema["required"] else f"`{name}`" for name in schema["properties"]
        )
        return f"objects with {', '.join(names)}"
    return f"{_type(schema)}s"


def _bounds(schema: Schema, what: str) -> str:
    unit = {"Items": "", "Length": " characters"}[what]
    bounds: Iterable[tuple[str, Callable[[Json], str]]] = (
        ("minimum", lambda value: f"{_number(value)} or more"),
        ("exclusiveMinimum", lambda value: f"above {_number(value)}"),
        ("maximum", lambda value: f"at most {_number(value)}"),
        ("exclusiveMaximum", lambda value: f"below {_number(value)}"),
        (f"min{what}", lambda value: f"at least {value}{unit if value != 1 else unit.removesuffix('s')}"),
        (f"max{what}", lambda value: f"at most {value}{unit}"),
    )
    found = [say(schema[name]) for name, say in bounds if name in schema]
    return f", {', '.join(found)}" if found else ""


# --- text ----------------------------------------------------------------------------------------------


def _prose(documented: object) -> str:
    """Return a docstring as Markdown; what Python calls None, JSON calls null."""
    text = (inspect.getdoc(documented) or "").replace("``", "`")
    text = re.sub(r":class:`(\w+)`", r"`\1`", text)
    text = re.sub(r"\bNone\b", "`null`", text)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def _curl(name: str, body: Mapping[str, Json]) -> str:
    return f"    curl -d '{json.dumps(body)}' {URL}/{name}"


def _code(value: Json) -> str:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return f"`{whole if isinstance(whole, str) else json.dumps(whole)}`"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    for name, page in pages().items():
        Path(sys.argv[1], name).write_text(page, encoding="utf-8")
