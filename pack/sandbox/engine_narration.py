"""What the flow engine does, as one readable line each."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from pack.sandbox import engine
from pack.sandbox.mrkdwn import printable
from pack.sandbox.narration import Happening, happening

Json = Any


def tell(record: engine.Record) -> Happening | None:
    """Return a record of the engine's feed for people; None: it is nothing to show."""
    match record:
        case engine.EventReceived():
            return _line("event", (record.name, "key"), (f" from {record.pack_id}", "engine"))
        case engine.ActionCreated():
            return _line("flow", (record.flow, "flow"), (" asks for ", "engine"), (record.command, "key"))
        case engine.ActionFinished():
            return _finished(record)
        case engine.EventGivenUp():
            return _line("event", (f"{record.name} from {record.pack_id}: {record.reason}", "failed"))
        case engine.StepSkipped():
            return _line("flow", (f"{record.flow}, step {record.step}: {record.reason}", "failed"))
        case engine.PackRegistered():
            return _line("pack", (record.pack_id, "key"), (" is registered", "engine"))
        case engine.FlowStored():
            return _line("flow", (record.flow, "flow"), (" is stored", "engine"))
    return None


def _finished(record: engine.ActionFinished) -> Happening:
    error = record.payload.get("error") if isinstance(record.payload, dict) else None
    failed = record.fatal or bool(error)
    reason = error if isinstance(error, str) else _text(record.payload) if record.fatal else ""
    return _line(
        "command",
        (record.command, "key"),
        (" ended in ", "engine"),
        (record.event, "failed" if failed else "done"),
        *([(f": {reason}", "failed")] if failed and reason else []),
    )


def _text(payload: Json) -> str:
    return payload if isinstance(payload, str) else str(payload)


def _line(kind: str, *parts: tuple[str, str]) -> Happening:
    what = Text.assemble(*((printable(text).replace("\n", " "), style) for text, style in parts))
    return happening(("", "engine"), (kind, "engine"), what)
