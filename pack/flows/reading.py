"""Reading a flow: first the schema that the real server holds it against, then the types of what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pack.errors import PackError
from pack.flows.fields import Fields, type_of
from pack.flows.go_json import FormatError, decode_json
from pack.flows.model import Command, EventMatch, Flow, Step
from pack.flows.yaml_in import decode_yaml

Json = Any

_BAD_REQUEST = 400
_SCHEMA_VIOLATED = 500
"""The real server's status for a flow that breaks its schema, and for JSON that is none."""


class FlowRefused(PackError):
    """A flow cannot be stored; ``status`` is what the real server answers: 400, or 500 for its schema."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def read_flow(data: bytes, *, yaml: bool, uuid: str) -> Flow:
    """Read a flow from JSON or YAML.

    Raises:
        FlowRefused: it is not well formed, or no flow.
    """
    try:
        value = decode_yaml(data) if yaml else decode_json(data)
    except FormatError as error:
        status = _BAD_REQUEST if yaml else _SCHEMA_VIOLATED
        raise FlowRefused(f"the flow cannot be read: {error}", status=status) from error
    for violation in _violations(value):
        raise FlowRefused(f"the flow breaks the flow schema: {violation}", status=_SCHEMA_VIOLATED)
    try:
        if not yaml:
            decode_json(data, whole=True)
        return _flow(Fields(value), uuid)
    except FormatError as error:
        raise FlowRefused(f"the flow cannot be read: {error}", status=_BAD_REQUEST) from error


def _violations(flow: Json) -> Iterator[str]:
    if not isinstance(flow, dict):
        yield f"a flow must be an object, not {type_of(flow)}"
        return
    yield from _missing(flow, "", "name", "steps")
    yield from _not_one_line(flow, "", "name", "description")
    steps = flow["steps"]
    if not isinstance(steps, list):
        yield f"steps must be a list, not {type_of(steps)}"
        return
    for index, step in enumerate(steps):
        yield from _step_violations(step, f"steps.{index}")


def _step_violations(step: Json, path: str) -> Iterator[str]:
    if not isinstance(step, dict):
        yield f"{path} must be an object, not {type_of(step)}"
        return
    yield from _missing(step, path, "event", "command")
    yield from _not_one_line(step, path, "criteria")
    for name in ("event", "command", "context"):
        part = step.get(name, {})
        if not isinstance(part, dict):
            yield f"{path}.{name} must be an object, not {type_of(part)}"
        elif name != "context":
            yield from _missing(part, f"{path}.{name}", "name", "packName")
            yield from _not_one_line(part, f"{path}.{name}", "name", "packName")


def _missing(value: dict[str, Json], path: str, *names: str) -> Iterator[str]:
    for name in names:
        if name not in value:
            yield f"{path or 'the flow'} has no {name}"


def _not_one_line(value: dict[str, Json], path: str, *names: str) -> Iterator[str]:
    for name in names:
        if name not in value:
            continue
        text, at = value[name], f"{path}.{name}" if path else name
        if not isinstance(text, str):
            yield f"{at} must be a text, not {type_of(text)}"
        elif "\n" in text:
            yield f"{at} must be one line; in YAML write |- instead of |, or >- to join lines"


def _flow(fields: Fields, uuid: str) -> Flow:
    return Flow(
        uuid=uuid,
        name=fields.text("name"),
        description=fields.text("description"),
        steps=tuple(_step(step) for step in fields.objects("steps")),
    )


def _step(fields: Fields) -> Step:
    event, command = fields.object("event"), fields.object("command")
    return Step(
        id=fields.text("id"),
        depends_on=fields.texts("dependsOn") or (),
        event=EventMatch(event.text("name"), event.text("packName"), event.text_map("packLabels")),
        context=fields.text_map("context"),
        criteria=fields.text("criteria"),
        command=Command(
            name=command.text("name"),
            pack_name=command.text("packName"),
            pack_labels=command.text_map("packLabels"),
            input=command.any("input"),
        ),
    )
