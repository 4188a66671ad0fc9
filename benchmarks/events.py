"""What an event from Slack costs, and how soon the engine has it."""

from __future__ import annotations

from typing import Any

from benchmarks.processes import Program, working
from benchmarks.rows import Row, at_most_times, median, percentile
from benchmarks.sizes import Sizes

FINISH_SECONDS = 30.0
PAUSE_SECONDS = 0.04
CPU_TIMES = 1.5


async def measure(sizes: Sizes) -> list[Row]:
    """Send single events for the delay, then many for the CPU; the programs take turns."""
    seen: dict[str, list[tuple[list[float], float]]] = {"pack": [], "bare": []}
    for _ in range(sizes.pairs):
        for name, found in seen.items():
            async with working(name, channels=sizes.channels) as program:
                found.append(await _send(program, sizes))
    delays, cpu = {}, {}
    for name, found in seen.items():
        delays[name] = [delay for single, _ in found for delay in single]
        cpu[name] = median([used for _, used in found])
    pack, bare = delays["pack"], delays["bare"]
    return [
        Row("CPU per event", "ms", cpu["pack"], cpu["bare"], at_most_times(CPU_TIMES)),
        *(
            Row(
                f"event: sent to told, p{percent}", "ms", percentile(pack, percent), percentile(bare, percent)
            )
            for percent in (50, 99)
        ),
    ]


async def _send(program: Program, sizes: Sizes) -> tuple[list[float], float]:
    """Return the delays of the single events, and the CPU for each of the many, in ms."""
    singles, many = sizes.single_events, sizes.events
    await _send_and_wait(program, {"first": 0, "count": singles, "pause_seconds": PAUSE_SECONDS}, singles)
    record = await program.peers.ask("record")
    delays = [(record["told"][timestamp] - at) * 1000 for timestamp, at in record["sent"].items()]
    before = program.cpu_seconds()
    await _send_and_wait(program, {"first": singles, "count": many, "pause_seconds": 0}, singles + many)
    return delays, (program.cpu_seconds() - before) * 1000 / many


async def _send_and_wait(program: Program, order: dict[str, Any], told: int) -> None:
    await program.peers.ask("events", order)
    await program.until(lambda progress: progress["told"] >= told, FINISH_SECONDS, f"{order['count']} events")
