"""The JSON Schemas of the pack's commands and events (draft 2020-12)."""

from __future__ import annotations

from typing import Any

from pack.authoring.schema.models import Json, readable, without_null
from pack.commands.catalogue import COMMANDS, by_name
from pack.commands.declaration import Command, echo_as_input_message
from pack.contracts.commands import CommandInput
from pack.contracts.events import OBSERVED_EVENTS, ObservedEvent

DRAFT = "https://json-schema.org/draft/2020-12/schema"

FATAL = "FATAL"


def command_names() -> tuple[str, ...]:
    """Return the names of the commands."""
    return tuple(command.name for command in COMMANDS)


def event_names() -> tuple[str, ...]:
    """Return the names of the events: those that the pack tells of, the results, and FATAL."""
    observed = [event.name for event in OBSERVED_EVENTS]
    return (*observed, *(name for command in COMMANDS for name in command.events), FATAL)


def command_schema(name: str) -> Json:
    """Return the schema of a command's input.

    Raises:
        KeyError: there is no such command.
    """
    command = by_name()[name]
    success, failure = command.events
    described = (
        f"{_sentence(command.input)} It ends in the event {success} or {failure}, in which keys that are not "
        "listed here come back too."
    )
    return _document(f"Input of {name}", described, input_fields(command.input))


def event_schema(name: str) -> Json:
    """Return the schema of an event's payload.

    Raises:
        KeyError: there is no such event.
    """
    for event in OBSERVED_EVENTS:
        if event.name == name:
            return _observed(event)
    for command in COMMANDS:
        if name == command.success.name:
            return _success(command)
        if name == command.failure.name:
            return _failure(command)
    if name == FATAL:
        return _fatal()
    raise KeyError(name)


def input_fields(model: type[CommandInput]) -> Json:
    """Return what a command's input has to be, without title and description.

    Whatever else is in an input comes back in the command's event, so other keys are allowed. Where a field
    may be left out, null and empty text mean the same; where it may not, neither will do.
    """
    schema = readable(model)
    for name in schema["required"]:
        schema["properties"][name] |= {"minLength": 1}
    return {"type": "object", **_without_description(schema), "additionalProperties": True}


def _observed(event: ObservedEvent) -> Json:
    schema = readable(event.payload, "serialization")
    return _document(f"Payload of {event.name}", schema["description"], _without_description(schema))


def _success(command: Command[Any]) -> Json:
    learnt = readable(command.success.model)
    given = {name: without_null(field) for name, field in readable(command.input)["properties"].items()}
    added = {name: without_null(field) for name, field in learnt["properties"].items()}
    described = f"{learnt['description']} The input of {command.name} as it came, and what was learnt."
    return _document(
        f"Payload of {command.success.name}",
        described,
        {
            "type": "object",
            "properties": {**given, **added},
            "required": learnt.get("required", []),
            "additionalProperties": True,
        },
    )


def _failure(command: Command[Any]) -> Json:
    failure = readable(command.failure.model)
    given: Json = {}
    if command.echo is not echo_as_input_message:
        given = {
            name: {"description": f"As it was given, whatever that was: {field['description']}"}
            for name, field in readable(command.input)["properties"].items()
        }
    added = {name: without_null(field) for name, field in failure["properties"].items()}
    return _document(
        f"Payload of {command.failure.name}",
        f"{command.name}: {failure['description'].rstrip('.')}.",
        {
            "type": "object",
            "properties": {**given, **added},
            "required": failure["required"],
            "additionalProperties": True,
        },
    )


def _fatal() -> Json:
    fields = {
        "error": "What failed, on what, and what to do.",
        "errorCode": "`unknown_command`, `result_refused` or `internal_error`.",
        "command": "The name of the command.",
    }
    return _document(
        "Payload of FATAL",
        "A command could not be handled: the pack does not know it or made a mistake, or the engine did not "
        "accept its result.",
        {
            "type": "object",
            "properties": {
                **{name: {"description": text, "type": "string"} for name, text in fields.items()},
                "input": {"description": "The input as it came, where it is known."},
            },
            "required": list(fields),
            "additionalProperties": True,
        },
    )


def _document(title: str, description: str, schema: Json) -> Json:
    return {"$schema": DRAFT, "title": title, "description": description, **schema}


def _without_description(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "description"}


def _sentence(model: type[CommandInput]) -> str:
    return " ".join((model.__doc__ or "").split())
