"""Where the pack can be killed between any two writes of its journal."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable

KINDS = (
    "begin",
    "sending",
    "sent",
    "refused",
    "finish",
    "reported",
    "receive",
    "telling",
    "told",
    "watch",
    "unwatch",
    "watermarks",
)
"""What a commit of the journal may contain and every trial makes it contain."""

RARE = frozenset({"refused", "telling", "watch", "unwatch", "watermarks"})
"""What a process does so seldom that it is killed at the first occurrence."""

PHASES = ("before", "after")
"""Before a commit nothing of it is on disk, after it all of it is."""

CRASH_POINTS = tuple(f"{phase}:{kind}" for phase in PHASES for kind in KINDS)

VARIABLE = "CHAOS_CRASH"
"""The environment variable that names a crash point for one process: ``PHASE:KIND:OCCURRENCE``."""

SIGN = "crash point "
"""How the line begins that the process writes to standard output before it kills itself."""

OnCommit = Callable[[str, Iterable[str]], None]


def kill_at(wish: str) -> OnCommit:
    """Return a function for the journal that kills this process at a crash point; empty: at none.

    Raises:
        ValueError: there is no such crash point.
    """
    if not wish:
        return lambda phase, kinds: None
    point, _, number = wish.rpartition(":")
    if point not in CRASH_POINTS or not number.isdecimal():
        raise ValueError(
            f"{wish!r} is no crash point; there are {', '.join(CRASH_POINTS)}, each with :NUMBER"
        )
    wanted_phase, _, wanted_kind = point.partition(":")
    left = Counter({point: max(1, int(number))})

    def look(phase: str, kinds: Iterable[str]) -> None:
        if phase != wanted_phase or wanted_kind not in kinds:
            return
        left[point] -= 1
        if left[point] == 0:
            sys.stdout.write(f"{SIGN}{point}\n")
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    return look
