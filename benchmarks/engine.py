"""What the embedded engine makes of events: how many go through a flow, and what a burst costs in memory."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import psutil

from benchmarks.engine_flow import COMMANDS, EVENT, PACK, SOURCE, finishing, five_steps, one_step, payload
from benchmarks.processes import ROOT, STOP_SECONDS, Unfinished, peak_mebibytes
from benchmarks.record import now
from benchmarks.rows import Row, at_most, median
from benchmarks.sizes import Sizes

CALLERS = 4
"""How many requests are under way at a time."""
BURST_FLOWS = 5
GAINED_MEBIBYTES = 16.0
TAKES_WITHOUT_ACTION = 1_000
"""After so many in a row an action is missing."""
ENGINES = {
    "pack": ("-m", "pack", "sandbox", "--engine-only", "--port", "0"),
    "bare": ("-m", "benchmarks.engine_bare"),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine, or what stands in for one."""

    name: str
    url: str
    process: psutil.Process
    session: aiohttp.ClientSession

    async def post(self, path: str, body: dict[str, Any]) -> None:
        """Post something that has to be accepted."""
        url = path if path.startswith("http") else self.url + path
        async with self.session.post(url, json=body) as answer:
            if answer.status not in (201, 202):
                raise Unfinished(f"{self.name}: POST {path}: {answer.status} {await answer.text()}")

    async def take(self) -> dict[str, Any] | None:
        """Take an action, None when there is none."""
        async with self.session.post(f"{self.url}/v1/packs/{PACK}/actions/take") as answer:
            return dict(await answer.json()) if answer.status == 200 else None

    def resident_mebibytes(self) -> float:
        """Return the memory that it has now."""
        return float(self.process.memory_info().rss) / 2**20

    def cpu_seconds(self) -> float:
        """Return the processor time that it used, its own and the system's for it."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


async def measure(sizes: Sizes) -> list[Row]:
    """Send events through a flow of five steps, then a burst for five flows; the engines take turns."""
    speed: dict[str, list[tuple[float, float]]] = {"pack": [], "bare": []}
    for _ in range(sizes.pairs):
        for name, found in speed.items():
            async with running(name) as engine:
                found.append(await _work_through(engine, sizes.flow_events))
    gained = {}
    for name in ENGINES:
        async with running(name) as engine:
            gained[name] = await _burst(engine, sizes.burst_events)
    rate, cpu = ({name: median([run[at] for run in runs]) for name, runs in speed.items()} for at in (0, 1))
    before, after = ({name: memory[at] for name, memory in gained.items()} for at in (0, 1))
    burst = f"engine, {sizes.burst_events} events at once, {BURST_FLOWS} flows"
    more = {name: after[name] - before[name] for name in ENGINES}
    return [
        Row("engine: events through 5 steps", "1/s", rate["pack"], rate["bare"]),
        Row("engine: CPU per event with 5 steps", "ms", cpu["pack"], cpu["bare"]),
        Row(f"{burst}: memory before", "MiB", before["pack"], before["bare"]),
        Row(f"{burst}: memory gained", "MiB", more["pack"], more["bare"], at_most(GAINED_MEBIBYTES, "MiB")),
    ]


async def _work_through(engine: Engine, events: int) -> tuple[float, float]:
    """Post events and carry out all that follows; return events a second, and ms of CPU for each."""
    await engine.post("/v1/flows", five_steps())
    numbers = itertools.count()
    since, used = now(), engine.cpu_seconds()

    async def call() -> None:
        while (number := next(numbers)) < events:
            await _post_event(engine, number)
            for _ in COMMANDS:
                await _carry_out_one(engine)

    await _by_callers(call)
    return events / (now() - since), (engine.cpu_seconds() - used) * 1000 / events


async def _carry_out_one(engine: Engine) -> None:
    for _ in range(TAKES_WITHOUT_ACTION):
        action = await engine.take()
        if action is not None:
            break
    else:
        raise Unfinished(f"{engine.name}: an action is missing")
    result = {"event": finishing(action["command"]), "payload": payload(len(action["input"]))}
    await engine.post(action["links"][0]["href"], result)


async def _burst(engine: Engine, events: int) -> tuple[float, float]:
    """Post events as fast as they are accepted; return the memory before, and the most that it then had."""
    for number in range(BURST_FLOWS):
        await engine.post("/v1/flows", one_step(number))
    await _post_event(engine, 0)
    before, numbers = engine.resident_mebibytes(), itertools.count(1)

    async def call() -> None:
        while (number := next(numbers)) < events:
            await _post_event(engine, number)

    await _by_callers(call)
    if engine.name == "pack":
        await _until_worked_off(engine)
    return before, peak_mebibytes(engine.process)


async def _until_worked_off(engine: Engine) -> None:
    """Wait until the engine rests."""
    used = -1.0
    while engine.cpu_seconds() > used:
        used = engine.cpu_seconds()
        await asyncio.sleep(0.3)


async def _post_event(engine: Engine, number: int) -> None:
    await engine.post(f"/v1/packs/{SOURCE}/events", {"event": EVENT, "payload": payload(number)})


async def _by_callers(call: Callable[[], Coroutine[None, None, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(CALLERS):
            group.create_task(call())


@asynccontextmanager
async def running(name: str) -> AsyncIterator[Engine]:
    """Start one of :data:`ENGINES` with both packs registered, and end it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *ENGINES[name],
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
        async with aiohttp.ClientSession() as session:
            engine = Engine(name, url, psutil.Process(process.pid), session)
            for pack in (SOURCE, PACK):
                await engine.post("/v1/packs", {"name": pack})
            yield engine
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
