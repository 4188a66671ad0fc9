"""What a program costs while nothing happens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from benchmarks.processes import working
from benchmarks.record import now
from benchmarks.rows import Row, at_most
from benchmarks.sizes import Sizes


@dataclass(frozen=True, slots=True)
class _Idle:
    requests: float
    cpu_ms: float
    mebibytes: float


async def measure(sizes: Sizes) -> list[Row]:
    """Watch both programs at the same time, once they are calm."""
    pack, bare = await asyncio.gather(_watch("pack", sizes), _watch("bare", sizes))
    return [
        Row("engine requests while idle", "1/min", pack.requests, bare.requests, at_most(60, "1/min")),
        Row("CPU while idle", "ms/min", pack.cpu_ms, bare.cpu_ms),
        Row("peak memory after the start", "MiB", pack.mebibytes, bare.mebibytes),
    ]


async def _watch(name: str, sizes: Sizes) -> _Idle:
    async with working(name) as program:
        await asyncio.sleep(sizes.calm_seconds)
        since, cpu = now(), program.cpu_seconds()
        asked = sum((await program.peers.ask("record"))["engine_requests"].values())
        await asyncio.sleep(sizes.idle_seconds)
        asked = sum((await program.peers.ask("record"))["engine_requests"].values()) - asked
        minutes = (now() - since) / 60
        used = (program.cpu_seconds() - cpu) * 1000
        return _Idle(asked / minutes, used / minutes, program.peak_mebibytes())
