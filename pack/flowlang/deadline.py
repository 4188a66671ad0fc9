"""Until when templates have to be rendered."""

from __future__ import annotations

from pack.clock import Clock
from pack.flowlang.errors import Refusal
from pack.flowlang.limits import Limits


class Deadline:
    """How long templates may take together, such as all of one step: ``seconds`` from the first look on."""

    def __init__(self, clock: Clock, seconds: float | None = None) -> None:
        self._clock = clock
        self._seconds = Limits().seconds if seconds is None else seconds
        self._end: float | None = None

    def look(self) -> None:
        """Look at the clock; the first look starts the time.

        Raises:
            Refusal: the time is over.
        """
        now = self._clock.monotonic()
        if self._end is None:
            self._end = now + self._seconds
        elif now > self._end:
            raise Refusal(
                f"the templates take longer than {self._seconds:g} seconds together: make their loops, "
                "lists and texts smaller"
            )
