"""Control actions over the whole simulation: time passes, everything begins anew."""

from __future__ import annotations

from pydantic import Field

from pack.sandbox.slack.control.actions import (
    Body,
    ControlAction,
    ControlView,
    Json,
    Nothing,
    Simulation,
)
from pack.sandbox.slack.timing import FARTHEST_SECONDS


class Advance(Body):
    """Let time pass."""

    seconds: float = Field(ge=0, le=FARTHEST_SECONDS)


class Skew(Body):
    """Have Slack's date be wrong by so many seconds; 0: right again."""

    seconds: float = Field(ge=-FARTHEST_SECONDS, le=FARTHEST_SECONDS)


async def advance(simulation: Simulation, body: Advance) -> dict[str, Json]:
    """Let so many seconds pass, and all that is due meanwhile happen; returns the date since 1970."""
    await simulation.clock.pass_time(body.seconds)
    return {"now": simulation.clock.now().timestamp()}


def skew(simulation: Simulation, body: Skew) -> dict[str, Json]:
    """Have Slack's date be wrong; returns the date since 1970."""
    simulation.faults.skew(body.seconds)
    return {"now": simulation.clock.now().timestamp()}


def reset(simulation: Simulation, body: Nothing) -> dict[str, Json]:
    """Begin anew, with this machine's date; sockets stay open, unless a fault left them silent or dead."""
    simulation.reset()
    return {}


def show_limits(simulation: Simulation) -> dict[str, Json]:
    """Return the rate limits' figures, and per method how many calls were asked for and refused."""
    return simulation.limits.as_json()


ACTIONS = (
    ControlAction("advance", Advance, advance, "Let time pass: what is due meanwhile happens."),
    ControlAction("skew", Skew, skew, "Have Slack's date be wrong: headers, timestamps, signatures."),
    ControlAction("reset", Nothing, reset, "Begin anew: the default workspace, no faults."),
)
VIEWS = (ControlView("limits", show_limits, "The rate limits' figures, and what was asked and refused."),)
