"""What a trial tells the pack's process to do to itself: fill its disk, set its clock."""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pack.clock import SystemClock


class JumpingClock(SystemClock):
    """The real time, whose date can be made wrong."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def now(self) -> datetime:
        """Return the date, wrong by what it was told."""
        return super().now() + timedelta(seconds=self.ahead_seconds)

    def jump(self, seconds: str) -> None:
        """Be ahead of the real date by so many seconds from now on."""
        self.ahead_seconds = float(seconds)


def fill_disk(full: str) -> None:
    """Have every write to a file fail from now on (``1``), or succeed again (``0``)."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0 if full == "1" else hard, hard))


def obey(orders: Mapping[str, Callable[[str], None]]) -> None:
    """Carry out the orders that come on standard input, one a line (``NAME VALUE``), in a thread.

    Its end is the end of who gave orders, and of this process.
    """

    def read() -> None:
        for line in sys.stdin:
            name, _, value = line.strip().partition(" ")
            orders[name](value)
        os._exit(0)

    threading.Thread(target=read, name="orders", daemon=True).start()
