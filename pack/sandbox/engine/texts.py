"""How what the engine keeps is written into its tables, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pack.flows.model import Command, EventMatch, Flow, Sender, Step
from pack.sandbox.engine.model import CommandDeclaration, EventDeclaration, Link, Pack

Json = Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SENDERS_AT_HAND = 100
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_SORTING_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def write_json(value: Json) -> str:
    """Write a JSON value so that reading gives exactly the same again."""
    return _ENCODER.encode(value)


def read_json(text: str) -> Json:
    """Read what :func:`write_json` wrote."""
    return json.loads(text)


def write_labels(labels: Mapping[str, str]) -> str:
    """Write labels: the same text for the same labels, whatever their order."""
    return _SORTING_ENCODER.encode(labels) if labels else "{}"


def write_moment(time: datetime) -> int:
    """Write a time as microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def read_moment(microseconds: int) -> datetime:
    """Read a time, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def write_sender(sender: Sender) -> str:
    """Write whom an event came from."""
    return write_json([sender.id, sender.name, dict(sender.labels)])


@lru_cache(maxsize=_SENDERS_AT_HAND)
def read_sender(text: str) -> Sender:
    """Read whom an event came from."""
    return Sender(*read_json(text))


def write_flow(flow: Flow) -> str:
    """Write a flow's description and steps."""
    return write_json([flow.description, [_step(step) for step in flow.steps]])


def read_flow(uuid: str, name: str, text: str) -> Flow:
    """Read a flow. Nothing is checked: it was when it came."""
    description, steps = read_json(text)
    return Flow(uuid, name, description, tuple(_read_step(step) for step in steps))


def _step(step: Step) -> list[Json]:
    event, command = step.event, step.command
    return [
        step.id,
        list(step.depends_on),
        [event.name, event.pack_name, dict(event.pack_labels)],
        dict(step.context),
        step.criteria,
        [command.name, command.pack_name, dict(command.pack_labels), command.input],
    ]


def _read_step(parts: list[Json]) -> Step:
    step_id, depends_on, event, context, criteria, command = parts
    return Step(step_id, tuple(depends_on), EventMatch(*event), context, criteria, Command(*command))


def write_pack(pack: Pack) -> str:
    """Write what a pack declared."""
    return write_json(
        [
            pack.name,
            dict(pack.labels),
            [[command.name, command.events] for command in pack.commands],
            [[event.name, _links(event.links)] for event in pack.events],
            _links(pack.links),
        ]
    )


def read_pack(text: str, last_seen: datetime) -> Pack:
    """Read what a pack declared."""
    name, labels, commands, events, links = read_json(text)
    return Pack(
        name=name,
        labels=labels,
        commands=tuple(
            CommandDeclaration(command, None if ends is None else tuple(ends)) for command, ends in commands
        ),
        events=tuple(EventDeclaration(event, _read_links(own)) for event, own in events),
        links=_read_links(links),
        last_seen=last_seen,
    )


def _links(links: tuple[Link, ...]) -> list[Json]:
    return [[link.href, link.rel] for link in links]


def _read_links(links: list[Json]) -> tuple[Link, ...]:
    return tuple(Link(*link) for link in links)
