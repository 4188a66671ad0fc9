"""What can be done with all faults of a server at once: list, count, seed and end them."""

from __future__ import annotations

import asyncio
from typing import Any

from pack.sandbox.trouble.rules import RuleBook

Json = Any


class Faultiness:
    """The faults of one server. Who inherits from it has a method for each fault that there can be."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._released = asyncio.Event()

    def clear(self) -> None:
        """End every fault, and what it did to connections."""
        self._rules.clear()
        self.release()

    def remove(self, fault_id: str) -> None:
        """End one fault.

        Raises:
            ValueError: no fault with this id is active.
        """
        self._rules.remove(fault_id)

    def seed(self, seed: int | None) -> None:
        """Draw chances from a sequence of this seed, so that the same requests meet the same faults again."""
        self._rules.seed(seed)

    def listing(self) -> list[dict[str, Json]]:
        """Return the faults for people: id, fault, method, hits and what is left; active ones first."""
        return self._rules.listing()

    def hits(self, fault: str) -> int:
        """Return how often faults of a name (``drop``, ``storm``…) struck."""
        return self._rules.hits(fault)

    def release(self) -> None:
        """Let nobody wait any longer for an answer that will not come: their connections break."""
        self._released.set()
        self._released = asyncio.Event()
