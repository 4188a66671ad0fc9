"""Many commands for many channels at once: what each costs, whether order is kept, and the memory.

Before that both programs carry out others, against a Slack that answers at once: by these the pack learns
that this Slack limits nobody. It would keep to the documented limits otherwise, and measure them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from benchmarks.peer_slack import channel_id, channel_name
from benchmarks.processes import Program, Unfinished, working
from benchmarks.record import now
from benchmarks.rows import Row, at_most, at_most_times, exactly, median
from benchmarks.sizes import Sizes

FINISH_SECONDS = 60.0

BY_NAME = 4
"""Every so manieth command has its channel's name instead of the ID: both are one queue."""

LEARNING = 60
"""So many of the first commands are for one channel, which tries a faster pace for all of them."""

MEMORY_MEBIBYTES = 64
CPU_TIMES = 1.5


@dataclass(frozen=True, slots=True)
class _Load:
    cpu_ms: float
    """For each command."""
    seconds: float
    """From offering all to the last result."""
    channels_in_order: int
    mebibytes: float
    connections: int
    """Opened to the engine and to Slack since the start."""


def command(number: int, channel: int) -> dict[str, Any]:
    """Return a SendMessage command for a channel given by its number."""
    reference = f"#{channel_name(channel)}" if number % BY_NAME == 0 else channel_id(channel)
    text = f"{number} the deployment of the payment service to production is done"
    return {"number": number, "command": "SendMessage", "input": {"channelId": reference, "message": text}}


async def measure_instant(sizes: Sizes) -> list[Row]:
    """Measure against a Slack that answers at once, several times; the middle of each figure counts."""
    seen: dict[str, list[_Load]] = {"pack": [], "bare": []}
    for _ in range(sizes.pairs):
        for name, found in seen.items():
            found.append(await _carry_out(name, sizes, (0, 0)))
    return _rows("instant Slack", sizes, seen["pack"], seen["bare"])


async def measure_slow(sizes: Sizes) -> list[Row]:
    """Measure against a Slack that takes its time, once."""
    pack = await _carry_out("pack", sizes, sizes.latency_ms)
    bare = await _carry_out("bare", sizes, sizes.latency_ms)
    least, most = sizes.latency_ms
    return _rows(f"Slack of {least}-{most} ms", sizes, [pack], [bare])


def _rows(where: str, sizes: Sizes, pack: list[_Load], bare: list[_Load]) -> list[Row]:
    def row(name: str, unit: str, figure: str, **more: Any) -> Row:
        of_pack, of_bare = (median([getattr(load, figure) for load in loads]) for loads in (pack, bare))
        return Row(f"{where}: {name}", unit, of_pack, of_bare, **more)

    return [
        row("CPU per command", "ms", "cpu_ms", aim=at_most_times(CPU_TIMES)),
        row(f"channels in order, of {sizes.channels}", "", "channels_in_order", aim=exactly(sizes.channels)),
        row(f"{sizes.commands} commands took", "s", "seconds"),
        row("peak memory", "MiB", "mebibytes", aim=at_most(MEMORY_MEBIBYTES, "MiB")),
        row("connections opened", "", "connections", aim=at_most(_few(sizes), "")),
    ]


def _few(sizes: Sizes) -> int:
    """Return how many connections are few: a small part of one for each message."""
    return max(20, sizes.commands // 10)


async def _carry_out(name: str, sizes: Sizes, latency_ms: tuple[int, int]) -> _Load:
    async with working(name, channels=sizes.channels, seed=sizes.seed) as program:
        await warm_up(program, sizes)
        await program.peers.ask("latency", {"milliseconds": latency_ms})
        cpu, since = program.cpu_seconds(), now()
        await program.peers.offer(_draw_commands(sizes))
        await _until(program, sizes.warm_up + sizes.commands)
        cpu = program.cpu_seconds() - cpu
        record = await program.peers.ask("record")
        if record["failed"]:
            raise Unfinished(f"{name}: {len(record['failed'])} commands failed: {record['failed'][:3]}")
        return _Load(
            cpu_ms=cpu * 1000 / sizes.commands,
            seconds=max(record["results"].values()) - since,
            channels_in_order=sum(
                numbers == sorted(set(numbers)) for numbers in record["messages"].values() if numbers
            ),
            mebibytes=program.peak_mebibytes(),
            connections=sum(record["connections"].values()),
        )


async def warm_up(program: Program, sizes: Sizes) -> None:
    """Have the first commands carried out, by which the pack learns that Slack limits nobody."""
    channels = [0 if number < LEARNING else number % sizes.channels for number in range(sizes.warm_up)]
    await program.peers.offer([command(number, channel) for number, channel in enumerate(channels)])
    await _until(program, sizes.warm_up)


async def _until(program: Program, results: int) -> None:
    await program.until(
        lambda progress: progress["results"] >= results, FINISH_SECONDS, f"{results} commands"
    )


def _draw_commands(sizes: Sizes) -> list[dict[str, Any]]:
    """Return the commands, as many for each channel, in a drawn order."""
    channels = [number % sizes.channels for number in range(sizes.commands)]
    random.Random(sizes.seed).shuffle(channels)
    return [command(number, channel) for number, channel in enumerate(channels, sizes.warm_up)]
