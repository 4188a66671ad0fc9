"""What is done to the pack in one trial, and when: all of it drawn from one seed before the trial begins."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from benchmarks.chaos_trial.crash_points import CRASH_POINTS, RARE

Json = Any

SHORTEST_LIFE, LONGEST_LIFE = 0.4, 2.6
"""Between which times, in seconds from its start, a process is ended."""

RECOVERY_SECONDS = 2.5
"""How long after its disk was full a process lives on, unless it may end before."""

ENDS = {"sigkill": 6, "crash": 5, "sigterm": 1}
"""How a process ends, and how often relative to the others; ``crash``: by SIGKILL at a crash point."""

TROUBLES: Mapping[str, int] = {
    "engine_down": 2,
    "engine_slow": 2,
    "engine_errors": 2,
    "results_unanswered": 2,
    "takes_unanswered": 2,
    "takes_broken": 2,
    "pack_forgotten": 1,
    "slack_refuses": 2,
    "slack_errors_before": 2,
    "slack_errors_after": 3,
    "slack_drops_before": 2,
    "slack_drops_after": 3,
    "slack_silent_before": 2,
    "slack_silent_after": 3,
    "slack_lands_late": 4,
    "slack_half_answers": 1,
    "slack_limits": 2,
    "slack_slow": 1,
    "sockets_silent": 2,
    "sockets_dead": 1,
    "sockets_closed": 2,
    "sockets_break": 2,
    "sockets_refreshed": 2,
    "upgrades_refused": 1,
    "events_doubled": 3,
    "events_renamed": 2,
    "events_shuffled": 2,
    "events_late": 2,
    "events_lost": 2,
    "acks_unheard": 2,
    "disk_full": 3,
    "clock_jumps": 2,
}
"""What can go wrong around a process, and how often relative to the others."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that goes wrong, ``at`` so many seconds after a process was started, for ``seconds``."""

    at: float
    what: str
    seconds: float
    figure: float = 0.0
    """A number in [0, 1) for what the trouble leaves open."""


@dataclass(frozen=True, slots=True)
class Life:
    """One run of the pack's process, from its start to the end that it is given."""

    seconds: float
    end: str
    """One of :data:`ENDS`."""
    crash: str = ""
    """With the end ``crash``: at which crash point; it is killed later when it does not come there."""
    occurrence: int = 1
    """At which occurrence of the crash point."""
    forgotten: bool = False
    """Whether Slack forgets what it could not deliver when the process has ended."""
    troubles: Sequence[Trouble] = ()


@dataclass(frozen=True, slots=True)
class Mode:
    """What a trial takes away from the pack."""

    volume: bool = True
    """Whether the backup directory survives the process."""
    history: bool = True
    """Whether the pack may read the history of channels."""
    full_ends: bool = False
    """Whether processes may end while their disk is full, so that nobody knows what they did since."""
    without: str = ""
    """Which part of the pack is taken out: journal, metadata, dedupe, backfill."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that is done in one trial."""

    seed: int
    mode: Mode
    lives: Sequence[Life]
    skew_seconds: float = 0.0
    """By how much Slack's date is wrong."""
    commands_per_second: float = 5.0
    said_per_second: float = 6.0

    @property
    def seconds(self) -> float:
        """How long the lives last together at most."""
        return sum(life.seconds for life in self.lives)

    @property
    def kills(self) -> int:
        """How many of the processes are killed."""
        return sum(life.end != "sigterm" for life in self.lives)

    def as_json(self) -> dict[str, Json]:
        """Return it for a file; :func:`read_schedule` reads it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the schedules that are drawn have in common."""

    lives: int = 25
    without: str = ""
    volume: bool | None = None
    """None: drawn, mostly with one."""
    history: bool | None = None
    """None: drawn, mostly readable."""
    full_ends: bool | None = None
    """None: drawn, mostly not."""
    crash_points: Sequence[str] = field(default=CRASH_POINTS)
    """Which crash points to aim at, in turn."""
    spared: Sequence[str] = ()
    """Which troubles are not drawn."""


def draw_schedule(seed: int, wishes: Wishes = Wishes()) -> Schedule:
    """Draw a schedule; the same seed and wishes make the same one."""
    chance = random.Random(seed)
    volume = chance.random() >= 0.2 if wishes.volume is None else wishes.volume
    history = chance.random() >= 0.1 if wishes.history is None else wishes.history
    full_ends = chance.random() < 0.1 if wishes.full_ends is None else wishes.full_ends
    aims = [*wishes.crash_points]
    chance.shuffle(aims)
    lives = [_draw_life(chance, aims, wishes.spared) for _ in range(wishes.lives)]
    if not full_ends:
        lives = [_let_recover(life) for life in lives]
    return Schedule(
        seed=seed,
        mode=Mode(volume, history, full_ends, wishes.without),
        lives=lives,
        skew_seconds=chance.choice((0.0, 0.0, 90.0, -90.0, 3600.0, -3600.0)),
    )


def _draw_life(chance: random.Random, aims: list[str], spared: Sequence[str]) -> Life:
    end = chance.choices([*ENDS], [*ENDS.values()])[0]
    crash = ""
    if end == "crash" and aims:
        crash = aims.pop(0)
        aims.append(crash)
    seconds = round(chance.uniform(SHORTEST_LIFE, LONGEST_LIFE), 2)
    troubles = [_draw_trouble(chance, seconds, spared) for _ in range(chance.choice((0, 1, 1, 2)))]
    return Life(
        seconds=seconds,
        end=end,
        crash=crash,
        occurrence=1 if crash.partition(":")[2] in RARE else chance.choice((1, 1, 2, 4)),
        forgotten=chance.random() < 0.3,
        troubles=troubles,
    )


def _let_recover(life: Life) -> Life:
    """Give a process whose disk was full the time to write down what happened meanwhile."""
    if life.crash:
        return replace(life, troubles=[one for one in life.troubles if one.what != "disk_full"])
    full = [trouble.at + trouble.seconds for trouble in life.troubles if trouble.what == "disk_full"]
    return replace(life, seconds=round(max([life.seconds, *(end + RECOVERY_SECONDS for end in full)]), 2))


def _draw_trouble(chance: random.Random, life_seconds: float, spared: Sequence[str]) -> Trouble:
    weights = {what: weight for what, weight in TROUBLES.items() if what not in spared}
    return Trouble(
        at=round(chance.uniform(0.0, life_seconds * 0.8), 2),
        what=chance.choices([*weights], [*weights.values()])[0],
        seconds=round(chance.uniform(0.2, 1.2), 2),
        figure=round(chance.random(), 3),
    )


def read_schedule(given: Mapping[str, Json]) -> Schedule:
    """Return the schedule that :meth:`Schedule.as_json` wrote."""
    lives = [
        Life(**{**life, "troubles": [Trouble(**trouble) for trouble in life["troubles"]]})
        for life in given["lives"]
    ]
    return Schedule(**{**given, "mode": Mode(**given["mode"]), "lives": lives})
