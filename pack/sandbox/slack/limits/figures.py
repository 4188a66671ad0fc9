"""Slack's figures: how many calls of which method within a minute.

The tiers say "and more" and leave the burst open; what stands here is what a well-behaved app plans for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.limits.pace import Pace
from pack.sandbox.slack.reference.facts import MethodFacts

TIERS: Mapping[str, Pace] = MappingProxyType(
    {
        "t1": Pace(1, 1),
        "t2": Pace(20, 20),
        "t3": Pace(50, 50),
        "t4": Pace(100, 100),
        "t5": Pace(300, 300),
    }
)
"""A minute's calls may come at once. ``t5``, special: "hundreds per minute" where the reference says more."""
USUAL_TIER = "t3"
"""Of methods for which the reference names none."""
OWN: Mapping[str, Pace] = MappingProxyType({"apps.connections.open": Pace(1, 10)})
"""Methods that have figures of their own: a new socket a minute, and all ten that an app may have at once."""

POSTING = frozenset({"chat.postMessage", "chat.meMessage"})
"""What posts into a channel at once: limited per channel and for the whole workspace."""
ONLY_POSTING = frozenset({"chat.postMessage"})
"""Methods without a limit beside those on posting."""
PER_CHANNEL = Pace(60, 5)
PER_WORKSPACE = Pace(300, 300)


def pace_of(method: MethodFacts) -> Pace | None:
    """Return the method's own pace; None: it only has those on posting."""
    if method.name in ONLY_POSTING:
        return None
    return OWN.get(method.name) or TIERS[method.tier or USUAL_TIER]
