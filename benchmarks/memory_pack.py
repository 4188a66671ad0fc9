"""``python -m benchmarks.memory_pack``: the real pack, which keeps everything in memory."""

from __future__ import annotations

import sys

from pack.app import Substitutes, run
from pack.settings import load_settings
from pack.state.memory import MemoryStore


def main() -> int:
    """Run the pack until it is told to stop."""
    return run(load_settings(), Substitutes(store=MemoryStore))


if __name__ == "__main__":
    sys.exit(main())
