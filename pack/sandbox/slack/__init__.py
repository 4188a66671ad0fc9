"""A simulated Slack workspace."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pack.sandbox.slack.faults.calls import Call
    from pack.sandbox.slack.faults.faults import Faults
    from pack.sandbox.slack.refusal import Refusal
    from pack.sandbox.slack.server import SimulatedSlack
    from pack.sandbox.slack.trial import Trial, simulated_slack
    from pack.sandbox.slack.world.objects import Channel, User
    from pack.sandbox.slack.world.timeline import Message
    from pack.sandbox.slack.world.workspace import Workspace

__all__ = [
    "Call",
    "Channel",
    "Faults",
    "Message",
    "Refusal",
    "SimulatedSlack",
    "Trial",
    "User",
    "Workspace",
    "simulated_slack",
]

_HOMES = {
    "Call": "faults.calls",
    "Channel": "world.objects",
    "Faults": "faults.faults",
    "Message": "world.timeline",
    "Refusal": "refusal",
    "SimulatedSlack": "server",
    "Trial": "trial",
    "User": "world.objects",
    "Workspace": "world.workspace",
    "simulated_slack": "trial",
}


def __getattr__(name: str) -> object:
    """Import what is asked for only then: who uses the client alone is spared the simulation."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
