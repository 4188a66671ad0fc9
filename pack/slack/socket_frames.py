"""The frames that Slack sends over a Socket Mode connection, and the one that is sent back.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pack.contracts.ports import Inbound, Json, PayloadKind

_KINDS = {kind.value: kind for kind in PayloadKind}
_QUOTED_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Hello:
    """The connection is in use from now on."""

    connections: int | None
    """How many connections the app has, this one included; None when Slack did not say."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Slack is going to close the connection, or asks for another one."""

    reason: str
    """``warning``, ``refresh_requested``, ``link_disabled``, ``too_many_websockets``, …; may be empty."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, to be acknowledged by its ``id``."""

    id: str
    inbound: Inbound


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A frame that cannot be used."""

    problem: str
    """What is wrong with it, without its content."""


Frame = Hello | Disconnect | Envelope | Unreadable


def read_frame(text: str) -> Frame:
    """Return what a text frame says. Never raises: what cannot be used is an ``Unreadable``."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Unreadable("it is not JSON")
    if not isinstance(document, dict):
        return Unreadable("it is not a JSON object")
    match document.get("type"):
        case "hello":
            return Hello(_whole_number(document.get("num_connections")))
        case "disconnect":
            reason = document.get("reason")
            return Disconnect(reason if isinstance(reason, str) else "")
        case str(name) if name in _KINDS:
            return _read_envelope(_KINDS[name], document)
        case other:
            return Unreadable(f"its type {_quoted(other)} is not one that is known here")


def acknowledgement(envelope_id: str) -> str:
    """Return the frame that tells Slack that a payload is kept."""
    return json.dumps({"envelope_id": envelope_id})


def _read_envelope(kind: PayloadKind, document: dict[str, Json]) -> Envelope | Unreadable:
    envelope_id = document.get("envelope_id")
    if not isinstance(envelope_id, str) or not envelope_id:
        return Unreadable(f"a frame of type {kind.value} has no envelope_id")
    payload = document.get("payload")
    if not isinstance(payload, dict):
        return Unreadable(f"the payload of a frame of type {kind.value} is not a JSON object")
    reason = document.get("retry_reason")
    inbound = Inbound(
        kind=kind,
        payload=payload,
        retry_attempt=_whole_number(document.get("retry_attempt")) or 0,
        retry_reason=reason if isinstance(reason, str) else "",
    )
    return Envelope(envelope_id, inbound)


def _whole_number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _quoted(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) <= _QUOTED_CHARACTERS else text[:_QUOTED_CHARACTERS] + "…"
