"""What came of many trials: one table, one JSON document, and what convicts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.chaos_trial.crash_points import CRASH_POINTS
from benchmarks.chaos_trial.trial import Outcome

Json = Any

KILLS = ("sigkill", "crash point")
"""The ends of processes that are kills."""

WRONGS = (
    "lost command",
    "doubled result",
    "lost message",
    "phantom",
    "doubled message",
    "stray message",
    "commands out of order",
    "lost event",
    "missed event",
    "doubled event",
    "stray event",
    "events out of order",
    "mishap",
)
"""What convicts where it was promised otherwise."""

COUNTED = (
    "commands",
    "failures",
    "unknown outcome",
    "messages",
    "happenings",
    "events",
    "redelivered",
    "recovered",
    "unrecoverable event",
)
"""What is only counted."""


def as_json(outcome: Outcome) -> dict[str, Json]:
    """Return one trial's outcome as a JSON object."""
    return {
        "schedule": outcome.schedule.as_json(),
        "verdicts": [asdict(verdict) for verdict in outcome.judgement.verdicts],
        "counts": dict(outcome.judgement.counts),
        "ends": outcome.kills,
        "crash_points": outcome.crash_points,
        "seconds": round(outcome.seconds, 1),
        "log": outcome.log,
    }


class Report:
    """Adds up the outcomes of trials, given as :func:`as_json` writes them."""

    def __init__(self) -> None:
        self.trials: list[dict[str, Json]] = []
        self.failed: list[str] = []
        """Trials that could not be finished, and why."""
        self.counts: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()
        self.crash_points: Counter[str] = Counter()

    def add(self, trial: dict[str, Json]) -> None:
        """Add one trial's outcome."""
        self.trials.append(trial)
        self.counts.update(trial["counts"])
        self.ends.update(trial["ends"])
        self.crash_points.update(trial["crash_points"])

    @property
    def kills(self) -> int:
        """How often the pack was killed."""
        return sum(self.ends[kind] for kind in KILLS)

    @property
    def convictions(self) -> list[dict[str, Json]]:
        """The trials in which a promise was broken."""
        return [trial for trial in self.trials if trial["verdicts"]]

    @property
    def missed_points(self) -> list[str]:
        """The crash points at which no process was killed."""
        return [point for point in CRASH_POINTS if not self.crash_points[point]]

    def as_json(self, seconds: float) -> dict[str, Json]:
        """Return all of it; schedules and logs only of what convicts."""
        return {
            "seeds": sorted(trial["schedule"]["seed"] for trial in self.trials),
            "seconds": round(seconds, 1),
            "ends": dict(self.ends),
            "kills": self.kills,
            "crash_points": {point: self.crash_points[point] for point in CRASH_POINTS},
            "counts": dict(self.counts),
            "verdicts": dict(self._verdicts()),
            "convictions": self.convictions,
            "failed": self.failed,
        }

    def table(self, seconds: float) -> str:
        """Return what there was, as a table for people."""
        verdicts = self._verdicts()
        rows: list[tuple[str, object]] = [
            ("trials", len(self.trials)),
            ("seeds", _spans([trial["schedule"]["seed"] for trial in self.trials])),
            ("… without a volume", self._of_mode("volume")),
            ("… with the history unreadable", self._of_mode("history")),
            ("… that end with a full disk", sum(one["schedule"]["mode"]["full_ends"] for one in self.trials)),
            ("kills", self.kills),
            *((f"… {kind}", self.ends[kind]) for kind in (*KILLS, "sigterm", "by itself")),
            *((f"… {point}", self.crash_points[point]) for point in CRASH_POINTS),
            ("… crash points never come to", len(self.missed_points)),
            *((kind, self.counts[kind]) for kind in COUNTED),
            *((kind, _of(self.counts[kind], verdicts[kind])) for kind in WRONGS),
            ("seconds", round(seconds)),
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"| {name:<{width}} | {value!s:>14} |" for name, value in rows)

    def _of_mode(self, name: str) -> int:
        return sum(not trial["schedule"]["mode"][name] for trial in self.trials)

    def _verdicts(self) -> Counter[str]:
        return Counter(verdict["kind"] for trial in self.trials for verdict in trial["verdicts"])


def explain(trial: Mapping[str, Json]) -> str:
    """Return why a trial convicts, and how to see it again."""
    lines = [f"seed {trial['schedule']['seed']}, {trial['schedule']['mode']}:"]
    for verdict in trial["verdicts"][:20]:
        lines.append(f"  {verdict['kind']}: {verdict['subject']}: {verdict['reason']}")
    lines.append(f"  the schedule, for --schedule FILE: {json.dumps(trial['schedule'])}")
    return "\n".join(lines)


def _of(all_of_them: int, convicting: int) -> str:
    return str(all_of_them) if all_of_them == convicting else f"{all_of_them} ({convicting} convict)"


def _spans(numbers: Sequence[int]) -> str:
    return f"{min(numbers)}-{max(numbers)}" if numbers else ""
