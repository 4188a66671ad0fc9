"""``flyte-slack`` and ``python -m pack``: the entry point."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line; a signal before a command minds signals itself ends the process at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # it is under nohup, or in a shell's background
            signal.signal(number, _end)
    if sys.argv[1:] == ["run"]:
        # Without the command line's library, which a container that only runs the pack need not load.
        from pack.start import start

        sys.exit(start())
    from pack.cli import app

    app()


def _end(number: int, frame: FrameType | None) -> None:
    """End without a traceback; process 1 of a container has no default for signals, hence this."""
    os._exit(128 + number)


if __name__ == "__main__":
    main()
