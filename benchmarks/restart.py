"""How soon a pack works whose journal is full of what an earlier process left unfinished.

The journal is written by the journal's own class: half of the actions are for one channel, the others for
many. The column ``bare`` is the same start with an empty journal and the same commands in the engine.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.commands import command
from benchmarks.processes import Peers, Program, open_peers, open_program
from benchmarks.rows import Row, at_most
from benchmarks.sizes import Sizes
from pack.clock import SystemClock
from pack.contracts.ports import Action
from pack.state.journal import Journal

SECONDS = 10.0
FINISH_SECONDS = 60.0
KEPT_DAYS = 7.0
KEY_HOURS = 25.0


async def measure(sizes: Sizes) -> list[Row]:
    """Start the pack once with a full journal and once with an empty one."""
    full, empty = await _start(sizes, is_full=True), await _start(sizes, is_full=False)
    what = f"restart with {sizes.unfinished} actions unfinished"
    return [
        Row(f"{what}: first message sent", "s", full[0], empty[0], at_most(SECONDS, "s")),
        Row(f"{what}: first take", "s", full[1], empty[1], at_most(SECONDS, "s")),
        Row(f"{what}: peak memory then", "MiB", full[2], empty[2]),
    ]


async def _start(sizes: Sizes, *, is_full: bool) -> tuple[float, float, float]:
    """Return the seconds from the process's start to the first message and to the first take, and the MiB."""
    with tempfile.TemporaryDirectory() as directory:
        async with open_peers(channels=sizes.channels, latency_ms=sizes.latency_ms, seed=sizes.seed) as peers:
            actions = [command(number, _channel(number, sizes)) for number in range(sizes.unfinished)]
            if is_full:
                await _write(Path(directory), peers, actions)
            else:
                await peers.offer(actions)
            async with open_program("pack", peers, Path(directory)) as program:
                return await _watch(program)


def _channel(number: int, sizes: Sizes) -> int:
    """Return the channel of an action: every second one is for the same."""
    return 0 if number % 2 else number // 2 % sizes.channels


async def _write(directory: Path, peers: Peers, actions: list[dict[str, Any]]) -> None:
    journal = Journal(
        directory, clock=SystemClock(), owner="earlier", keep_days=KEPT_DAYS, key_hours=KEY_HOURS
    )
    await journal.open()
    try:
        await asyncio.gather(*(_begin(journal, peers, action) for action in actions))
    finally:
        await journal.close()


async def _begin(journal: Journal, peers: Peers, action: dict[str, Any]) -> None:
    number, given = str(action["number"]), action["input"]
    reply = f"{peers.urls['engine']}/result/{number}"
    await journal.begin(Action(number, action["command"], given, reply), given["channelId"])


async def _watch(program: Program) -> tuple[float, float, float]:
    await program.until(
        lambda progress: progress["called"] > 0 and progress["takeAsked"] > 0,
        FINISH_SECONDS,
        "the first message and the first take",
    )
    record = await program.peers.ask("record")
    first = min(record["called"].values()) - program.started
    return first, record["take_asked"] - program.started, program.peak_mebibytes()
