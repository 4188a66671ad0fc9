"""The journal as JSON, for programs. The shape is only ever added to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pack.contracts.storing import Effect
from pack.operation.entries import Entry
from pack.operation.listing import Listing
from pack.secrets import redact

DEEPEST = 100
"""How many levels of a value are shown."""


def listing_document(listing: Listing) -> dict[str, Any]:
    """Return the whole listing; ``succeeded`` only when that was asked for."""
    counts, arrivals = listing.counts, listing.arrivals
    document: dict[str, Any] = {
        "journal": str(listing.path),
        "at": moment(listing.at),
        "counts": {
            "unfinished": counts.taken + counts.done,
            "taken": counts.taken,
            "done": counts.done,
            "failed": counts.failed,
            "succeeded": counts.succeeded,
            "arrivals": arrivals.count,
        },
        "arrivals": {
            "count": arrivals.count,
            "oldest": moment(arrivals.oldest),
            "oldestChannel": arrivals.channel or None,
        },
        "unfinished": [entry_document(entry, listing.at) for entry in listing.unfinished],
        "failed": [entry_document(entry, listing.at) for entry in listing.failed],
    }
    if listing.succeeded is not None:
        document["succeeded"] = [entry_document(entry, listing.at) for entry in listing.succeeded]
    return document


def entry_document(entry: Entry, at: float) -> dict[str, Any]:
    """Return one action; what has no meaning for it is null."""
    record = entry.record
    return {
        "id": entry.id,
        "command": entry.command,
        "channel": record.order_key or None,
        "stage": record.stage.value,
        "failed": entry.is_failed,
        "takenAt": moment(record.taken_at),
        "ageSeconds": round(max(0.0, at - record.taken_at), 3),
        "recoveredSince": moment(record.taken_at if record.suspect_since == 0 else record.suspect_since),
        "waitsFor": entry.waits_for or None,
        "endedAt": moment(entry.done_at),
        "event": entry.event or None,
        "error": entry.error or None,
        "errorCode": entry.error_code or None,
        "notTaken": record.reason or None,
        "replays": entry.replays,
        "input": None if entry.unreadable else record.action.input,
        "unreadable": entry.unreadable or None,
        "payload": entry.payload,
        "steps": [step_document(step) for step in entry.steps],
    }


def step_document(step: Effect) -> dict[str, Any]:
    """Return one step of an action."""
    return {
        "step": step.step,
        "method": step.method,
        "state": step.state.value,
        "attempts": step.attempts,
        "sentAt": moment(step.sent_at or None),
        "readable": step.readable,
        "answer": step.answer or None,
        "refusal": step.refusal,
    }


def moment(seconds: float | None) -> str | None:
    """Return a date as ISO 8601 in UTC; None for none, and for one that no calendar has."""
    try:
        return (
            None
            if seconds is None
            else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
        )
    except (ValueError, OverflowError, OSError):
        return None


def printed(document: object) -> str:
    """Return a document as text, in ASCII, with whatever looks like a secret blanked out."""
    return json.dumps(showable(document), indent=2)


def showable(value: Any, depth: int = DEEPEST) -> Any:
    """Return a JSON value with secrets blanked out in its texts, and cut off where it is too deep."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict | list) and depth == 0:
        return "(nested too deeply to be shown)"
    if isinstance(value, dict):
        return {redact(str(key)): showable(one, depth - 1) for key, one in value.items()}
    return [showable(one, depth - 1) for one in value] if isinstance(value, list) else value
