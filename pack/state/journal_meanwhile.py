"""What the journal knows while its file cannot be written: changes in memory, seen over what the file says.

It lives in the writer's thread. Nothing of it is lost while the process lives: :meth:`Meanwhile.pending`
are the operations that bring the file up to date as soon as it can be written again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pack.contracts.ports import Event
from pack.contracts.storing import (
    ActionStage,
    ActiveThread,
    Receipt,
    Record,
    Untold,
    Waiting,
    Watermark,
)
from pack.state.journal_operation import Operation
from pack.state.journal_rows import Row, effect_of, id_set, new_record, untold_of
from pack.state.journal_tables import EFFECTS, WRITES, Tables

TOLD_AT_MOST = 100_000
"""How many arrivals that were told are remembered by their keys until the file can be written again."""


class NotNowError(Exception):
    """The answer is not known before the file can be read, or an arrival was told: to be asked again."""


@dataclass(slots=True)
class _Unkept:
    """An arrival that is not on disk."""

    keys: tuple[str, ...]
    row: Row
    active_at: float
    now: float
    told: bool = False


class Meanwhile:
    """Changes that are not in the file."""

    def __init__(self, tables: Tables | None, numbers: Iterator[int]) -> None:
        self.tables = tables
        """The file as far as it can be read; None: it could not be opened yet."""
        self._numbers = numbers
        self._changes: list[Operation] = []
        self._records: dict[str, Record] = {}
        self._removed: set[str] = set()
        self._done: dict[str, None] = {}
        self._arrivals: dict[int, _Unkept] = {}
        self._keys: dict[str, int] = {}
        self._telling: set[int] = set()
        self._told: set[int] = set()
        self._forgotten: set[str] = set()
        self._threads: dict[tuple[str, str], float] = {}
        self._marks: list[Operation] = []
        self._actions: Mapping[str, Callable[..., Any]] = {
            "begin": self._begin,
            **dict.fromkeys(EFFECTS, self._effect),
            "finish": self._finish,
            "reported": self._reported,
            "aside": self._set_aside,
            "forget": self._forget,
            "load": self._load,
            "known": self._known,
            "unfinished": self._unfinished,
            "unreported": self._unreported,
        }
        self._others: Mapping[str, Callable[..., Any]] = {
            "receive": self._receive,
            "telling": self._save_telling,
            "told": self._note_told,
            "untold": self._untold,
            "watch": lambda *_: None,
            "unwatch": self._unwatch,
            "watermarks": lambda *_: None,
            "list_watermarks": self._watermarks,
            "threads": self._active_threads,
            "prune": lambda *_: False,
        }

    def perform(self, one: Operation) -> Any:
        """Do an operation in memory and return its value.

        Raises:
            NotNowError: it has to wait; ask again later.
        """
        if one.kind in ("watch", "unwatch", "watermarks"):
            self._mark(one)
        action = self._actions.get(one.kind)
        if action is None:
            return self._others[one.kind](*one.arguments)
        value = action(*one.arguments)
        if one.kind in WRITES:
            self._changes.append(Operation(one.kind, one.arguments))
        return value

    def pending(self) -> list[Operation]:
        """Return the operations that bring the file up to date, in order."""
        arrivals = [
            Operation("receive", (one.keys, one.row, self._active_at(one), one.now, number, one.told))
            for number, one in self._arrivals.items()
        ]
        telling = [Operation("telling", (number,)) for number in self._telling]
        told = [Operation("told", (number,)) for number in self._told]
        return [*self._changes, *self._marks, *telling, *told, *arrivals]

    def _active_at(self, one: _Unkept) -> float:
        """Return when the thread was active; 0: its channel was left since, so that it is forgotten."""
        return one.active_at if (one.row[0], one.row[1]) in self._threads else 0.0

    def _file(self) -> Tables:
        if self.tables is None:
            raise NotNowError
        return self.tables

    def _read(self, kind: str, *arguments: Any) -> Any:
        """Ask the file.

        Raises:
            NotNowError: it cannot be read.
        """
        try:
            return self._file().perform[kind](*arguments)
        except sqlite3.Error as error:
            raise NotNowError from error

    # --- actions ---

    def _find(self, action_id: str) -> Record | None:
        """Return an action's record to be changed; None when it is not known, as far as can be told."""
        if action_id not in self._records:
            if action_id in self._removed:
                return None
            try:
                record = self._read("load", action_id)
            except NotNowError:
                return None
            if record is None:
                return None
            self._records[action_id] = record
        return self._records[action_id]

    def _begin(self, row: Row) -> bool:
        if self._find(row[0]):
            return False
        self._records[row[0]] = new_record(row)
        return True

    def _effect(self, row: Row) -> None:
        if record := self._find(row[0]):
            effect = effect_of(row)
            record.effects = {**record.effects, effect.step: effect}

    def _finish(self, action_id: str, name: str, payload: str, failed: bool, at: float) -> None:
        if record := self._find(action_id):
            record.stage, record.reason = ActionStage.DONE, ""
            record.result, record.failed = Event(name, json.loads(payload)), failed
            self._done.pop(action_id, None)
            self._done[action_id] = None

    def _reported(self, action_id: str, at: float) -> None:
        self._end(action_id, ActionStage.REPORTED, "")

    def _set_aside(self, action_id: str, reason: str, at: float) -> None:
        self._end(action_id, ActionStage.ASIDE, reason)

    def _end(self, action_id: str, stage: ActionStage, reason: str) -> None:
        if record := self._find(action_id):
            record.stage, record.reason = stage, reason

    def _forget(self, action_id: str) -> None:
        record = self._find(action_id)
        if record and record.stage in (ActionStage.REPORTED, ActionStage.ASIDE):
            del self._records[action_id]
            self._removed.add(action_id)

    def _load(self, action_id: str) -> Record | None:
        record = self._records.get(action_id)
        if record:
            return replace(record, effects=dict(record.effects))
        if action_id in self._removed:
            return None
        read: Record | None = self._read("load", action_id)
        return read

    def _known(self, ids: str) -> set[str]:
        found: set[str] = self._read("known", ids)
        return (found - self._removed) | (id_set(ids) & self._records.keys())

    def _unfinished(self) -> list[Waiting]:
        kept: list[Waiting] = self._read("unfinished")
        ids = {one.id for one in kept}
        begun = (one for one in self._records.values() if one.action.id not in ids)
        return [
            *(one for one in kept if self._may_be(one.id, ActionStage.TAKEN)),
            *(_waiting(one) for one in begun if one.stage is ActionStage.TAKEN),
        ]

    def _unreported(self) -> list[Waiting]:
        kept: list[Waiting] = self._read("unreported")
        ended = map(self._records.__getitem__, self._done)
        return [
            *(one for one in kept if one.id not in self._done and self._may_be(one.id, ActionStage.DONE)),
            *(_waiting(one) for one in ended if one.stage is ActionStage.DONE),
        ]

    def _may_be(self, action_id: str, stage: ActionStage) -> bool:
        record = self._records.get(action_id)
        return record is None or record.stage is stage

    # --- what came in ---

    def _receive(self, keys: tuple[str, ...], row: Row, active_at: float, now: float) -> tuple[Receipt, int]:
        for key in keys:
            if (number := self._keys.get(key)) is not None:
                original = self._arrivals.get(number)
                if original and not original.told:
                    raise NotNowError  # acknowledged, the copy could outlive an original that is lost
                return Receipt.COPY, 0
        if self._in_file(keys):
            return Receipt.COPY, 0
        number = next(self._numbers)
        self._arrivals[number] = _Unkept(keys, row, active_at, now)
        self._keys.update(dict.fromkeys(keys, number))
        if row[1]:
            self._threads[row[0], row[1]] = max(active_at, self._threads.get((row[0], row[1]), 0.0))
        return Receipt.UNKEPT, number

    def _in_file(self, keys: tuple[str, ...]) -> bool:
        try:
            return self.tables is not None and self.tables.seen(keys)
        except sqlite3.Error:
            return False

    def _save_telling(self, number: int) -> None:
        if unkept := self._arrivals.get(number):
            unkept.row = (*unkept.row[:3], True, *unkept.row[4:])
        else:
            self._telling.add(number)

    def _note_told(self, number: int) -> None:
        if unkept := self._arrivals.get(number):
            unkept.told, unkept.row = True, (*unkept.row[:-1], "")
            self._forget_told()
        else:
            self._told.add(number)

    def _forget_told(self) -> None:
        while len(self._arrivals) > TOLD_AT_MOST:
            number, oldest = next(iter(self._arrivals.items()))
            if not oldest.told:
                break
            del self._arrivals[number]
            for key in oldest.keys:
                self._keys.pop(key, None)

    def _untold(self) -> list[Untold]:
        kept: list[Untold] = self._read("untold")
        place = self._file().place_of
        told, telling = set(map(place, self._told)), set(map(place, self._telling))
        found = [replace(one, telling=one.telling or one.id in telling) for one in kept if one.id not in told]
        unkept = [untold_of((number, *one.row)) for number, one in self._arrivals.items() if not one.told]
        return found + unkept

    # --- watermarks ---

    def _mark(self, one: Operation) -> None:
        """Remember a change of watermarks; of two moves of the same ones in a row the later one will do."""
        last = self._marks[-1] if self._marks else None
        if last and one.kind == last.kind == "watermarks" and one.arguments[0] == last.arguments[0]:
            since = max(one.arguments[1], last.arguments[1])
            self._marks[-1] = Operation(one.kind, (one.arguments[0], since))
        else:
            self._marks.append(Operation(one.kind, one.arguments))

    def _unwatch(self, channel: str) -> None:
        self._forgotten.add(channel)
        self._threads = {key: at for key, at in self._threads.items() if key[0] != channel}

    def _watermarks(self) -> list[Watermark]:
        found = {one.channel: one.since for one in self._read("list_watermarks")}
        for change in self._marks:
            if change.kind == "watch":
                found.setdefault(*change.arguments)
            elif change.kind == "unwatch":
                found.pop(change.arguments[0], None)
            else:
                for channel in id_set(change.arguments[0]) & found.keys():
                    found[channel] = max(found[channel], change.arguments[1])
        return [Watermark(channel, since) for channel, since in found.items()]

    def _active_threads(self, since: float) -> list[ActiveThread]:
        read: list[ActiveThread] = self._read("threads", since)
        found = {(one.channel, one.thread): one for one in read if one.channel not in self._forgotten}
        for key, at in self._threads.items():
            if at >= since and (key not in found or at > found[key].active_at):
                found[key] = ActiveThread(*key, at)
        return sorted(found.values(), key=lambda one: one.active_at, reverse=True)


def _waiting(record: Record) -> Waiting:
    return Waiting(record.action.id, record.action.command, record.order_key)
