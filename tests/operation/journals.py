"""Journals on disk, as a pack writes them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pack.contracts.ports import Action, Event
from pack.contracts.storing import ActionStage, Arrival, Effect, EffectState
from pack.state.journal_rows import action_row, arrival_row, effect_row, to_json
from pack.state.journal_tables import Tables
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


def sending(step: str = "post", sent_at: float = 1_800_000_000.0, *, readable: bool = True) -> Effect:
    return Effect("", step, "chat.postMessage", EffectState.SENDING, 1, sent_at, readable)


@contextmanager
def written(directory: Path) -> Iterator[Tables]:
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
        yield Tables(connection, "a-pack")
        connection.execute("COMMIT")
    finally:
        connection.close()


def write(directory: Path, *pasts: Past) -> Path:
    """Write these actions; return the journal's path."""
    with written(directory) as tables:
        for past in pasts:
            _write(tables, past)
    return directory / "journal.sqlite3"


def _write(tables: Tables, past: Past) -> None:
    at = time.time() - past.age_seconds
    action = Action(past.id, past.command, past.input, past.reply)
    tables.begin(action_row(action, past.channel, at, past.suspect_since))
    for step in past.steps:
        step.action_id = past.id
        tables.effect(effect_row(step))
    if past.stage is ActionStage.TAKEN:
        return
    result = past.outcome()
    tables.finish(past.id, result.name, to_json(result.payload), past.failed, at)
    if past.stage is ActionStage.REPORTED:
        tables.reported(past.id, at)
    elif past.stage is ActionStage.ASIDE:
        tables.set_aside(past.id, past.reason, at)


def write_arrivals(directory: Path, *arrivals: Arrival) -> None:
    with written(directory) as tables:
        for arrival in arrivals:
            row = arrival_row(arrival, telling=False)
            tables.receive(arrival.keys, row, 0.0, time.time())
