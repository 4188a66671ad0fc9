"""The journal as a replay works with it, beside the pack that may be running: claims, steps, results.

An action that is run again is claimed in one transaction: its row names who has it (``owner``) and until when
(``lease``). The lease is prolonged while the replay lives; one that was killed loses it within half a minute.
Whatever is written later is written only while the claim holds, so that nobody goes on with an action that
somebody else has claimed meanwhile. Its stage never is one that the pack looks for.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from pack.clock import Clock
from pack.contracts.ports import Event
from pack.contracts.storing import ActionStage, Effect
from pack.operation.entries import Entry, find_entry
from pack.operation.opening import (
    DAMAGED_ROW,
    check_exists,
    check_version,
    connect,
    explain,
    explain_row,
)
from pack.state.journal_file import transaction
from pack.state.journal_rows import EFFECT_COLUMNS, clean, effect_row, to_json

LEASE_SECONDS = 30.0
"""How long a claim holds that nobody prolongs."""

_CLAIM = "UPDATE actions SET owner = ?2, lease = ?3, replays = replays + 1 WHERE id = ?1"
_PROLONG = "UPDATE actions SET lease = ?3 WHERE id = ?1 AND owner = ?2"
_RELEASE = "UPDATE actions SET lease = NULL WHERE id = ?1 AND owner = ?2"
_EFFECT = f"""
    INSERT OR REPLACE INTO effects ({EFFECT_COLUMNS})
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
    WHERE EXISTS (SELECT 1 FROM actions WHERE id = ?1 AND owner = ?10)
"""
_END = """
    UPDATE actions SET lease = NULL, stage = ?3, reason = ?4, result_name = ?5, result = ?6, failed = ?7,
        done_at = ?8
    WHERE id = ?1 AND owner = ?2
"""


class NotReplayable(Exception):
    """An action cannot be run again; the message says why."""


class ClaimLost(Exception):
    """Somebody else has the action now, or the journal has forgotten it."""


class Claims:
    """The claims of one replay. Every method may raise :class:`pack.operation.opening.JournalUnusable`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        self._connection = connection
        self.path = path
        self._clock = clock
        self.owner = f"replay {os.getpid()} {socket.gethostname()} {uuid.uuid4().hex}"

    def in_order(self, action_ids: Sequence[str]) -> Sequence[str]:
        """Return the ids in the order in which their actions were taken; unknown ones last."""
        places = dict(self._connection.execute("SELECT id, seq FROM actions WHERE failed = 1"))
        return sorted(action_ids, key=lambda action_id: places.get(clean(action_id), math.inf))

    def claim(self, action_id: str) -> Entry:
        """Claim an action and return what the journal has of it; nobody else gets it until it is ended.

        Raises:
            NotReplayable: it is unknown, unfinished, has succeeded, or is being run again.
        """
        now = self._now()
        with self._writing():
            entry = self._find(clean(action_id))
            if reason := _refusal(action_id, entry, now):
                raise NotReplayable(reason)
            assert entry
            self._connection.execute(_CLAIM, (entry.id, self.owner, now + LEASE_SECONDS))
            return entry

    def _find(self, action_id: str) -> Entry | None:
        try:
            return find_entry(self._connection, action_id)
        except DAMAGED_ROW as error:
            raise explain_row(error, self.path) from error

    def prolong(self, action_id: str) -> None:
        """Prolong a claim."""
        with self._writing():
            self._connection.execute(_PROLONG, (action_id, self.owner, self._now() + LEASE_SECONDS))

    def release(self, action_id: str) -> None:
        """Give a claim up; what is known of the steps stays."""
        with self._writing():
            self._connection.execute(_RELEASE, (action_id, self.owner))

    def save_effect(self, effect: Effect) -> None:
        """Note a step's state; on disk when it returns.

        Raises:
            ClaimLost: the claim does not hold any more.
        """
        with self._writing():
            self._check(
                self._connection.execute(_EFFECT, (*effect_row(effect), self.owner)), effect.action_id
            )

    def end(
        self, action_id: str, result: Event, *, failed: bool, stage: ActionStage, reason: str = ""
    ) -> None:
        """Note how it ended this time, and give the claim up.

        Raises:
            ClaimLost: the claim does not hold any more.
        """
        name, payload = clean(result.name), to_json(result.payload)
        row = (action_id, self.owner, stage.value, clean(reason), name, payload, failed, self._now())
        with self._writing():
            self._check(self._connection.execute(_END, row), action_id)

    def _check(self, done: sqlite3.Cursor, action_id: str) -> None:
        if done.rowcount != 1:
            raise ClaimLost(
                f"{action_id}: the journal has forgotten it, or somebody else runs it again since this "
                "process stood still; nothing more was done here"
            )

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with transaction(self._connection):
                yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error


@contextlib.contextmanager
def open_claims(path: Path, clock: Clock) -> Iterator[Claims]:
    """Open a journal to run actions of it again; the process's lock is not needed for that.

    Raises:
        JournalUnusable: there is none, or it cannot be written.
    """
    check_exists(path)
    try:
        with connect(path, "mode=rw") as connection:
            check_version(connection, path)
            connection.execute("PRAGMA synchronous = FULL")
            yield Claims(connection, path, clock)
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _refusal(action_id: str, entry: Entry | None, now: float) -> str:
    """Say why an action cannot be run again; empty when it can."""
    if entry is None:
        return f"{action_id} is not in the journal; finished actions are kept for FLYTE_SLACK_JOURNAL_DAYS"
    if entry.is_unfinished:
        return f"{action_id} is unfinished, the pack goes on with it itself; it waits for {entry.waits_for}"
    if not entry.is_failed:
        return f"{action_id} has succeeded, it ended as {entry.event}; running it again would do it twice"
    if entry.lease is not None and entry.lease > now:
        return (
            f"{action_id} is being run again already, by {_who(entry.owner)}; if that was killed, try again "
            f"in {entry.lease - now:.0f} s"
        )
    return ""


def _who(owner: str) -> str:
    match owner.split():
        case ["replay", pid, host, _]:
            return f"process {pid} on {host}"
        case _:
            return owner
