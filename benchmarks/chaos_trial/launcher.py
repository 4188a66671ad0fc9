"""``python -m benchmarks.chaos_trial.launcher``: the real pack, with what a trial needs to harm it.

The environment is the pack's own. Beside it ``CHAOS_CRASH`` names a crash point (:mod:`.crash_points`) and
``CHAOS_WITHOUT`` a part to take out (:mod:`.weakened`).
"""

from __future__ import annotations

import os
import sys
from typing import TypeVar

from benchmarks.chaos_trial import crash_points, weakened
from benchmarks.chaos_trial.orders import JumpingClock, fill_disk, obey
from pack.app import Substitutes, run
from pack.clock import Clock
from pack.settings import load_settings
from pack.state.memory import MemoryStore

T = TypeVar("T")


def main() -> int:
    """Run the pack until it ends or is ended."""
    clock = JumpingClock()
    obey({"disk": fill_disk, "clock": clock.jump})
    return run(load_settings(), _substitutes(clock, os.environ.get(weakened.VARIABLE, "")))


def _substitutes(clock: Clock, without: str) -> Substitutes:
    return Substitutes(
        store=MemoryStore if without == "journal" else None,
        kept=weakened.Forgetful if without == "dedupe" else _as_it_is,
        on_commit=crash_points.kill_at(os.environ.get(crash_points.VARIABLE, "")),
        slack=weakened.Unmarking if without == "metadata" else _as_it_is,
        clock=clock,
    )


def _as_it_is(part: T) -> T:
    return part


if __name__ == "__main__":
    sys.exit(main())
