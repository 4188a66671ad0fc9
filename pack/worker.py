"""The worker: takes commands from the engine, has each carried out once, and reports how it ended.

An action is taken, noted, given its places in the queues of its channels, carried out by its handler when its
turn comes, and reported as one event. Taking goes on meanwhile. What was left unfinished comes first.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from pack.clock import Clock, wait_for, wait_for_any
from pack.commands.declaration import Command, Deps
from pack.commands.jobs import Job, Result, carry_out, read_job, stopped
from pack.contracts.commands import CommandInput
from pack.contracts.ports import Action
from pack.contracts.storing import ActionStage, Store
from pack.delivery.admission import Admission, Place
from pack.delivery.effects import Effects, Undertaking
from pack.delivery.outbox import Outbox
from pack.delivery.taking import Taking
from pack.delivery.undertaking import resume
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership

logger = logging.getLogger(__name__)

BODIES_IN_MEMORY = 1_000
"""How many waiting actions are held whole; of those beyond only the ID, the rest is in the store."""

NOTED_AT_ONCE = 8
"""How many taken actions may not be noted yet: they share a write; a kill leaves them to recovery."""

UNWRITABLE_SECONDS = 1.0
"""How long taking pauses before it is looked again whether the store can be written."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the worker works with."""

    taking: Taking
    outbox: Outbox
    store: Store
    effects: Effects
    admission: Admission
    channels: ChannelDirectory
    membership: Membership
    slack_date: Callable[[], float]
    """Slack's time, in seconds since 1970."""
    clock: Clock
    commands: Mapping[str, Command[Any]]
    max_pending: int
    """How many actions may be taken and not yet reported."""


