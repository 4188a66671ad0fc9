"""The journal's statements: what each operation does to the tables, inside the writer's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from pack.contracts.storing import ActiveThread, EffectState, Receipt, Record, Untold, Waiting, Watermark
from pack.state.journal_rows import (
    ACTION_COLUMNS,
    ARRIVAL_COLUMNS,
    EFFECT_COLUMNS,
    Row,
    record_of,
    untold_of,
)

PRUNED_AT_ONCE = 500
"""How many rows of a table are pruned in one transaction."""

BEGIN = """
    INSERT INTO actions
        (id, command, order_key, taken_at, suspect_since, reply, unreadable, input, owner, stage)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'taken') ON CONFLICT (id) DO NOTHING
"""
EFFECT = f"""
    INSERT OR REPLACE INTO effects ({EFFECT_COLUMNS})
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM actions WHERE id = ?1)
"""
FINISH = """
    UPDATE actions SET stage = 'done', result_name = ?2, result = ?3, failed = ?4, done_at = ?5, ended = ?6,
        reason = ''
    WHERE id = ?1
"""
END = "UPDATE actions SET stage = ?2, reason = ?3, done_at = coalesce(done_at, ?4) WHERE id = ?1"
ARRIVE = "INSERT INTO arrivals (lane, thread, recovered, telling, keys, event) VALUES (?, ?, ?, ?, ?, ?)"
ACTIVE = """
    INSERT INTO threads (channel, thread, active_at) VALUES (?, ?, ?)
    ON CONFLICT (channel, thread) DO UPDATE SET active_at = max(active_at, excluded.active_at)
"""
MOVE_ON = """
    UPDATE watermarks SET since = ?1
    WHERE since < ?1 AND channel IN (SELECT value FROM json_each(?2))
"""
SUSPECT = """
    UPDATE actions SET suspect_since = 0 WHERE stage = 'taken' AND suspect_since IS NULL
"""
FORGET_WAITING = """
    DELETE FROM effects WHERE state = 'waiting'
    AND action_id IN (SELECT id FROM actions WHERE stage = 'taken')
"""
BLIND_UNTIL = "blind_until"
"""The fact until when a process may have told what it could not note, by this machine's date."""
FORGET = "DELETE FROM actions WHERE id = ? AND stage IN ('reported', 'aside')"
PRUNE_ACTIONS = """
    SELECT id FROM actions WHERE stage IN ('reported', 'aside') AND done_at < ? ORDER BY done_at LIMIT ?
"""

EFFECTS = tuple(state.value for state in EffectState)
ACTIONS = ("begin", *EFFECTS, "finish", "reported", "aside", "forget")
ARRIVALS = ("receive", "telling", "told")
WRITES = frozenset((*ACTIONS, *ARRIVALS, "watch", "unwatch", "watermarks", "prune"))
"""The kinds of operations that change something."""


