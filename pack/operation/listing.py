"""The listing: what is unfinished, what failed, and what came in and the engine does not have yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path

from pack.operation.entries import FAILED, SUCCEEDED, UNFINISHED, Entry, list_entries
from pack.state.journal_rows import said_at


class Part(Flag):
    """What is listed."""

    UNFINISHED = auto()
    FAILED = auto()
    SUCCEEDED = auto()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many actions the journal has."""

    taken: int
    """Without a result."""
    done: int
    """With a result that the engine does not have."""
    failed: int
    succeeded: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in and the engine does not have yet."""

    count: int
    oldest: float | None
    """When the oldest of them happened, by Slack's date; None: there is none, or it does not say."""
    channel: str
    """Where the oldest happened."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the journal has, as of one moment."""

    path: Path
    at: float
    counts: Counts
    arrivals: Arrivals
    unfinished: Sequence[Entry]
    """The oldest first."""
    failed: Sequence[Entry]
    """The latest first."""
    succeeded: Sequence[Entry] | None
    """The latest first; None: not asked for."""


def list_journal(connection: sqlite3.Connection, path: Path, at: float, parts: Part, limit: int) -> Listing:
    """Read the listing; at most ``limit`` actions of each part."""

    def listed(part: Part, which: str, order: str) -> Sequence[Entry]:
        return list_entries(connection, which, order, limit) if part in parts else ()

    return Listing(
        path=path,
        at=at,
        counts=_count(connection),
        arrivals=_arrivals(connection),
        unfinished=listed(Part.UNFINISHED, UNFINISHED, "seq"),
        failed=listed(Part.FAILED, FAILED, "done_at DESC, seq DESC"),
        succeeded=listed(Part.SUCCEEDED, SUCCEEDED, "done_at DESC, seq DESC")
        if Part.SUCCEEDED in parts
        else None,
    )


def _count(connection: sqlite3.Connection) -> Counts:
    def count(which: str) -> int:
        return int(connection.execute(f"SELECT count(*) FROM actions WHERE {which}").fetchone()[0])

    failed = count(FAILED)
    finished = count("stage IN ('reported', 'aside')")
    return Counts(count("stage = 'taken'"), count("stage = 'done'"), failed, finished - failed)


def _arrivals(connection: sqlite3.Connection) -> Arrivals:
    count = connection.execute("SELECT count(*) FROM arrivals").fetchone()[0]
    row = connection.execute("SELECT lane, event FROM arrivals ORDER BY id LIMIT 1").fetchone()
    if row is None:
        return Arrivals(count, None, "")
    lane, event = row
    return Arrivals(count, said_at(json.loads(event), 0.0) or None, lane)
