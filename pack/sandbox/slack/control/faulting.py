"""Control actions by which things go wrong."""

from __future__ import annotations

import inspect
import math
from typing import Any

from pydantic import ConfigDict

from pack.sandbox.slack.control.actions import Body, ControlAction, Json, Simulation

_FAULTS = frozenset(
    {
        "answer",
        "clear",
        "close_sockets",
        "delay",
        "disconnect",
        "drop",
        "go_silent",
        "latency",
        "limit",
        "refuse_tickets",
        "refuse_upgrade",
        "repeat_events",
    }
)


class Fault(Body):
    """One fault by name, and its arguments beside it."""

    model_config = ConfigDict(extra="allow", strict=True)

    fault: Any = None


def set_fault(simulation: Simulation, body: Fault) -> dict[str, Json]:
    """Have something go wrong from now on."""
    if not isinstance(body.fault, str) or body.fault not in _FAULTS:
        raise ValueError(f"fault has to be one of {', '.join(sorted(_FAULTS))}")
    act = getattr(simulation.faults, body.fault)
    arguments = body.model_extra or {}
    for key, value in arguments.items():
        _check_type(inspect.signature(act), key, value)
    act(**arguments)
    return {}


def _check_type(signature: inspect.Signature, name: str, value: Json) -> None:
    """Refuse a fault's argument whose value could only fail later, when the fault is due."""
    parameter = signature.parameters.get(name)
    if parameter is None:
        return
    annotation = str(parameter.annotation)
    accepted: tuple[type, ...] = ()
    if "str" in annotation:
        accepted += (str,)
    if "bool" in annotation:
        accepted += (bool,)
    if "int" in annotation or "float" in annotation:
        accepted += (int,)
    if "float" in annotation:
        accepted += (float,)
    if value is None and "None" in annotation:
        return
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        raise ValueError(f"{name} has to be {annotation}")
    if isinstance(value, (int, float)) and not 0 <= value < math.inf:
        raise ValueError(f"{name} has to be zero or more")


ACTIONS = (ControlAction("faults", Fault, set_fault, "Break something."),)
