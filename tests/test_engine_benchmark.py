"""The benchmark of the embedded engine runs to its end; how good the figures are is not asked here."""

from __future__ import annotations

import pytest

from benchmarks import engine
from benchmarks.sizes import SMALLEST


@pytest.mark.slow
async def test_all_events_of_the_engines_benchmark_go_through_every_step() -> None:
    rows = {row.name: row for row in await engine.measure(SMALLEST)}

    assert rows["engine: events through 5 steps"].pack > 0
    assert rows["engine: events through 5 steps"].bare > 0
    burst = f"engine, {SMALLEST.burst_events} events at once, 5 flows"
    assert rows[f"{burst}: memory before"].pack > 1
    assert rows[f"{burst}: memory gained"].is_met
