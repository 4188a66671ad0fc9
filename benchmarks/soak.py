"""Whether the pack's memory stays where it is, however much goes through, and how much waiting takes.

Commands for many channels and events from them go through in rounds; the first half of them warms up: what is
remembered for a while has its bound then. What the second half adds is the growth.
"""

from __future__ import annotations

import asyncio

from benchmarks.commands import command
from benchmarks.processes import Program, working
from benchmarks.rows import Row, at_most
from benchmarks.sizes import Sizes

ROUND_SECONDS = 60.0
TAKEN_SECONDS = 100.0
GROWTH_MEBIBYTES = 4
EACH = 10_000
FLOODED = 0
"""The number of the channel for which everything waits."""
HELD_MS = 60_000
"""How long that takes for a message, so that they wait."""


async def measure(sizes: Sizes) -> list[Row]:
    """Watch both programs' memory over many commands and events, then the pack's while very many wait."""
    (pack, pack_most), (bare, bare_most) = await asyncio.gather(_soak("pack", sizes), _soak("bare", sizes))
    through = sizes.soaked - sizes.soaked // sizes.rounds * (sizes.rounds // 2)
    what = f"soak, {sizes.soaked} commands and {sizes.soaked} events"
    return [
        Row(f"{what}: memory gained", "MiB", pack, bare, at_most(GROWTH_MEBIBYTES, "MiB")),
        Row(f"{what}: gained for each {EACH} of both", "MiB", pack * EACH / through, bare * EACH / through),
        Row(f"{what}: peak memory", "MiB", pack_most, bare_most),
        await _wait_in_line(sizes),
    ]


async def _soak(name: str, sizes: Sizes) -> tuple[float, float]:
    """Return by how much the memory grew after the first half of the rounds, and the most there was."""
    async with working(name, channels=sizes.channels, seed=sizes.seed) as program:
        each = sizes.soaked // sizes.rounds
        levels = []
        for number in range(sizes.rounds):
            await _go_through(program, number * each, each, sizes)
            levels.append(program.mebibytes())
        return levels[-1] - levels[len(levels) // 2 - 1], program.peak_mebibytes()


async def _go_through(program: Program, first: int, count: int, sizes: Sizes) -> None:
    actions = [command(number, number % sizes.channels) for number in range(first, first + count)]
    await program.peers.offer(actions)
    await program.peers.ask("events", {"first": first, "count": count, "pause_seconds": 0})
    await program.until(
        lambda progress: min(progress["results"], progress["told"]) >= first + count,
        ROUND_SECONDS,
        f"{count} commands and events",
    )


async def _wait_in_line(sizes: Sizes) -> Row:
    """Let very many commands wait for one channel."""
    async with working("pack", latency_ms=(HELD_MS, HELD_MS)) as program:
        before = program.mebibytes()
        actions = [command(number, FLOODED) for number in range(sizes.waiting)]
        await program.peers.offer(actions)
        await program.until(
            lambda progress: progress["taken"] >= sizes.waiting, TAKEN_SECONDS, f"taking {sizes.waiting}"
        )
        peak = program.peak_mebibytes()
        return Row(f"{sizes.waiting} waiting for one channel: peak memory", "MiB", peak, before)
