"""What is sent to the engine, as JSON bytes that every parser accepts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from pack.contracts.ports import Event, Json, PackSpec

_ENCODER = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":"))
"""ASCII only: a lone surrogate goes as its escape, which is valid JSON."""

DEEPEST_LEVEL = 150
"""Deeper levels are cut off when a payload cannot be encoded as it is."""

LONGEST_NUMBER_BITS = 14_000
"""Python refuses to print longer whole numbers in decimal."""


def encode_event(event: Event) -> bytes:
    """Return an event as the engine takes it: ``{"event": NAME, "payload": ANY}``.

    Never raises. What JSON has no word for goes as text: not-a-number and infinity, keys that are no text, a
    level too deep to be encoded.
    """
    document = {"event": event.name, "payload": event.payload}
    try:
        text = _ENCODER.encode(document)
    except (ValueError, TypeError, RecursionError):
        text = _ENCODER.encode(_speakable(document, 0))
    return text.encode("ascii")


def encode_pack(pack: PackSpec) -> bytes:
    """Return a pack as the engine registers it."""
    document: dict[str, Json] = {"name": pack.name}
    if pack.labels:
        document["labels"] = dict(pack.labels)
    document["commands"] = [
        {"name": command.name, "events": list(command.events), **_help(command.help_url)}
        for command in pack.commands
    ]
    document["events"] = [{"name": event.name, **_help(event.help_url)} for event in pack.events]
    document |= _help(pack.help_url)
    return _ENCODER.encode(document).encode("ascii")


def _help(url: str) -> dict[str, Json]:
    return {"links": [{"href": url, "rel": "help"}]} if url else {}


def _speakable(value: object, level: int) -> Json:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= LONGEST_NUMBER_BITS else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(value)
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        return str(value)
    if level >= DEEPEST_LEVEL:
        return "(nested too deeply to be sent)"
    if isinstance(value, Mapping):
        return {str(key): _speakable(entry, level + 1) for key, entry in value.items()}
    return _speakable_list(value, level)


def _speakable_list(values: Iterable[object], level: int) -> list[Json]:
    return [_speakable(entry, level + 1) for entry in values]
