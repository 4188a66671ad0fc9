"""Reading a flow: first the schema that the real server holds it against, then the types of what is left."""

from __future__ import annotations

import copy
from typing import Any

from pack.errors import PackError
from pack.flows.document import Document
from pack.flows.fields import Fields
from pack.flows.go_json import FormatError, decode_json
from pack.flows.model import Command, EventMatch, Flow, Step
from pack.flows.violations import BAD_REQUEST, SCHEMA_VIOLATED, Fault, violations
from pack.flows.yaml_in import decode_yaml

Json = Any


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
        status = BAD_REQUEST if yaml else SCHEMA_VIOLATED
        raise FlowRefused(f"the flow cannot be read: {error}", status=status) from error
    for violation in violations(value):
        what = "breaks the flow schema" if violation.status == SCHEMA_VIOLATED else "cannot be read"
        raise FlowRefused(f"the flow {what}: {violation.message}", status=violation.status)
    try:
        if not yaml:
            decode_json(data, whole=True)
        return _flow(Fields(value), uuid)
    except FormatError as error:
        raise FlowRefused(f"the flow cannot be read: {error}", status=BAD_REQUEST) from error


def flow_of(document: Document) -> Flow:
    """Return the flow that a document is; its UUID is empty.

    Raises:
        FlowRefused: it is none.
    """
    for violation in violations(document.value):
        raise FlowRefused(violation.message, status=violation.status)
    return _flow(Fields(document.value), "")


def mended_flow(document: Document) -> Flow | None:
    """Return what can be understood of a document that Flyte refuses; None when it is too far from a flow.

    Every step is in its place. A ``dependsOn`` that is a text is a list of it. What else is missing or of a
    wrong type has the zero value of its type, and texts that should be one line are as they are.
    """
    if not isinstance(document.value, dict):
        return None
    value = copy.deepcopy(document.value)
    for violation in list(violations(document.value)):
        if violation.fault is not Fault.TYPE:
            continue
        *way, last = violation.path
        holder = value
        for part in way:
            holder = holder[part]
        is_one = violation.found is str and str(last).lower() == "dependson"
        holder[last] = [holder[last]] if is_one else None
    try:
        return _flow(Fields(value), "")
    except FormatError:
        return None


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
