"""Any JSON whatsoever, in the same examples in every run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

HELD = HealthCheck.too_slow, HealthCheck.data_too_large


def fuzz(examples: int) -> settings:
    """Return settings for the same examples in every run, however slow the machine is."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=HELD, database=None
    )
