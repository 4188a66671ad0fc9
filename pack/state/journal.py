"""The journal: what has to be remembered, in a file that outlives the process. Fills the store's protocol.

The event loop's side: operations are queued here and handed to :mod:`pack.state.journal_writer` once per
turn of the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

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
from pack.state.journal_file import FILE_NAME, JournalFile
from pack.state.journal_operation import Operation
from pack.state.journal_rows import (
    action_row,
    arrival_row,
    clean,
    cleaned,
    effect_row,
    id_list,
    said_at,
    to_json,
)
from pack.state.journal_writer import Writer

RETRY_SECONDS = 1.0
"""How long after a failed write it is tried again."""

FRESH = 64
"""How many actions that were just begun are held in memory, so that their turn need not be read."""

DAY_SECONDS = 86_400.0
HOUR_SECONDS = 3_600.0


class Journal:
    """Actions, effects, arrivals and watermarks, in SQLite.

    ``keep_days``: how long finished actions are remembered; ``key_hours``: how long arrivals' keys are.
    ``on_commit(phase, kinds)`` is called in the writer's thread ``"before"`` and ``"after"`` each commit with
    the kinds of its operations, in order.
    """

    survives = True

    def __init__(
        self,
        directory: Path,
        *,
        clock: Clock,
        owner: str,
        keep_days: float,
        key_hours: float,
        on_commit: Callable[[str, Sequence[str]], None] | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._clock = clock
        self._owner = owner
        self._keep_seconds = keep_days * DAY_SECONDS
        self._key_seconds = key_hours * HOUR_SECONDS
        self._file = JournalFile(directory / FILE_NAME)
        self._on_commit = on_commit
        self._retry_seconds = retry_seconds
        self._writer: Writer | None = None
        self._queued: list[Operation] = []
        self._fresh: OrderedDict[str, Record] = OrderedDict()
        self.hindrance = ""
        """Why nothing is to be begun with it at the moment, though it can be written; set by who locks it."""

    @property
    def path(self) -> Path:
        """Where the journal is."""
        return self._file.path

    @property
    def problem(self) -> str:
        """Why it cannot be written at the moment; empty when it can."""
        return self.hindrance or (self._writer.problem if self._writer else "")

    @property
    def blind_until(self) -> float:
        """Until when an earlier process may have told what it could not note; 0: it noted everything."""
        return self._writer.blind_until if self._writer else 0.0

    async def open(self) -> None:
        """Open the file, or begin one. One that cannot be used at the moment is a ``problem``, no error.

        Raises:
            SettingsError: the file was written by a newer version of the pack.
        """
        self._loop = asyncio.get_running_loop()
        self._start = self._now() - self._clock.monotonic()
        writer = Writer(
            self._file,
            self._owner,
            now=self._now,
            prune=self._pruning,
            retry_seconds=self._retry_seconds,
            on_commit=self._on_commit,
        )
        await writer.start()
        self._writer = writer

    async def bind(self, workspace: str) -> None:
        """Make sure that what is remembered is of this workspace; what is of another one is set aside.

        To be called before anything is read or noted.
        """
        with contextlib.suppress(sqlite3.Error, OSError):  # then it has a problem, and tells of it itself
            bound = await asyncio.to_thread(self._file.bind, workspace)
            if bound != workspace:
                await self.close()
                await asyncio.to_thread(self._file.set_apart, bound, workspace)
                await self.open()
                await asyncio.to_thread(self._file.bind, workspace)

    async def close(self) -> None:
        """Write what is queued and close the file."""
        if self._writer:
            self._hand_over()
            await self._writer.stop()
            self._writer = None

    # --- queueing ---

    def _note(self, kind: str, *arguments: Any, future: asyncio.Future[Any] | None = None) -> None:
        if self._writer is None:
            raise RuntimeError("the journal is not open")
        if not self._queued:
            self._loop.call_soon(self._hand_over)
        self._queued.append(Operation(kind, arguments, future))

    def _ask(self, kind: str, *arguments: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._note(kind, *arguments, future=future)
        return future

    def _hand_over(self) -> None:
        if self._queued and self._writer:
            queued, self._queued = self._queued, []
            self._writer.hand(queued)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    # --- pruning ---

    async def prune(self) -> bool:
        """Delete one portion of what is too old; True when there may be more. Done every minute anyway."""
        pruning = self._pruning()
        has_more: bool = await self._ask(pruning.kind, *pruning.arguments)
        return has_more

    def _pruning(self) -> Operation:
        now = self._date()
        return Operation("prune", (now - self._keep_seconds, now - self._key_seconds))

    def _date(self) -> float:
        """Return the date as it goes on from the start: when the clock is set forward, nothing gets old."""
        return self._start + self._clock.monotonic()

    # --- actions ---

    async def begin(self, action: Action, order_key: str, *, suspect_since: float | None = None) -> bool:
        """Note an action, unless it is known."""
        row = action_row(action, order_key, self._now(), suspect_since)
        is_new: bool = await self._ask("begin", row)
        if is_new:
            self._fresh[action.id] = Record(
                action, order_key, ActionStage.TAKEN, row[3], suspect_since=suspect_since, effects={}
            )
            if len(self._fresh) > FRESH:
                self._fresh.popitem(last=False)
        return is_new

    async def load(self, action_id: str) -> Record | None:
        """Return what is remembered of an action."""
        if fresh := self._fresh.pop(action_id, None):
            return fresh
        record: Record | None = await self._ask("load", clean(action_id))
        return record

    async def known(self, action_ids: Collection[str]) -> set[str]:
        """Return which of these are remembered."""
        found: set[str] = await self._ask("known", id_list(action_ids))
        return found

    async def unfinished(self) -> Sequence[Waiting]:
        """List the actions without a result, in the order in which they were taken."""
        waiting: list[Waiting] = await self._ask("unfinished")
        return waiting

    async def unreported(self) -> Sequence[Waiting]:
        """List the actions whose result the engine does not have, in the order in which they ended."""
        waiting: list[Waiting] = await self._ask("unreported")
        return waiting

    async def save_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        self._fresh.pop(effect.action_id, None)
        await self._ask(effect.state.value, effect_row(effect))

    def note_effect(self, effect: Effect) -> None:
        """Note a step's state, without waiting."""
        self._fresh.pop(effect.action_id, None)
        self._note(effect.state.value, effect_row(effect))

    async def finish(self, action_id: str, result: Event, *, failed: bool) -> None:
        """Note an action's result."""
        self._fresh.pop(action_id, None)
        name, payload = clean(result.name), to_json(result.payload)
        await self._ask("finish", clean(action_id), name, payload, failed, self._now())

    def note_reported(self, action_id: str) -> None:
        """Note that the engine has the result."""
        self._fresh.pop(action_id, None)
        self._note("reported", clean(action_id), self._now())

    async def set_aside(self, action_id: str, reason: str) -> None:
        """Note that the engine will not have the result, and why."""
        self._fresh.pop(action_id, None)
        await self._ask("aside", clean(action_id), clean(reason), self._now())

    async def forget(self, action_id: str) -> None:
        """Forget an action that has ended."""
        await self._ask("forget", clean(action_id))

    # --- what came in ---

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        """Note an arrival, unless one of its keys is known."""
        now = self._now()
        keys = tuple(dict.fromkeys(cleaned(arrival.keys)))
        row = arrival_row(arrival, telling=telling)
        receipt: tuple[Receipt, int] = await self._ask(
            "receive", keys, row, said_at(arrival.event, now), self._date()
        )
        return receipt

    async def save_telling(self, arrival_id: int) -> None:
        """Note that the engine is about to be told."""
        await self._ask("telling", arrival_id)

    def note_told(self, arrival_id: int) -> None:
        """Note that the engine has it, or never will."""
        self._note("told", arrival_id)

    async def untold(self) -> Sequence[Untold]:
        """List what the engine does not have, in the order in which it was received."""
        untold: list[Untold] = await self._ask("untold")
        return untold

    # --- watermarks ---

    async def watch(self, channel: str, since: float) -> None:
        """Begin a channel's watermark, unless it has one."""
        await self._ask("watch", clean(channel), since)

    async def unwatch(self, channel: str) -> None:
        """Forget a channel's watermark and its threads."""
        await self._ask("unwatch", clean(channel))

    def note_watermarks(self, channels: Collection[str], since: float) -> None:
        """Move the watermarks of these channels on."""
        if channels:
            self._note("watermarks", id_list(channels), since)

    async def watermarks(self) -> Sequence[Watermark]:
        """List the watermarks."""
        found: list[Watermark] = await self._ask("list_watermarks")
        return found

    async def active_threads(self, since: float) -> Sequence[ActiveThread]:
        """List the threads in which something was said since then, the latest first."""
        found: list[ActiveThread] = await self._ask("threads", since)
        return found
