"""What is known of the payload that a step's templates see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pack.authoring.lint.declared.declarations import Declarations, EventDeclaration
from pack.authoring.lint.declared.schemas import Types, property_names, schema_types, value_types
from pack.authoring.lint.subject import Subject
from pack.flows.model import FATAL_EVENT, Step

Json = Any


@dataclass(frozen=True, slots=True)
class Origin:
    """One way in which a step's event comes about.

    ``producer``: the step whose command ends in it, None: an event from outside the flow.
    """

    event: EventDeclaration | None
    producer: Step | None


def payload_types(
    subject: Subject, declarations: Declarations, step: Step, names: tuple[str, ...]
) -> Types | None:
    """Return the JSON types that ``Event.Payload`` may have at ``names``, when it is there at all.

    The types are ``string``, ``number``, ``boolean``, ``object``, ``array`` and ``null``. None: unknown;
    empty: there is no such field.
    """
    found: Types = frozenset()
    for origin in origins(subject, declarations, step):
        types = _types(origin, names)
        if types is None:
            return None
        found |= types
    return found


def payload_names(
    subject: Subject, declarations: Declarations, step: Step, names: tuple[str, ...]
) -> list[str]:
    """Return the names of the fields that the payload is known to have at ``names``, sorted."""
    found: set[str] = set()
    for origin in origins(subject, declarations, step):
        event = origin.event
        if event is None:
            continue
        if event.payload is not None:
            found.update(property_names(event.payload, names))
        if event.echoes_input and origin.producer is not None:
            found.update(_keys(origin.producer.command.input, names))
    return sorted(found)


def origins(subject: Subject, declarations: Declarations, step: Step) -> Iterator[Origin]:
    """Yield every way in which the event that a step waits for may come about."""
    wanted = step.event
    if step.depends_on:
        others = [other for other in subject.flow.steps if other is not step]
        needed = [other for other in others if other.id and other.id in step.depends_on]
        producers = _ending_in(needed, declarations, step) or _ending_in(others, declarations, step)
        for producer in producers:
            command = declarations.command(producer.command)
            yield Origin(None if command is None else command.result(wanted.name), producer)
        if producers:
            return
    pack = declarations.packs.get(wanted.pack_name)
    yield Origin(None if pack is None else pack.event(wanted.name), None)


def _ending_in(steps: Iterable[Step], declarations: Declarations, step: Step) -> list[Step]:
    """Return the steps whose command may end in the event that a step waits for."""
    wanted = step.event
    same_pack = [one for one in steps if one.command.pack_name == wanted.pack_name]
    commands = {one.command.name: one.command for one in same_pack}
    ending = {
        name
        for name, command in commands.items()
        if declarations.may_end_in(command, wanted.pack_name, wanted.name)
    }
    return [one for one in same_pack if one.command.name in ending] if ending else []


def _types(origin: Origin, names: tuple[str, ...]) -> Types | None:
    event = origin.event
    if event is None or event.name == FATAL_EVENT or event.payload is None:
        return None
    known = schema_types(event.payload, names)
    if not event.echoes_input or not names or known is None:
        return known
    if names[0] in event.payload.get("required", ()):
        return known
    known -= {"null"}  # what was not learnt is left out
    given = None if origin.producer is None else origin.producer.command.input
    if not isinstance(given, Mapping):
        return None
    echoed = value_types(given, names)
    return known | echoed


def _keys(given: Json, names: tuple[str, ...]) -> list[str]:
    for name in names:
        given = given.get(name) if isinstance(given, Mapping) else None
    return [key for key, value in given.items() if value is not None] if isinstance(given, Mapping) else []
