"""The benchmark of the simulated Slack runs to its end; how good the figures are is not asked here."""

from __future__ import annotations

import pytest

from benchmarks import simulated_slack
from benchmarks.sizes import SMALLEST


@pytest.mark.slow
async def test_messages_of_the_simulated_slacks_benchmark_are_posted_and_acknowledged() -> None:
    rows = await simulated_slack.measure(SMALLEST)
    assert len(rows) == 4
    assert all(row.pack >= 0 and row.bare >= 0 for row in rows)
    assert all(row.pack > 0 and row.bare > 0 for row in rows if row.unit == "1/s")