class Tables:
    """The tables of one open journal; every method may raise :class:`sqlite3.Error`."""

    def __init__(self, connection: sqlite3.Connection, owner: str, places: dict[int, int]) -> None:
        """``places``: the ids of arrivals by those that their callers were given before they were on disk."""
        self.connection = connection
        self._execute = connection.execute
        self._owner = owner
        self._places = places
        (self._ended,) = self._execute(
            "SELECT coalesce(max(ended), 0) FROM actions WHERE stage = 'done'"
        ).fetchone()
        self.perform: Mapping[str, Callable[..., Any]] = {
            "begin": self.begin,
            **dict.fromkeys(EFFECTS, self.effect),
            "finish": self.finish,
            "reported": self.reported,
            "aside": self.set_aside,
            "forget": self.forget,
            "load": self.load,
            "known": self.known,
            "unfinished": self.unfinished,
            "unreported": self.unreported,
            "receive": self.receive,
            "telling": self.telling,
            "told": self.told,
            "untold": self.untold,
            "watch": self.watch,
            "unwatch": self.unwatch,
            "watermarks": self.move_watermarks,
            "list_watermarks": self.watermarks,
            "threads": self.active_threads,
            "prune": self.prune,
        }
        """By the kind of operation."""

    # --- actions ---

    def begin(self, row: Row) -> bool:
        """Insert an action; False when it is there."""
        return self._execute(BEGIN, (*row, self._owner)).rowcount == 1

    def effect(self, row: Row) -> None:
        """Insert or replace an effect of an action that is known."""
        self._execute(EFFECT, row)

    def finish(self, action_id: str, name: str, payload: str, failed: bool, at: float) -> None:
        """Give an action its result."""
        self._ended += 1
        self._execute(FINISH, (action_id, name, payload, failed, at, self._ended))

    def reported(self, action_id: str, at: float) -> None:
        """End an action whose result the engine has."""
        self._execute(END, (action_id, "reported", "", at))

    def set_aside(self, action_id: str, reason: str, at: float) -> None:
        """End an action whose result the engine will not have."""
        self._execute(END, (action_id, "aside", reason, at))

    def forget(self, action_id: str) -> None:
        """Remove an action that has ended, and its effects."""
        if self._execute(FORGET, (action_id,)).rowcount:
            self._execute("DELETE FROM effects WHERE action_id = ?", (action_id,))

    def suspect_all(self, at: float) -> None:
        """Let everything unfinished be looked up before it is done: it may have been, without being noted.

        So may what was told before ``at``, which is remembered as long as messages of then may come again.
        """
        self._execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (BLIND_UNTIL, repr(at)))
        self._execute(SUSPECT)
        self._execute(FORGET_WAITING)
        self._execute("UPDATE arrivals SET telling = 1")

    def blind_until(self) -> float:
        """Read until when a process may have told what it could not note; 0: that is not so."""
        found = self._execute("SELECT value FROM facts WHERE name = ?", (BLIND_UNTIL,)).fetchone()
        return float(found[0]) if found else 0.0

    def load(self, action_id: str) -> Record | None:
        """Read an action with its effects."""
        row = self._execute(f"SELECT {ACTION_COLUMNS} FROM actions WHERE id = ?", (action_id,)).fetchone()
        if row is None:
            return None
        effects = self._execute(f"SELECT {EFFECT_COLUMNS} FROM effects WHERE action_id = ?", (action_id,))
        return record_of(row, effects.fetchall())

    def known(self, ids: str) -> set[str]:
        """Read which ids of a JSON array are there."""
        found = self._execute("SELECT id FROM actions WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        return {row[0] for row in found}

    def unfinished(self) -> list[Waiting]:
        """Read the actions without a result."""
        found = self._execute("SELECT id, command, order_key FROM actions WHERE stage = 'taken' ORDER BY seq")
        return [Waiting(*row) for row in found]

    def unreported(self) -> list[Waiting]:
        """Read the actions whose result the engine does not have."""
        found = self._execute(
            "SELECT id, command, order_key FROM actions WHERE stage = 'done' ORDER BY ended"
        )
        return [Waiting(*row) for row in found]

    # --- what came in ---

    def receive(
        self,
        keys: tuple[str, ...],
        row: Row,
        active_at: float,
        now: float,
        number: int = 0,
        told: bool = False,
    ) -> tuple[Receipt, int]:
        """Insert an arrival unless one of its keys is there.

        ``active_at``: when its thread was active; 0: that is forgotten already. ``number``: the id that its
        caller was given already; ``told``: only its keys are to be remembered.
        """
        if keys:
            places = ", ".join(["(?, ?)"] * len(keys))
            values = [value for key in keys for value in (key, now)]
            try:
                self._execute(f"INSERT INTO seen (key, at) VALUES {places}", values)
            except sqlite3.IntegrityError:
                return Receipt.COPY, 0
        if row[1] and active_at:
            self._execute(ACTIVE, (row[0], row[1], active_at))
        if told:
            return Receipt.KEPT, 0
        place = self._execute(ARRIVE, row).lastrowid or 0
        if number:
            self._places[number] = place
        return Receipt.KEPT, place

    def seen(self, keys: tuple[str, ...]) -> bool:
        """Read whether one of these keys is there."""
        places = ", ".join("?" * len(keys))
        found = self._execute(f"SELECT 1 FROM seen WHERE key IN ({places}) LIMIT 1", keys)
        return found.fetchone() is not None

    def place_of(self, number: int) -> int:
        """Return an arrival's id in the table."""
        return self._places.get(number, number)

    def telling(self, number: int) -> None:
        """Note that the engine is about to be told."""
        self._execute("UPDATE arrivals SET telling = 1 WHERE id = ?", (self.place_of(number),))

    def told(self, number: int) -> None:
        """Forget an arrival; its keys stay."""
        self._execute("DELETE FROM arrivals WHERE id = ?", (self.place_of(number),))

    def untold(self) -> list[Untold]:
        """Read the arrivals that were not told."""
        return [
            untold_of(row) for row in self._execute(f"SELECT {ARRIVAL_COLUMNS} FROM arrivals ORDER BY id")
        ]

    # --- watermarks ---

    def watch(self, channel: str, since: float) -> None:
        """Insert a watermark unless it is there."""
        self._execute(
            "INSERT INTO watermarks VALUES (?, ?) ON CONFLICT (channel) DO NOTHING", (channel, since)
        )

    def unwatch(self, channel: str) -> None:
        """Delete a watermark and the channel's threads."""
        self._execute("DELETE FROM watermarks WHERE channel = ?", (channel,))
        self._execute("DELETE FROM threads WHERE channel = ?", (channel,))

    def move_watermarks(self, channels: str, since: float) -> None:
        """Move the watermarks of a JSON array of channels on."""
        self._execute(MOVE_ON, (since, channels))

    def watermarks(self) -> list[Watermark]:
        """Read the watermarks."""
        return [Watermark(*row) for row in self._execute("SELECT channel, since FROM watermarks")]

    def active_threads(self, since: float) -> list[ActiveThread]:
        """Read the threads that were active since then, the latest first."""
        found = self._execute(
            "SELECT channel, thread, active_at FROM threads WHERE active_at >= ? ORDER BY active_at DESC",
            (since,),
        )
        return [ActiveThread(*row) for row in found]

    # --- pruning ---

    def prune(self, finished_before: float, seen_before: float) -> bool:
        """Delete one portion of what is too old; True when there may be more."""
        old = [row[0] for row in self._execute(PRUNE_ACTIONS, (finished_before, PRUNED_AT_ONCE))]
        if old:
            ids = json.dumps(old)
            self._execute("DELETE FROM effects WHERE action_id IN (SELECT value FROM json_each(?))", (ids,))
            self._execute("DELETE FROM actions WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        self._execute(
            "DELETE FROM facts WHERE name = ? AND CAST(value AS REAL) < ?", (BLIND_UNTIL, seen_before)
        )
        keys = self._execute(
            "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE at < ? ORDER BY at LIMIT ?)",
            (seen_before, PRUNED_AT_ONCE),
        ).rowcount
        self._execute(
            "DELETE FROM threads WHERE (channel, thread) IN "
            "(SELECT channel, thread FROM threads WHERE active_at < ? ORDER BY active_at LIMIT ?)",
            (seen_before, PRUNED_AT_ONCE),
        )
        return PRUNED_AT_ONCE in (len(old), keys)
