"""What the journal has of each action, as an operator wants to know it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pack.contracts.ports import UnreadableInput
from pack.contracts.storing import ActionStage, Effect, EffectState, Record
from pack.state.journal_rows import ACTION_COLUMNS, EFFECT_COLUMNS, record_of

UNFINISHED = "stage IN ('taken', 'done')"
FAILED = "stage IN ('reported', 'aside') AND (failed = 1 OR stage = 'aside')"
SUCCEEDED = "stage = 'reported' AND failed = 0"

_OWN_COLUMNS = "done_at, replays, owner, lease"


@dataclass(frozen=True, slots=True)
class Entry:
    """One action."""

    record: Record
    done_at: float | None
    """When it ended, by the date of the machine that the pack runs on; None: not yet."""
    replays: int
    """How often it was run again by an operator."""
    owner: str
    """Who took it, or runs it again."""
    lease: float | None
    """Until when somebody who runs it again has it."""

    @property
    def id(self) -> str:
        """The engine's id of the action."""
        return self.record.action.id

    @property
    def command(self) -> str:
        """The command's name."""
        return self.record.action.command

    @property
    def steps(self) -> Sequence[Effect]:
        """What is known of its steps, by name."""
        return [self.record.effects[name] for name in sorted(self.record.effects)]

    @property
    def is_unfinished(self) -> bool:
        """Whether the pack still has to do something for it."""
        return self.record.stage in (ActionStage.TAKEN, ActionStage.DONE)

    @property
    def is_failed(self) -> bool:
        """Whether it ended in a failure, or the engine did not take its result."""
        return not self.is_unfinished and (self.record.failed or self.record.stage is ActionStage.ASIDE)

    @property
    def unreadable(self) -> str:
        """Why there is no input; empty when there is."""
        given = self.record.action.input
        return given.reason if isinstance(given, UnreadableInput) else ""

    @property
    def event(self) -> str:
        """The event that it ended in; empty before the end."""
        return self.record.result.name if self.record.result else ""

    @property
    def payload(self) -> Any:
        """What that event says; None before the end."""
        return self.record.result.payload if self.record.result else None

    @property
    def error(self) -> str:
        """Why it failed, as a sentence; empty when it did not."""
        not_taken = (
            f"(the engine did not take the result: {self.record.reason})" if self.record.reason else ""
        )
        return " ".join(part for part in (self._said("error"), not_taken) if part)

    @property
    def error_code(self) -> str:
        """The code of the error; empty when it did not fail."""
        return self._said("errorCode")

    def _said(self, key: str) -> str:
        if not self.record.failed or not isinstance(self.payload, dict):
            return ""
        return str(self.payload.get(key) or "")

    @property
    def waits_for(self) -> str:
        """What an unfinished action waits for, as far as the journal knows; empty for a finished one."""
        if not self.is_unfinished:
            return ""
        if self.record.stage is ActionStage.DONE:
            return f"the engine to take its result, {self.event}"
        sending = [step for step in self.steps if step.state is EffectState.SENDING]
        if sending:
            calls = ", ".join(dict.fromkeys(step.method for step in sending))
            return f"Slack: {calls} was sent and has no answer yet"
        if self.steps:
            return "its next step: a channel's turn, or Slack's pace"
        turn = f"its turn in {self.record.order_key}" if self.record.order_key else "its turn"
        if self.record.suspect_since is not None:
            return f"{turn}, and a look whether it was carried out before the journal was lost"
        return f"{turn}, or Slack's pace"


def list_entries(connection: sqlite3.Connection, which: str, order: str, limit: int) -> list[Entry]:
    """Return the actions of which ``which`` is true, in that order; at most ``limit``."""
    rows = connection.execute(
        f"SELECT {_OWN_COLUMNS}, {ACTION_COLUMNS} FROM actions WHERE {which} ORDER BY {order} LIMIT ?",
        (limit,),
    )
    return [_entry(connection, row) for row in rows.fetchall()]


def find_entry(connection: sqlite3.Connection, action_id: str) -> Entry | None:
    """Return one action; None when the journal does not know it (any more)."""
    row = connection.execute(
        f"SELECT {_OWN_COLUMNS}, {ACTION_COLUMNS} FROM actions WHERE id = ?", (action_id,)
    ).fetchone()
    return _entry(connection, row) if row else None


def _entry(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Entry:
    done_at, replays, owner, lease, *rest = row
    effects = connection.execute(f"SELECT {EFFECT_COLUMNS} FROM effects WHERE action_id = ?", (rest[0],))
    return Entry(record_of(tuple(rest), effects.fetchall()), done_at, replays, owner, lease)
