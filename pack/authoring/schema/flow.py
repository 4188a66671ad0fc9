"""The JSON Schema of a flow (draft 2020-12): what Flyte takes, and what this pack makes of it.

Flyte ignores keys that it does not know, so a key with a typing mistake does nothing; it takes any input for
any command, and the pack then fails. An author wants to hear of both, so :func:`flow_schema` refuses them;
:func:`flyte_schema` is what Flyte itself takes and no less.
"""

from __future__ import annotations

from typing import Any

from pack.authoring.schema.contract import DRAFT, FATAL, command_names, event_names, input_fields
from pack.authoring.schema.models import Json
from pack.commands.catalogue import by_name

_TEMPLATE = r"\{[{%#]"
"""Where a text has this in it, only rendering shows what it becomes."""

_OWN_KEYS = r"^(x-|_|\.|\$)"
"""How keys begin that are there for the author, such as YAML anchors or ``$schema``."""

_LINE_BREAK = {"not": {"type": "string", "pattern": r"\n"}}


def flow_schema(pack_name: str = "Slack") -> Json:
    """Return the schema to write flows by; ``pack_name`` is what this pack is registered as.

    It also refuses what Flyte takes and nobody means: keys that do nothing, commands and events that this
    pack does not have, inputs that it cannot use.
    """
    schema = _flow(strict=True)
    step = schema["$defs"]["step"]["properties"]
    step["event"]["allOf"] = [_of_pack(pack_name, {"name": {"enum": list(event_names())}})]
    step["command"]["allOf"] = [
        _of_pack(pack_name, {"name": {"enum": list(command_names())}}),
        *(_takes(pack_name, name) for name in command_names()),
    ]
    schema["$defs"] |= {name: _input(name) for name in command_names()}
    for part, names in (("event", event_names()), ("command", command_names())):
        step[part]["properties"]["packName"]["examples"] = [pack_name]
        step[part]["properties"]["name"]["examples"] = [name for name in names if name != FATAL]
    return schema


def flyte_schema() -> Json:
    """Return the schema of what Flyte stores, whatever comes of it."""
    return _flow(strict=False)


def _of_pack(pack_name: str, then: Json) -> Json:
    return {
        "if": {"properties": {"packName": {"const": pack_name}}, "required": ["packName"]},
        "then": {"properties": then},
    }


def _takes(pack_name: str, command: str) -> Json:
    return {
        "if": {
            "properties": {"packName": {"const": pack_name}, "name": {"const": command}},
            "required": ["packName", "name"],
        },
        "then": {"properties": {"input": {"$ref": f"#/$defs/{command}"}}, "required": ["input"]},
    }


def _input(name: str) -> Json:
    """Return a command's input as it may stand in a flow: any text may be a template."""
    model = by_name()[name].input
    schema = input_fields(model)
    fields = {key: _or_template(field) for key, field in schema["properties"].items()}
    return {
        "title": f"Input of {name}",
        "description": " ".join((model.__doc__ or "").split()),
        **schema,
        "properties": fields,
    }


def _or_template(field: Json) -> Json:
    result = {key: value for key, value in field.items() if key != "maxLength"}
    if "pattern" in field:
        result["pattern"] = f"{field['pattern']}|{_TEMPLATE}"
    return result


def _flow(*, strict: bool) -> Json:
    properties = {
        "$schema": {
            "description": "The schema to check this file by, for editors. Flyte ignores it.",
            "type": "string",
        },
        "name": _line("What the flow is called. A flow of the same name is replaced."),
        "description": _line("What the flow does, for people."),
        "steps": {
            "description": "What to do when which event comes. Their order means nothing.",
            "type": "array",
            "items": {"$ref": "#/$defs/step"},
        },
    }
    if strict:
        properties["links"] = {
            "description": "What Flyte adds to a flow that it is asked for. Flyte ignores it."
        }
    else:
        del properties["$schema"]
    return {
        "$schema": DRAFT,
        "title": "Flow",
        "description": "A flow of Flyte: when an event comes, a command is given to a pack.",
        **_object(properties, "name", "steps", strict=strict),
        "$defs": {"step": _step(strict=strict)},
    }


def _step(*, strict: bool) -> Json:
    properties = {
        "id": {
            "description": "What other steps depend on it by. A step without one cannot be depended on.",
            "type": _kinds("string", strict=strict),
        },
        "dependsOn": {
            "description": "The step runs only after the command of one of these steps ended: any one is "
            "enough. Without it the event starts a new execution of the flow.",
            "type": _kinds("array", strict=strict),
            "items": {"type": _kinds("string", strict=strict)},
        },
        "event": _event(strict=strict),
        "context": {
            "description": "Values to keep for the rest of this step and for those that depend on it, as "
            "Context.NAME. Templates; each is a text.",
            "type": "object",
            "additionalProperties": {"type": _kinds("string", strict=strict)},
        },
        "criteria": _line(
            "A template that has to render to true or True for the step to run; without it the step always "
            "runs. It may see the context."
        ),
        "command": _command(strict=strict),
    }
    return {
        "description": "When this event comes, give that command.",
        **_object(properties, "event", "command", strict=strict),
    }


def _event(*, strict: bool) -> Json:
    properties = {
        "packName": _line("The pack that the event has to come from."),
        "name": _line("The event's name."),
        "packLabels": _labels("Labels that the pack has to have, besides others.", strict=strict),
    }
    return {
        "description": "The event that the step waits for.",
        **_object(properties, "packName", "name", strict=strict),
    }


def _command(*, strict: bool) -> Json:
    properties: Json = {
        "packName": _line("The pack that has the command."),
        "name": _line("The command's name."),
        "packLabels": _labels("Labels that the pack has to have, besides others.", strict=strict),
        "input": {
            "description": "What the command is given. Each text in it, at any depth, is a template; "
            "keys are not."
        },
    }
    return {
        "description": "The command to give.",
        **_object(properties, "packName", "name", strict=strict),
    }


def _labels(description: str, *, strict: bool) -> Json:
    return {
        "description": f"{description} The values are templates.",
        "type": _kinds("object", strict=strict),
        "additionalProperties": {"type": _kinds("string", strict=strict)},
    }


def _line(description: str) -> Json:
    return {"description": f"{description} One line.", "type": "string", **_LINE_BREAK}


def _object(properties: Json, *required: str, strict: bool) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        **({"patternProperties": {_OWN_KEYS: {}}} if strict else _other_cases(properties, required)),
        "additionalProperties": not strict,
    }


def _other_cases(properties: Json, required: tuple[str, ...]) -> Json:
    """Return what Flyte makes of keys that are written in another case: it reads them, unlike its schema."""
    rules = []
    for name, field in properties.items():
        if name in required or "type" not in field:
            continue
        read = {key: value for key, value in field.items() if key not in ("description", "not")}
        any_case = "".join(f"[{letter.lower()}{letter.upper()}]" for letter in name)
        rules.append(
            {
                "if": {"not": {"required": [name]}},
                "then": {"patternProperties": {f"^{any_case}$": {"anyOf": [{"type": "null"}, read]}}},
            }
        )
    return {"allOf": rules} if rules else {}


def _kinds(kind: str, *, strict: bool) -> Any:
    """Return a type; Flyte also takes null, as if nothing was there."""
    return kind if strict else [kind, "null"]
