"""What it costs to have everything on disk: the pack with its journal beside the same pack with memory only.

In the rows on CPU the column ``bare`` is the pack with its store in memory. In those on delay the column
``pack`` is by how much the journal's median is the greater one, and ``bare`` is what one fsync takes on this
machine, measured in the same run where the journal is: so the ratio says how many of them are waited for.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from dataclasses import dataclass, field
from typing import Any

from benchmarks.commands import command, warm_up
from benchmarks.events import PAUSE_SECONDS
from benchmarks.processes import Program, Unfinished, working
from benchmarks.record import now
from benchmarks.rows import Row, at_most_times, median
from benchmarks.sizes import Sizes

WITH, WITHOUT = "pack", "memory pack"
FINISH_SECONDS = 60.0
CPU_TIMES = 1.3
PAGE = b"x" * 4096


@dataclass(slots=True)
class _Seen:
    """What was measured of one of the two packs; all in ms."""

    command_cpu: list[float] = field(default_factory=list)
    event_cpu: list[float] = field(default_factory=list)
    before_call: list[float] = field(default_factory=list)
    """From handing an action out to Slack being called."""
    after_call: list[float] = field(default_factory=list)
    """From there to the result."""
    events: list[float] = field(default_factory=list)
    """From sending an event to its being told."""
    syncs: list[float] = field(default_factory=list)
    """What an fsync took, once between each two commands."""


async def measure(sizes: Sizes) -> list[Row]:
    """Run both packs by turns: single commands and events for the delay, many for the CPU."""
    seen = {WITH: _Seen(), WITHOUT: _Seen()}
    for _ in range(sizes.pairs):
        for name, found in seen.items():
            async with working(name, channels=sizes.channels, seed=sizes.seed) as program:
                await warm_up(program, sizes)
                await _send_single_commands(program, found, sizes)
                await _send_single_events(program, found, sizes)
                found.command_cpu.append(await _cpu_of_commands(program, sizes))
                found.event_cpu.append(await _cpu_of_events(program, sizes))
    return _rows(seen[WITH], seen[WITHOUT], median(seen[WITH].syncs))


def _rows(journal: _Seen, memory: _Seen, sync: float) -> list[Row]:
    def cpu(of: str, figure: str) -> Row:
        pack, bare = (median(getattr(one, figure)) for one in (journal, memory))
        return Row(f"journal: CPU per {of}, beside memory", "ms", pack, bare, at_most_times(CPU_TIMES))

    def delay(of: str, figure: str) -> Row:
        added = median(getattr(journal, figure)) - median(getattr(memory, figure))
        return Row(f"journal: added to {of}, beside an fsync", "ms", added, sync)

    return [
        cpu("command", "command_cpu"),
        cpu("event", "event_cpu"),
        delay("a command: taken to Slack called", "before_call"),
        delay("a command: Slack called to result posted", "after_call"),
        delay("an event: sent to told", "events"),
    ]


# --- one by one -----------------------------------------------------------------------------------------


async def _send_single_commands(program: Program, seen: _Seen, sizes: Sizes) -> None:
    draw = random.Random(sizes.seed)
    singles = range(sizes.warm_up, sizes.warm_up + sizes.singles)
    for number in singles:
        actions = [command(number, draw.randrange(sizes.channels))]
        await program.peers.offer(actions)
        await _until(program, "results", number + 1)
        seen.syncs.append(await asyncio.to_thread(_measure_sync))
        await asyncio.sleep(draw.uniform(0, PAUSE_SECONDS))
    record = await program.peers.ask("record")
    for number in map(str, singles):
        called = record["called"][number]
        seen.before_call.append((called - record["taken"][number]) * 1000)
        seen.after_call.append((record["results"][number] - called) * 1000)


async def _send_single_events(program: Program, seen: _Seen, sizes: Sizes) -> None:
    order = {"first": 0, "count": sizes.single_events, "pause_seconds": PAUSE_SECONDS}
    await program.peers.ask("events", order)
    await _until(program, "told", sizes.single_events)
    record = await program.peers.ask("record")
    seen.events += [(record["told"][timestamp] - at) * 1000 for timestamp, at in record["sent"].items()]


# --- many -----------------------------------------------------------------------------------------------


async def _cpu_of_commands(program: Program, sizes: Sizes) -> float:
    first = sizes.warm_up + sizes.singles
    actions: list[dict[str, Any]] = [
        command(number, number % sizes.channels) for number in range(first, first + sizes.commands)
    ]
    before = program.cpu_seconds()
    await program.peers.offer(actions)
    await _until(program, "results", first + sizes.commands)
    if failed := (await program.peers.ask("record"))["failed"]:
        raise Unfinished(f"{program.name}: {len(failed)} commands failed: {failed[:3]}")
    return (program.cpu_seconds() - before) * 1000 / sizes.commands


async def _cpu_of_events(program: Program, sizes: Sizes) -> float:
    first = sizes.single_events
    before = program.cpu_seconds()
    await program.peers.ask("events", {"first": first, "count": sizes.events, "pause_seconds": 0})
    await _until(program, "told", first + sizes.events)
    return (program.cpu_seconds() - before) * 1000 / sizes.events


async def _until(program: Program, what: str, count: int) -> None:
    await program.until(lambda progress: progress[what] >= count, FINISH_SECONDS, f"{count} {what}")


def _measure_sync() -> float:
    """Return what it takes to have a page on disk that was written to the end of a file, in ms."""
    with tempfile.TemporaryFile() as file:
        os.write(file.fileno(), PAGE)
        os.fsync(file.fileno())
        os.write(file.fileno(), PAGE)
        since = now()
        os.fsync(file.fileno())
        return (now() - since) * 1000
