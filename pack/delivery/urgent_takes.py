"""When to ask the engine for commands that have to be carried out within seconds.

Some commands are bound to a trigger that Slack gave with an event and that it accepts for three seconds only.
After such an event was told they are asked for by name, before each take of whatever is the oldest: so none
of them waits behind others. Takes are made one at a time all the same, since parallel ones collide.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pack.clock import Clock

EAGER_SECONDS = 5.0
"""How long after such an event: longer than its trigger lives, since a late failure is an answer too."""


class UrgentTakes:
    """Says which command is asked for next; ``commands`` are those that are bound to a trigger."""

    def __init__(self, commands: Sequence[str], clock: Clock, *, seconds: float = EAGER_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until = clock.monotonic()
        self._commands = tuple(commands)
        self._order = itertools.cycle(("",))

    def told(self) -> None:
        """Note that an event that bears a trigger was told to the engine."""
        now = self._clock.monotonic()
        if now >= self._until:
            self._order = itertools.cycle((*self._commands, ""))
        self._until = now + self._seconds

    def next(self) -> str:
        """Return the command to ask for now; empty: whichever action is the oldest."""
        if self._clock.monotonic() >= self._until:
            return ""
        return next(self._order)
