"""``python -m benchmarks [NAME …]``: measure the pack beside the bare loop and print one table."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    commands,
    engine,
    events,
    goodput,
    idle,
    journal,
    latency,
    quiet,
    rendering,
    restart,
    simulated_slack,
    soak,
    start,
)
from benchmarks.processes import Unfinished
from benchmarks.record import now
from benchmarks.rows import Row, table
from benchmarks.sizes import SMALLEST, Sizes

BENCHMARKS: dict[str, Callable[[Sizes], Awaitable[list[Row]]]] = {
    "start": start.measure,
    "idle": idle.measure,
    "latency": latency.measure,
    "commands": commands.measure_instant,
    "slow": commands.measure_slow,
    "quiet": quiet.measure,
    "goodput": goodput.measure,
    "events": events.measure,
    "journal": journal.measure,
    "restart": restart.measure,
    "soak": soak.measure,
    "engine": engine.measure,
    "simulated": simulated_slack.measure,
    "rendering": rendering.measure,
}
"""What can be measured, by name, in the order of the table."""

LONGEST_SECONDS = 150.0
"""After so long a benchmark is given up."""


async def measure(names: Sequence[str], sizes: Sizes) -> list[Row]:
    """Run benchmarks one after the other, saying on standard error which is under way.

    Raises:
        Unfinished: one could not be finished.
    """
    rows: list[Row] = []
    for name in names:
        since = now()
        print(f"{name} …", end="", file=sys.stderr, flush=True)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                rows += await BENCHMARKS[name](sizes)
        except TimeoutError as error:
            raise Unfinished(f"the benchmark {name} took longer than {LONGEST_SECONDS:g} s") from error
        print(f" {now() - since:.0f} s", file=sys.stderr, flush=True)
    return rows


def main() -> int:
    """Measure what the command line names; 1 when something could not be measured, else 0.

    Missed aims are no failure: on a busy machine any aim can be missed.
    """
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)}; none: all")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    options.add_argument("--smallest", action="store_true", help="try everything out, in seconds")
    given = options.parse_args()
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        options.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    try:
        rows = asyncio.run(measure(given.names or list(BENCHMARKS), SMALLEST if given.smallest else Sizes()))
    except Unfinished as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps(_report(rows), indent=2) + "\n", "utf-8")
    return 0


def _report(rows: Sequence[Row]) -> dict[str, object]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "rows": [row.as_json() for row in rows],
    }


if __name__ == "__main__":
    sys.exit(main())
