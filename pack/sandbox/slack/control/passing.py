"""Control actions over the whole simulation: time passes, everything begins anew."""

from __future__ import annotations

import asyncio
import math

from pydantic import Field

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Nothing, Simulation


class Advance(Body):
    """Let time pass."""

    seconds: float = Field(ge=0, lt=math.inf)


async def advance(simulation: Simulation, body: Advance) -> dict[str, Json]:
    """Let so many seconds pass at once; returns the date in seconds since 1970."""
    simulation.clock.advance(body.seconds)
    await asyncio.sleep(0)
    return {"now": simulation.clock.now().timestamp()}


def reset(simulation: Simulation, body: Nothing) -> dict[str, Json]:
    """Begin anew."""
    simulation.reset()
    return {}


ACTIONS = (
    ControlAction("advance", Advance, advance, "Let time pass: what is due meanwhile happens."),
    ControlAction("reset", Nothing, reset, "Begin anew: the default workspace, no faults."),
)
