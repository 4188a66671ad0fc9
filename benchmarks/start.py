"""How soon a started program is registered with the engine."""

from __future__ import annotations

from benchmarks.processes import open_peers, open_program
from benchmarks.rows import Row, at_most_times, median
from benchmarks.sizes import Sizes

START_SECONDS = 30.0


async def measure(sizes: Sizes) -> list[Row]:
    """Start both programs in turn: from beginning the process until its registration arrives."""
    for name in ("pack", "bare"):  # the first start of all reads the disk
        await _start(name)
    seen: dict[str, list[tuple[float, float]]] = {"pack": [], "bare": []}
    for _ in range(sizes.starts):
        for name, found in seen.items():
            found.append(await _start(name))
    took = {name: median([wall for wall, _ in found]) for name, found in seen.items()}
    used = {name: median([cpu for _, cpu in found]) for name, found in seen.items()}
    return [
        Row("start to registered", "ms", took["pack"], took["bare"], at_most_times(2)),
        Row("CPU until it works", "ms", used["pack"], used["bare"]),
    ]


async def _start(name: str) -> tuple[float, float]:
    """Return how long the start took, and how much CPU the program had used when it worked, in ms."""
    async with open_peers() as peers, open_program(name, peers) as program:
        await program.until_it_works(START_SECONDS)
        registered = (await peers.ask("record"))["registered"]
        return (registered - program.started) * 1000, program.cpu_seconds() * 1000
