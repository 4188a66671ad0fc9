"""What the peers saw, and when: the one thing that every figure is made from.

Times are seconds of the operating system's monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Record:
    """What happened at the peers since they were started."""

    registered: float = 0.0
    """When the pack was registered first; 0: not yet."""
    listens: float = 0.0
    """When the Socket Mode connection was greeted; 0: there is none."""
    engine_requests: Counter[str] = field(default_factory=Counter)
    """How often the engine was asked, by kind of request."""
    slack_requests: Counter[str] = field(default_factory=Counter)
    """How often Slack was asked, by method."""
    connections: dict[str, int] = field(default_factory=lambda: {"engine": 0, "slack": 0})
    """How many connections each peer was opened."""
    offered: dict[str, float] = field(default_factory=dict)
    """When which action could be taken, by its number."""
    take_asked: float = 0.0
    """When an action was asked for first; 0: not yet."""
    taken: dict[str, float] = field(default_factory=dict)
    """When which action was handed out."""
    called: dict[str, float] = field(default_factory=dict)
    """When Slack was asked to post an action's message."""
    results: dict[str, float] = field(default_factory=dict)
    """When an action's result came."""
    failed: list[str] = field(default_factory=list)
    """The results that were no success."""
    messages: dict[str, list[int]] = field(default_factory=dict)
    """The numbers of the messages of each channel, as Slack has them."""
    sent: dict[str, float] = field(default_factory=dict)
    """When which of Slack's events was sent, by the message's timestamp."""
    told: dict[str, float] = field(default_factory=dict)
    """When the engine was told of it."""

    def progress(self) -> dict[str, Any]:
        """Return how far it is, for whoever waits."""
        return {
            "registered": self.registered,
            "listens": self.listens,
            "results": len(self.results),
            "told": len(self.told),
            "taken": len(self.taken),
            "called": len(self.called),
            "takeAsked": self.take_asked,
        }

    def everything(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


def now() -> float:
    """Return the seconds of the clock that all processes share."""
    return time.monotonic()
