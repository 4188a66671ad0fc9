"""Places: an event's place in its lane, from when it is accepted until the engine has it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, eq=False)
class Place:
    """An event's place in its lane, and what is known of it by the time of its turn."""

    event: Mapping[str, Any]
    is_new: asyncio.Future[bool] | None = None
    """Whether it is no copy, once the store has said so; None: it is new, and not asked for."""
    id: int | None = None
    """Of the arrival in the store; None: nothing is to be told of it."""
    over: asyncio.Event | None = None
    """Set when the engine has it, or definitely will not have it; for what the store could not keep."""
    telling: bool = False
    is_left: bool = False
    """Whether an earlier run of the process left it."""
    recovered: bool = False
    may_be_told: bool = False
    """Whether an earlier process may have told it, and could not note that."""

    def on_over(self) -> None:
        """Note that nothing is left to be done for it."""
        if self.over:
            self.over.set()

    def decide(self, *, is_new: bool) -> None:
        """Say whether it is new, so that it can have its turn."""
        if self.is_new and not self.is_new.done():
            self.is_new.set_result(is_new)
