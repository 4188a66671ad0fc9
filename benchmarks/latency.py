"""How soon single commands reach Slack, and how soon the engine has their results."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from benchmarks.commands import command
from benchmarks.processes import working
from benchmarks.rows import Aim, Row, at_most, percentile
from benchmarks.sizes import Sizes

FINISH_SECONDS = 15.0


async def measure(sizes: Sizes) -> list[Row]:
    """Offer both programs one command after the other, with drawn pauses, at the same time."""
    pack, bare = await asyncio.gather(_offer("pack", sizes), _offer("bare", sizes))

    def row(what: str, key: str, percent: float, aim: Aim | None = None) -> Row:
        of_pack, of_bare = (percentile(_delays(record, key), percent) for record in (pack, bare))
        return Row(f"single command: available {what}, p{percent}", "ms", of_pack, of_bare, aim)

    return [
        row("to Slack called", "called", 50, at_most(50, "ms")),
        row("to Slack called", "called", 99, at_most(250, "ms")),
        row("to result posted", "results", 50),
        row("to result posted", "results", 99),
    ]


async def _offer(name: str, sizes: Sizes) -> dict[str, Any]:
    draw = random.Random(f"{sizes.seed} {name}")
    async with working(name, channels=sizes.channels) as program:
        for number in range(sizes.singles):
            await asyncio.sleep(draw.uniform(*sizes.pause_seconds))
            actions = [command(number, draw.randrange(sizes.channels))]
            await program.peers.ask("offer", {"actions": actions})
        await program.until(
            lambda progress: progress["results"] >= sizes.singles,
            FINISH_SECONDS,
            "the last command",
        )
        return await program.peers.ask("record")


def _delays(record: dict[str, Any], key: str) -> list[float]:
    return [(record[key][number] - at) * 1000 for number, at in record["offered"].items()]
