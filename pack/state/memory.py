"""A store in memory: what it remembers ends with the process. Fills :class:`pack.contracts.storing.Store`."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace

from pack.clock import Clock
from pack.contracts.ports import Action, Event
from pack.contracts.storing import (
    ActionStage,
    ActiveThread,
    Arrival,
    Effect,
    Receipt,
    Record,
    Untold,
    Waiting,
    Watermark,
)
from pack.state.journal_rows import said_at

KEY_HOURS = 25.0
"""How long an arrival's keys are remembered, unless the caller knows better."""

REMEMBER_KEYS = 100_000
"""How many of them are remembered at the most."""

REMEMBER_THREADS = 10_000
"""How many threads are remembered at the most: those in which something was said last."""

REMEMBER_ACTIONS = 1_000
"""How many finished actions are remembered at the most."""


class MemoryStore:
    """Actions, effects, arrivals and watermarks, in dictionaries."""

    survives = False
    problem = ""
    blind_until = 0.0

    def __init__(self, clock: Clock, key_hours: float = KEY_HOURS) -> None:
        self._clock = clock
        self._key_seconds = key_hours * 3600.0
        self._records: dict[str, Record] = {}
        self._ended: dict[str, None] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._untold: dict[int, Untold] = {}
        self._numbers = itertools.count(1)
        self._watermarks: dict[str, float] = {}
        self._threads: OrderedDict[tuple[str, str], float] = OrderedDict()

    # --- actions ---

    async def begin(self, action: Action, order_key: str, *, suspect_since: float | None = None) -> bool:
        """Note an action, unless it is known."""
        if action.id in self._records:
            return False
        self._records[action.id] = Record(
            action, order_key, ActionStage.TAKEN, self._clock.now().timestamp(), suspect_since, {}
        )
        return True

    async def load(self, action_id: str) -> Record | None:
        """Return what is remembered of an action."""
        record = self._records.get(action_id)
        return replace(record, effects=dict(record.effects)) if record else None

    async def known(self, action_ids: Collection[str]) -> set[str]:
        """Return which of these are remembered."""
        return set(action_ids) & self._records.keys()

    async def unfinished(self) -> Sequence[Waiting]:
        """List the actions without a result, in the order in which they were taken."""
        return [_waiting(one) for one in self._records.values() if one.stage is ActionStage.TAKEN]

    async def unreported(self) -> Sequence[Waiting]:
        """List the actions whose result the engine does not have, in the order in which they ended."""
        return [_waiting(self._records[action_id]) for action_id in self._ended]

    async def save_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        self.note_effect(effect)

    def note_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        if record := self._records.get(effect.action_id):
            record.effects = {**record.effects, effect.step: replace(effect)}

    async def finish(self, action_id: str, result: Event, *, failed: bool) -> None:
        """Note an action's result."""
        if record := self._records.get(action_id):
            record.stage, record.reason = ActionStage.DONE, ""
            record.result, record.failed = result, failed
            self._finished.pop(action_id, None)
            self._ended.pop(action_id, None)
            self._ended[action_id] = None

    def note_reported(self, action_id: str) -> None:
        """Note that the engine has the result."""
        self._end(action_id, ActionStage.REPORTED, "")

    async def set_aside(self, action_id: str, reason: str) -> None:
        """Note that the engine will not have the result."""
        self._end(action_id, ActionStage.ASIDE, reason)

    def _end(self, action_id: str, stage: ActionStage, reason: str) -> None:
        if record := self._records.get(action_id):
            record.stage, record.reason = stage, reason
            self._ended.pop(action_id, None)
            self._finished[action_id] = None
            while len(self._finished) > REMEMBER_ACTIONS:
                del self._records[self._finished.popitem(last=False)[0]]

    async def forget(self, action_id: str) -> None:
        """Forget an action that has ended."""
        record = self._records.get(action_id)
        if record and record.stage in (ActionStage.REPORTED, ActionStage.ASIDE):
            del self._records[action_id]
            self._finished.pop(action_id, None)

    # --- what came in ---

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        """Note an arrival, unless one of its keys is known."""
        now = self._clock.monotonic()
        self._forget_keys(now)
        if any(key in self._seen for key in arrival.keys):
            return Receipt.COPY, 0
        self._seen.update(dict.fromkeys(arrival.keys, now))
        number = next(self._numbers)
        self._untold[number] = Untold(number, arrival, telling)
        if arrival.thread:
            self._note_thread(arrival)
        return Receipt.KEPT, number

    def _note_thread(self, arrival: Arrival) -> None:
        thread = (arrival.lane, arrival.thread)
        at = said_at(arrival.event, self._clock.now().timestamp())
        self._threads[thread] = max(at, self._threads.get(thread, 0.0))
        self._threads.move_to_end(thread)
        if len(self._threads) > REMEMBER_THREADS:
            self._threads.popitem(last=False)

    def _forget_keys(self, now: float) -> None:
        while self._seen:
            oldest, at = next(iter(self._seen.items()))
            if now - at < self._key_seconds and len(self._seen) < REMEMBER_KEYS:
                break
            del self._seen[oldest]

    async def save_telling(self, arrival_id: int) -> None:
        """Note that the engine is about to be told."""
        if untold := self._untold.get(arrival_id):
            self._untold[arrival_id] = replace(untold, telling=True)

    def note_told(self, arrival_id: int) -> None:
        """Forget an arrival that the engine has."""
        self._untold.pop(arrival_id, None)

    async def untold(self) -> Sequence[Untold]:
        """List what the engine does not have."""
        return list(self._untold.values())

    # --- watermarks ---

    async def watch(self, channel: str, since: float) -> None:
        """Begin a channel's watermark, unless it has one."""
        self._watermarks.setdefault(channel, since)

    async def unwatch(self, channel: str) -> None:
        """Forget a channel's watermark and its threads."""
        self._watermarks.pop(channel, None)
        for thread in [thread for thread in self._threads if thread[0] == channel]:
            del self._threads[thread]

    def note_watermarks(self, channels: Collection[str], since: float) -> None:
        """Move watermarks on."""
        for channel in channels:
            if channel in self._watermarks:
                self._watermarks[channel] = max(since, self._watermarks[channel])

    async def watermarks(self) -> Sequence[Watermark]:
        """List the watermarks."""
        return [Watermark(channel, since) for channel, since in self._watermarks.items()]

    async def active_threads(self, since: float) -> Sequence[ActiveThread]:
        """List the threads in which something was said since then."""
        found = [ActiveThread(*key, at) for key, at in self._threads.items() if at >= since]
        return sorted(found, key=lambda thread: thread.active_at, reverse=True)


def _waiting(record: Record) -> Waiting:
    return Waiting(record.action.id, record.action.command, record.order_key)
