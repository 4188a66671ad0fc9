"""How long a message to a quiet channel takes while thousands wait for another one."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from benchmarks.commands import command
from benchmarks.processes import Program, Unfinished, working
from benchmarks.record import now
from benchmarks.rows import Row, at_most, percentile
from benchmarks.sizes import Sizes

FLOODED, QUIET = 1, 2
"""The numbers of the channels."""
WARM = 4
"""So many messages are sent before anything is measured."""
OFFERED_AT_ONCE = 2_000
TAKEN_SECONDS = 90.0
"""Within so long the flood is taken from the engine."""
FINISH_SECONDS = 30.0
PAUSE_SECONDS = (0.1, 0.4)
"""Between two messages to the quiet channel, drawn."""
DELAY_MS = 1000


async def measure(sizes: Sizes) -> list[Row]:
    """Send messages to the quiet channel before the flood, which stands in the bare column, and beside it."""
    async with working("pack", latency_ms=sizes.latency_ms, seed=sizes.seed) as program:
        await _send(program, 0, WARM)
        before = await _send(program, WARM, sizes.quiet)
        await _flood(program, WARM + sizes.quiet, sizes.flood)
        beside = await _send(program, WARM + sizes.quiet + sizes.flood, sizes.quiet)
    what = f"quiet channel beside {sizes.flood} messages for another"
    return [
        Row(f"{what}: available to Slack called, p50", "ms", percentile(beside, 50), percentile(before, 50)),
        Row(
            f"{what}: available to Slack called, p99",
            "ms",
            percentile(beside, 99),
            percentile(before, 99),
            at_most(DELAY_MS, "ms"),
        ),
    ]


async def _flood(program: Program, first: int, messages: int) -> None:
    """Let the pack take a flood; what of it was not sent waits in the pack."""
    taken = await _takes(program)
    actions = [_to(FLOODED, number) for number in range(first, first + messages)]
    for at in range(0, messages, OFFERED_AT_ONCE):
        await program.peers.ask("offer", {"actions": actions[at : at + OFFERED_AT_ONCE]})
    deadline = now() + TAKEN_SECONDS
    while await _takes(program) < taken + messages:
        if now() > deadline:
            raise Unfinished(f"{messages} commands were not taken within {TAKEN_SECONDS:g} s")
        await asyncio.sleep(0.5)


async def _takes(program: Program) -> int:
    record = await program.peers.ask("record")
    return int(record["engine_requests"].get("take", 0))


async def _send(program: Program, first: int, messages: int) -> list[float]:
    """Send messages to the quiet channel one after the other; return the milliseconds that each took."""
    draw = random.Random(first)
    numbers = [str(number) for number in range(first, first + messages)]
    for number in numbers:
        await program.peers.ask("offer", {"actions": [_to(QUIET, int(number))]})
        await asyncio.sleep(draw.uniform(*PAUSE_SECONDS))
    deadline = now() + FINISH_SECONDS
    while True:
        record = await program.peers.ask("record")
        if all(number in record["called"] for number in numbers) or now() > deadline:
            return [
                (record["called"].get(number, now()) - record["offered"][number]) * 1000 for number in numbers
            ]
        await asyncio.sleep(0.2)


def _to(channel: int, number: int) -> dict[str, Any]:
    """Return a command, by its channel's ID."""
    return command(number, channel)
