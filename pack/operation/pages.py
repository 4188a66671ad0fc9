"""The journal as text, for people: the listing as tables, one action with all that is known of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pack.contracts.storing import ActionStage, Effect
from pack.operation.documents import moment, showable
from pack.operation.entries import Entry
from pack.operation.listing import Listing, Part
from pack.operation.table import age, clean, table


def listing_page(listing: Listing, parts: Part, width: int | None) -> str:
    """Return the listing; each line at most ``width`` columns where that is not None."""
    lines = [f"Journal: {listing.path}"]
    if Part.UNFINISHED in parts:
        lines += ["", *_unfinished(listing, width)]
    if Part.FAILED in parts:
        lines += ["", *_failed(listing, width)]
    if Part.SUCCEEDED in parts:
        lines += ["", *_succeeded(listing, width)]
    if Part.UNFINISHED in parts:
        lines += ["", _arrivals(listing)]
    return "\n".join(lines)


def _unfinished(listing: Listing, width: int | None) -> Iterator[str]:
    counts = listing.counts
    total = counts.taken + counts.done
    if not total:
        yield "Unfinished: none"
        return
    yield f"Unfinished: {total} ({counts.taken} without a result, {counts.done} with a result to report)"
    rows = [
        [
            entry.id,
            age(listing.at - entry.record.taken_at),
            entry.command,
            entry.record.order_key or "-",
            _steps(entry.steps),
            entry.waits_for,
        ]
        for entry in listing.unfinished
    ]
    yield from table(("ID", "AGE", "COMMAND", "CHANNEL", "STEPS", "WAITS FOR"), rows, width)
    yield from _rest(len(rows), total)


def _failed(listing: Listing, width: int | None) -> Iterator[str]:
    total = listing.counts.failed
    if not total:
        yield "Failed: none"
        return
    yield f"Failed: {total} (`flyte-slack replay ID` runs one again)"
    rows = [
        [
            entry.id,
            f"{age(listing.at - (entry.done_at or entry.record.taken_at))} ago",
            entry.command + (f" (replayed {entry.replays}x)" if entry.replays else ""),
            entry.record.order_key or "-",
            entry.error_code or ("not_taken" if entry.record.stage is ActionStage.ASIDE else "-"),
            entry.error,
        ]
        for entry in listing.failed
    ]
    yield from table(("ID", "ENDED", "COMMAND", "CHANNEL", "CODE", "ERROR"), rows, width)
    yield from _rest(len(rows), total)


def _succeeded(listing: Listing, width: int | None) -> Iterator[str]:
    total = listing.counts.succeeded
    if not total:
        yield "Succeeded: none"
        return
    yield f"Succeeded: {total}"
    rows = [
        [
            entry.id,
            f"{age(listing.at - (entry.done_at or entry.record.taken_at))} ago",
            entry.command + (f" (replayed {entry.replays}x)" if entry.replays else ""),
            entry.record.order_key or "-",
            entry.event,
        ]
        for entry in listing.succeeded or ()
    ]
    yield from table(("ID", "ENDED", "COMMAND", "CHANNEL", "EVENT"), rows, width)
    yield from _rest(len(rows), total)


def _rest(shown: int, total: int) -> Iterator[str]:
    if shown < total:
        yield f"… and {total - shown} more (--limit)"


def _arrivals(listing: Listing) -> str:
    arrivals = listing.arrivals
    if not arrivals.count:
        return "Events of Slack that wait for the engine: none"
    oldest = f"; the oldest is {age(listing.at - arrivals.oldest)} old" if arrivals.oldest else ""
    where = f", from {clean(arrivals.channel)}" if arrivals.channel else ""
    return f"Events of Slack that wait for the engine: {arrivals.count}{oldest}{where}"


def _steps(steps: Sequence[Effect]) -> str:
    """Return how far the steps are, counted: ``2 sent, 1 sending``; and the calls when some were repeated."""
    counted = Counter(step.state.value for step in steps)
    parts = [f"{count} {state}" for state, count in counted.items()]
    calls = sum(step.attempts for step in steps)
    return ", ".join([*parts, f"{calls} calls"] if calls > len(steps) else parts) or "-"


# --- one action ---


def entry_page(entry: Entry, at: float) -> str:
    """Return all that the journal knows of one action."""
    lines = [f"{clean(entry.id)}  {clean(entry.command)}", *(f"  {line}" for line in _facts(entry, at))]
    lines += ["  input:", _block(entry.unreadable or entry.record.action.input)]
    for step in entry.steps:
        lines += _step(step)
    if entry.event:
        lines += [f"  result: {clean(entry.event)}", _block(entry.payload)]
    return "\n".join(lines)


def _facts(entry: Entry, at: float) -> Iterator[str]:
    record = entry.record
    yield f"stage: {record.stage.value}{', failed' if entry.is_failed else ''}"
    yield f"taken: {moment(record.taken_at)} ({age(at - record.taken_at)} ago)"
    if record.order_key:
        yield f"channel: {clean(record.order_key)}"
    if record.suspect_since is not None:
        since = record.suspect_since or record.taken_at
        yield f"it may have been carried out since {moment(since)} without being noted"
    if entry.waits_for:
        yield f"waits for: {clean(entry.waits_for)}"
    if entry.done_at is not None:
        yield f"ended: {moment(entry.done_at)} ({age(at - entry.done_at)} ago)"
    if entry.error:
        yield f"error: {clean(entry.error)}"
    if entry.replays:
        yield f"replayed: {entry.replays} times"


def _step(step: Effect) -> Iterator[str]:
    sent = f", first sent {moment(step.sent_at)}" if step.sent_at else ""
    unreadable = "" if step.readable else ", cannot be found again in the channel's history"
    times = "1 attempt" if step.attempts == 1 else f"{step.attempts} attempts"
    yield f"  step {clean(step.step)}: {clean(step.method)} {step.state.value}, {times}{sent}{unreadable}"
    if step.refusal is not None:
        yield _block(step.refusal)
    elif step.answer:
        yield _block(step.answer)


def _block(value: Any) -> str:
    """Return a JSON value in lines of its own, without what would steer a terminal."""
    text = json.dumps(showable(value), indent=2, ensure_ascii=False)
    shown = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return "\n".join(f"    {line}" for line in shown.splitlines())
