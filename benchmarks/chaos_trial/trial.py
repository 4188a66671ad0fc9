"""One trial: a schedule is carried out on a pack and its surroundings, and what was seen is judged."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.chaos_trial.checker import Judgement, judge
from benchmarks.chaos_trial.evidence import Evidence, Promise
from benchmarks.chaos_trial.load import Load
from benchmarks.chaos_trial.pack_process import PackProcess
from benchmarks.chaos_trial.schedule import Life, Mode, Schedule
from benchmarks.chaos_trial.surroundings import Surroundings, open_surroundings
from benchmarks.chaos_trial.troubles import SETTLING_SECONDS, Place, make
from benchmarks.chaos_trial.weakened import VARIABLE as WITHOUT
from benchmarks.chaos_trial.witness import Witness, read_actions
from benchmarks.processes import Unfinished

Json = Any

START_SECONDS = 20.0
"""How long the first start may take on a busy machine."""

ARMED_SECONDS = 3.0
"""How much longer a process lives that is to come to a crash point."""

DRAIN_SECONDS = 120.0
"""How long everything may take that is left when nothing goes wrong any more."""

STALLED_SECONDS = 20.0
"""After so long without anything happening nobody waits for what is left: nothing will come of it."""

QUIET_SECONDS = 1.5
"""How long nothing may happen before the trial is over: what comes twice comes within it."""

SETTINGS = {
    "FLYTE_SLACK_HEALTH_PORT": "0",
    "FLYTE_SLACK_GRACE_SECONDS": "2",
    "FLYTE_SLACK_SETTLING_SECONDS": f"{SETTLING_SECONDS:g}",
    "FLYTE_SLACK_TIMEOUT": "1",
    "FLYTE_API_TIMEOUT": "1",
    "FLYTE_SLACK_LOG_FORMAT": "console",
}


@dataclass(slots=True)
class Outcome:
    """What came of one trial."""

    schedule: Schedule
    judgement: Judgement
    kills: dict[str, int] = field(default_factory=dict)
    crash_points: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    log: list[str] = field(default_factory=list)
    """The end of what the pack logged; only of a trial that convicts."""


async def try_out(schedule: Schedule, *, stalled_seconds: float = STALLED_SECONDS) -> Outcome:
    """Carry out one schedule and judge what was seen; see :data:`STALLED_SECONDS`."""
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        async with open_surroundings(schedule.seed, schedule.skew_seconds) as around:
            settings = {**SETTINGS, **around.settings(), **_of_mode(schedule.mode)}
            process = PackProcess(Path(directory), settings, keeps=schedule.mode.volume)
            evidence = await _Trial(schedule, around, process, stalled_seconds).run()
    judgement = judge(evidence)
    return Outcome(
        schedule=schedule,
        judgement=judgement,
        kills=dict(process.ends),
        crash_points=dict(process.hits),
        seconds=time.monotonic() - since,
        log=[] if judgement.innocent else list(process.log),
    )


def _of_mode(mode: Mode) -> dict[str, str]:
    backfill = {"FLYTE_SLACK_BACKFILL_HOURS": "0"} if mode.without == "backfill" else {}
    return {WITHOUT: mode.without, **backfill}


def promise_of(mode: Mode) -> Promise:
    """Return what the pack promises in a mode, whatever was taken out of it."""
    return Promise(
        acknowledged_kept=mode.volume,
        missed_recovered=mode.volume and mode.history,
        not_doubled=mode.history,
        commands_in_order=mode.volume,
        events_once=mode.volume,
    )


class _Trial:
    def __init__(
        self, schedule: Schedule, around: Surroundings, process: PackProcess, stalled_seconds: float
    ) -> None:
        self._stalled_seconds = stalled_seconds
        self._schedule = schedule
        self._around = around
        self._process = process
        self._load = Load(around, schedule)
        self._witness = Witness(around)

    async def run(self) -> Evidence:
        async with _running(self._witness.run()):
            try:
                await self._start()
                async with _running(self._load.run()):
                    following = [*self._schedule.lives[1:], None]
                    for life, next_life in zip(self._schedule.lives, following, strict=True):
                        await self._live(life, next_life)
                await self._load.settle()
                await self._drain()
                return await self._testify()
            finally:
                await self._process.end("over")

    async def _start(self) -> None:
        """Start the first process, and wait until it works.

        Raises:
            Unfinished: it does not.
        """
        await self._process.start()
        try:
            await _until(lambda: self._around.slack.faults.open_sockets > 0, START_SECONDS)
            await _until(lambda: self._around.engine.requests("take") > 0, START_SECONDS)
        except TimeoutError as error:
            raise Unfinished("\n".join(["the pack did not begin to work:", *self._process.log])) from error
        if not self._schedule.mode.history:
            self._hide_history()
        await self._process.run_until(0.3)
        if crash := _crash_of(self._schedule.lives[0]):
            await self._process.end("prepared")
            await self._process.start(crash)

    def _hide_history(self) -> None:
        """Have Slack refuse to show what was said, and go on telling of it."""
        for method in ("conversations.history", "conversations.replies"):
            self._around.slack.faults.answer(method, "missing_scope", times=None, needed="channels:history")

    async def _live(self, life: Life, next_life: Life | None) -> None:
        """Let a process live and end as the schedule says, and start the next one."""
        place = Place(self._around, self._process)
        async with contextlib.AsyncExitStack() as stack:
            for trouble in life.troubles:
                await stack.enter_async_context(_running(_later(trouble.at, make(trouble, place))))
            alive = await self._process.run_until(life.seconds)
            if alive and life.crash:
                await self._process.run_until(ARMED_SECONDS)
        await self._process.end("sigterm" if life.end == "sigterm" else "sigkill")
        crash = _crash_of(next_life)
        if not life.forgotten:
            await self._process.start(crash)
            return
        await _until(lambda: not self._around.slack.faults.open_sockets, START_SECONDS)
        async with _running(self._forget_undelivered()):
            for channel in self._around.channels[:3]:
                self._load.say(channel)
            await self._process.start(crash)
            with contextlib.suppress(TimeoutError):
                await _until(lambda: self._around.slack.faults.open_sockets > 0, 3.0)

    async def _forget_undelivered(self) -> None:
        """Have Slack forget what it cannot deliver, until somebody connects."""
        while not self._around.slack.faults.open_sockets:
            self._witness.look_at_acknowledgements()
            self._around.slack.sockets.envelopes.reset()
            await asyncio.sleep(0.01)

    # --- the end ----------------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """Let nothing go wrong any more, and wait until everything is done that can be."""
        self._around.engine.faults.clear()
        self._around.slack.faults.clear()
        if not self._schedule.mode.history:
            self._hide_history()
        await self._process.order("disk", "0")
        until, quiet_since, seen = time.monotonic() + DRAIN_SECONDS, time.monotonic(), -1
        while time.monotonic() < until and self._process.is_running:
            if (now := self._activity()) != seen:
                seen, quiet_since = now, time.monotonic()
            quiet = time.monotonic() - quiet_since
            if quiet > QUIET_SECONDS and (quiet > self._stalled_seconds or await self._is_done()):
                break
            await self._process.run_until(0.2)
        self._witness.look_at_acknowledgements()

    def _activity(self) -> int:
        engine = self._around.engine
        posts = self._around.slack.limits.count("chat.postMessage").asked
        return engine.requests("result") + engine.requests("event") + posts

    async def _is_done(self) -> bool:
        """Tell whether every action has its result, and every message of a person was told."""
        told = {event.key for event in self._witness.told}
        promised = (
            promise_of(self._schedule.mode).missed_recovered and self._schedule.mode.without != "backfill"
        )
        messages = {one.key for one in self._load.happenings.values() if one.kind == "message"}
        if promised and not messages <= told:
            return False
        await self._around.engine.settled()
        actions = await read_actions(self._around)
        return all(action["state"]["value"] in ("SUCCESS", "FATAL") for action in actions)

    async def _testify(self) -> Evidence:
        return Evidence(
            promise=promise_of(self._schedule.mode),
            commands=await self._witness.commands(self._process.ended_at),
            posted=list(self._witness.posted()),
            happenings=self._witness.happenings(list(self._load.happenings.values())),
            told=self._witness.told,
            mishaps=self._process.mishaps,
        )


def _crash_of(life: Life | None) -> str:
    """Return at which crash point a process is to end; empty: at none."""
    return f"{life.crash}:{life.occurrence}" if life and life.crash else ""


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Have something go on meanwhile; it is cancelled in the end, and its failures are raised."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        if not task.done():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _later(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        work.close()
        raise
    await work


async def _until(condition: Callable[[], object], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the condition is in a server
            await asyncio.sleep(0.01)
