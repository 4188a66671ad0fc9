"""``python -m benchmarks.fast_pack``: the real pack, whose seconds are shorter by ``BENCHMARK_SPEED``.

Beside a simulated Slack of the same speed, minutes of waiting for rate limits are over in seconds.
"""

from __future__ import annotations

import os
import sys

from pack.app import Substitutes, run
from pack.clock import SystemClock
from pack.settings import load_settings


class FastClock(SystemClock):
    """The machine's clock, with seconds that are over sooner; the date is the machine's."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def monotonic(self) -> float:
        """Return the short seconds."""
        return super().monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        """Sleep so many short seconds."""
        await super().sleep(seconds / self._speed)


def main() -> int:
    """Run the pack until it is told to stop."""
    clock = FastClock(float(os.environ["BENCHMARK_SPEED"]))
    return run(load_settings(), Substitutes(clock=clock))


if __name__ == "__main__":
    sys.exit(main())
