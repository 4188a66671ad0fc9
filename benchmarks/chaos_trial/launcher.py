"""``python -m benchmarks.chaos_trial.launcher``: the real pack, with what a trial needs to harm it.

The environment is the pack's own. Beside it ``CHAOS_CRASH`` names a crash point (:mod:`.crash_points`) and
``CHAOS_WITHOUT`` a part to take out (:mod:`.weakened`).
"""

from __future__ import annotations

import os
import sys

from benchmarks.chaos_trial import crash_points, weakened
from benchmarks.chaos_trial.orders import JumpingClock, fill_disk, obey
from pack.app import Substitutes, run
from pack.clock import Clock
from pack.contracts.ports import Slack
from pack.contracts.storing import Store
from pack.parts import make_journal
from pack.settings import Settings, load_settings
from pack.state.keeping import owner_of_this_process
from pack.state.memory import MemoryStore


def main() -> int:
    """Run the pack until it ends or is ended."""
    clock, settings = JumpingClock(), load_settings()
    obey({"disk": fill_disk, "clock": clock.jump})
    return run(settings, _substitutes(settings, clock, os.environ.get(weakened.VARIABLE, "")))


def _substitutes(settings: Settings, clock: Clock, without: str) -> Substitutes:
    on_commit = crash_points.kill_at(os.environ.get(crash_points.VARIABLE, ""))

    def open_store(clock: Clock) -> Store:
        if without == "journal":
            return MemoryStore(clock)
        if without == "dedupe":
            return _forgetful(settings, clock)
        return make_journal(settings, clock, on_commit)

    def open_slack(slack: Slack) -> Slack:
        return weakened.Unmarking(slack) if without == "metadata" else slack

    return Substitutes(store=open_store, slack=open_slack, clock=clock)


def _forgetful(settings: Settings, clock: Clock) -> Store:
    return weakened.Forgetful(
        settings.backup_dir,
        clock=clock,
        owner=owner_of_this_process(),
        keep_days=settings.journal_days,
        key_hours=settings.backfill_hours,
    )


if __name__ == "__main__":
    sys.exit(main())
