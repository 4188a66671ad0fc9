"""One operation on the journal, on its way from the event loop to the writer's thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Operation:
    """Something to be done with the tables, or asked of them."""

    kind: str
    """The name by which the tables know it."""
    arguments: tuple[Any, ...]
    future: asyncio.Future[Any] | None = None
    """Who waits for it; None: nobody."""