class Worker:
    """Carries commands out until it is told to stop."""

    def __init__(self, parts: Parts, stop: asyncio.Event) -> None:
        self._parts = parts
        self._stop = stop
        self._running: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, Place] = {}
        self._bodies: dict[str, Job] = {}
        self._pending = 0
        self._has_room = asyncio.Event()
        self._noting = asyncio.Semaphore(NOTED_AT_ONCE)
        self._leaving = False
        self.taken = 0
        """How many actions were taken since the start."""

    @property
    def unfinished(self) -> int:
        """How many actions were taken and have no result yet."""
        return len(self._running) + len(self._waiting)

    async def resume(self) -> None:
        """Take up what an earlier process left unfinished, in the order in which it had been taken."""
        left = await self._parts.store.unfinished()
        for waiting in left:
            self._pending += 1
            places = [self._parts.admission.place(name) for name in waiting.order_key.split()]
            if len(places) == 1:
                self._queue(waiting.id, places[0])
            else:
                self._start(self._carry_out_left(waiting.id, places), waiting.command)
        if left:
            logger.info("going on with what was left unfinished", extra={"actions": len(left)})

    async def run(self) -> None:
        """Take and start actions until the stop event is set."""
        while not self._stop.is_set():
            if self._parts.store.problem:
                await wait_for(self._stop, UNWRITABLE_SECONDS, self._parts.clock)
            elif await self._wait_for_room() and (action := await self._parts.taking.take()):
                self.taken += 1
                await self._noting.acquire()
                job = self._read(action)
                self._pending += 1
                self._start(self._begin(job, self._places(job)), action.command)

    async def finish(self, grace_seconds: float) -> None:
        """Let what was taken finish; what did not is left to the next process, or failed if there is none."""
        await asyncio.sleep(0)
        until = self._parts.clock.monotonic() + grace_seconds
        while self._running and (left := until - self._parts.clock.monotonic()) > 0:
            await asyncio.wait(set(self._running), timeout=left, return_when=asyncio.FIRST_COMPLETED)
        self._leaving = True
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if not self._parts.store.survives:
            for action_id in list(self._waiting):
                await self._give_up(action_id)

    # --- from taken to its turn ---

    async def recover(self, action: Action, suspect_since: float) -> bool:
        """Take up an action that a process whose journal is gone had taken; False when it is known.

        ``suspect_since``: each of its steps may have been carried out since, by Slack's date.
        """
        job = self._read(action, suspect_since)
        places = self._places(job)
        self._pending += 1
        if not await self._note(job, places):
            return False
        self._start(self._await_turn(job, places), action.command)
        return True

    async def _begin(self, job: Job, places: Sequence[Place]) -> None:
        """Note an action, a few at once in the order in which they were taken, and go on with it."""
        try:
            is_new = await self._note(job, places)
        finally:
            self._noting.release()
        if is_new:
            await self._await_turn(job, places)

    def _places(self, job: Job) -> list[Place]:
        """Draw the places that the action needs; an input that cannot be read has none and only fails."""
        if job.command is None or not isinstance(job.given, CommandInput):
            return []
        names = job.command.channels(job.given, self._parts.membership)
        return [self._parts.admission.place(name) for name in names]

    async def _note(self, job: Job, places: Sequence[Place]) -> bool:
        """Note the action before anything is done for it; False when it is known already."""
        order_key = " ".join(place.reference for place in places)
        suspect_since = job.undertaking.suspect_since
        try:
            is_new = await self._parts.store.begin(job.action, order_key, suspect_since=suspect_since)
        except BaseException:
            _leave(places)
            raise
        if is_new or await self._is_another(job, order_key):
            return True
        _leave(places)
        await self._answer_again(job)
        return False

    async def _is_another(self, job: Job, order_key: str) -> bool:
        """Note an action that has the ID of another one that ended: the engine was begun anew."""
        known = await self._parts.store.load(job.action.id)
        if known is None or known.action == job.action:
            return False
        await self._parts.store.forget(job.action.id)
        return await self._parts.store.begin(job.action, order_key)

    async def _answer_again(self, job: Job) -> None:
        """Report the result of an action again that was handed out again; it is not carried out again."""
        logger.warning("action %s was handed out again; it is known already", job.action.id)
        known = await self._parts.store.load(job.action.id)
        if known and known.result and known.stage in (ActionStage.REPORTED, ActionStage.ASIDE):
            await self._report(job, Result(known.result, known.failed))
        else:
            self._release()

    async def _await_turn(self, job: Job, places: Sequence[Place]) -> None:
        """Carry the action out in its turn; until that comes, hold little more than its ID."""
        if len(places) == 1 and not places[0].has_come:
            if len(self._bodies) < BODIES_IN_MEMORY or self._parts.store.problem:
                self._bodies[job.action.id] = job
            self._queue(job.action.id, places[0])
        else:
            await self._carry_out(job, places)

    def _queue(self, action_id: str, place: Place) -> None:
        self._waiting[action_id] = place
        place.when_called(functools.partial(self._called, action_id))

    def _called(self, action_id: str) -> None:
        """Let an action begin whose turn has come."""
        if self._leaving:
            return
        place = self._waiting.pop(action_id)
        self._start(self._carry_out_waiting(action_id, place), action_id)

    async def _carry_out_waiting(self, action_id: str, place: Place) -> None:
        job = self._bodies.pop(action_id, None)
        if job:
            await self._carry_out(job, [place])
        else:
            await self._carry_out_left(action_id, [place])

    async def _carry_out_left(self, action_id: str, places: Sequence[Place]) -> None:
        """Carry an action out of which only the ID was held."""
        job = await self._load(action_id)
        if job is None:
            _leave(places)
            self._release()
            logger.error("action %s waited for its turn and is not in the store any more", action_id)
        else:
            await self._carry_out(job, places)

    async def _load(self, action_id: str) -> Job | None:
        record = await self._parts.store.load(action_id)
        if record is None:
            return None
        ahead = self._parts.slack_date() - self._parts.clock.now().timestamp()
        undertaking = resume(record, slack_ahead_seconds=ahead)
        return read_job(self._parts.commands, record.action, undertaking)

    def _read(self, action: Action, suspect_since: float | None = None) -> Job:
        taken_at = self._parts.clock.now().timestamp()
        undertaking = Undertaking(action.id, suspect_since=suspect_since, taken_at=taken_at)
        return read_job(self._parts.commands, action, undertaking)

    # --- carrying out ---

    async def _carry_out(self, job: Job, places: Sequence[Place]) -> None:
        """Carry a job out in its turn and report how it ended."""
        try:
            async with places[0] if len(places) == 1 else nullcontext():
                deps = self._deps(job.undertaking, places)
                result = await carry_out(job, deps, self._parts.commands)
        except asyncio.CancelledError:
            if self._parts.store.survives:
                return
            result = stopped(job, began=True)
        finally:
            _leave(places)
        await self._report(job, result)

    async def _report(self, job: Job, result: Result) -> None:
        logger.debug("%s ended as %s", job.action.command, result.event.name, extra={"action": job.action.id})
        await self._parts.outbox.report(job.action, result.event, self._release, failed=result.failed)

    def _deps(self, undertaking: Undertaking, places: Sequence[Place]) -> Deps:
        return Deps(
            effect=functools.partial(self._parts.effects.run, undertaking),
            ask=self._parts.effects.ask,
            channels=self._parts.channels,
            membership=self._parts.membership,
            places=places,
            begun=tuple(undertaking.effects),
            place=self._parts.admission.place,
        )

    async def _give_up(self, action_id: str) -> None:
        """End an action as failed that had no turn before the pack was stopped."""
        place = self._waiting.pop(action_id)
        job = self._bodies.pop(action_id, None) or await self._load(action_id)
        place.leave()
        if job:
            await self._report(job, stopped(job, began=False))

    # --- how much is pending ---

    async def _wait_for_room(self) -> bool:
        """Wait until one more action may be taken; False when the pack is stopping."""
        while self._pending >= self._parts.max_pending and not self._stop.is_set():
            self._has_room.clear()
            await wait_for_any(self._has_room, self._stop)
        return not self._stop.is_set()

    def _release(self) -> None:
        self._pending -= 1
        self._has_room.set()

    def _start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.critical("the worker failed at %s", task.get_name(), exc_info=error)


def _leave(places: Sequence[Place]) -> None:
    for place in places:
        place.leave()
