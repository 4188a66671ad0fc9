"""Journals on disk, as a pack writes them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pack.contracts.ports import Event, UnreadableInput
from pack.contracts.storing import ActionStage, Arrival, Effect, EffectState
from pack.state.journal_rows import EFFECT_COLUMNS, clean, effect_row, to_json
from pack.state.schema import MIGRATIONS

HELLO = {"channelId": "C0000000001", "message": "hello"}


@dataclass
class Past:
    """One action's past, to be written into a journal."""

    id: str
    stage: ActionStage = ActionStage.REPORTED
    command: str = "SendMessage"
    input: Any = field(default_factory=lambda: dict(HELLO))
    channel: str = "C0000000001"
    result: Event | None = None
    failed: bool = True
    reason: str = ""
    age_seconds: float = 60.0
    suspect_since: float | None = None
    steps: tuple[Effect, ...] = ()
    reply: str = "http://engine.invalid/result"

    def outcome(self) -> Event:
        if self.result:
            return self.result
        if not self.failed:
            return Event("MessageSent", {**HELLO, "timestamp": "1.2"})
        said = {"error": "the bot is not in that channel: invite it", "errorCode": "not_in_channel"}
        return Event("SendMessageFailed", {**self.input, **said})


def refused(step: str = "post", code: str = "not_in_channel", *, action: str = "", **more: Any) -> Effect:
    refusal = {"error": "SlackRefused", "message": "no", "code": code, "method": "chat.postMessage"}
    return Effect(
        action, step, "chat.postMessage", EffectState.REFUSED, 1, 1_800_000_000.0, refusal=refusal | more
    )


def sent(step: str = "post", **answer: Any) -> Effect:
    return Effect("", step, "chat.postMessage", EffectState.SENT, 1, 1_800_000_000.0, answer=answer)


def sending(step: str = "post", *, readable: bool = True, attempts: int = 1) -> Effect:
    return Effect("", step, "chat.postMessage", EffectState.SENDING, attempts, 1_800_000_000.0, readable)


@contextmanager
def written(directory: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal as the pack's writer does, made when there is none; committed and closed after."""
    directory.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(directory / "journal.sqlite3", isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in (one for step in MIGRATIONS for one in step):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        yield connection
        connection.execute("COMMIT")
    finally:
        connection.close()


def write(directory: Path, *pasts: Past) -> Path:
    """Write these actions; return the journal's path."""
    with written(directory) as connection:
        for past in pasts:
            _insert(connection, "actions", _row(past))
            for step in past.steps:
                step.action_id = past.id
                _insert(connection, "effects", _effect(step))
    return directory / "journal.sqlite3"


def write_arrivals(directory: Path, *arrivals: Arrival) -> None:
    with written(directory) as connection:
        for arrival in arrivals:
            row = {"lane": arrival.lane, "event": to_json(arrival.event), "thread": arrival.thread}
            keys = to_json(list(arrival.keys))
            _insert(connection, "arrivals", {**row, "recovered": 0, "telling": 0, "keys": keys})


def _row(past: Past) -> dict[str, Any]:
    at = time.time() - past.age_seconds
    is_unreadable = isinstance(past.input, UnreadableInput)
    row: dict[str, Any] = {
        "id": clean(past.id),
        "command": clean(past.command),
        "order_key": clean(past.channel),
        "owner": "a-pack",
        "stage": past.stage.value,
        "taken_at": at,
        "suspect_since": past.suspect_since,
        "reply": past.reply,
        "unreadable": past.input.reason if is_unreadable else None,
        "input": "null" if is_unreadable else to_json(past.input),
    }
    if past.stage is not ActionStage.TAKEN:
        result = past.outcome()
        row |= {"result_name": result.name, "result": to_json(result.payload), "failed": past.failed}
        row |= {"done_at": at, "reason": past.reason}
    return row


def _effect(step: Effect) -> dict[str, Any]:
    row = dict(zip(EFFECT_COLUMNS.split(", "), effect_row(step), strict=True))
    return row | {"action_id": clean(step.action_id)}


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))
