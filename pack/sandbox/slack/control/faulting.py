"""Control actions by which things go wrong."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ConfigDict

from pack.sandbox.slack.control.actions import Body, ControlAction, ControlView, Json, Simulation
from pack.sandbox.slack.control.delivery_shapes import OfDeliveries
from pack.sandbox.slack.control.fault_names import check_names
from pack.sandbox.slack.control.fault_shapes import AnyFault, Clear, TakeScopes
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.reference.facts import load_facts
from pack.sandbox.trouble.requests import Asked, describe, name_of, read_fault

SHAPES: tuple[type[Asked], ...] = get_args(AnyFault)


class Fault(Body):
    """One fault by name, and its arguments beside it."""

    model_config = ConfigDict(extra="allow", strict=True)

    fault: Any = None


def set_fault(simulation: Simulation, body: Fault) -> dict[str, Json]:
    """Have something go wrong from now on; returns the fault's ``id`` (none for ``clear`` and ``seed``)."""
    given = {"fault": body.fault, **(body.model_extra or {})}
    asked = read_fault(SHAPES, given)
    check_names(asked, load_facts())
    found = _act(simulation.faults, asked)
    return {"id": found} if isinstance(found, str) else {}


def show_faults(simulation: Simulation) -> dict[str, Json]:
    """Return the faults that are active or were lately, with their hits, and which there are."""
    return {
        "faults": simulation.faults.listing(),
        "known": {name_of(shape): describe(shape) for shape in SHAPES},
    }


def _act(faults: Faults, asked: Asked) -> object:
    if isinstance(asked, Clear):
        _clear(faults, asked.id)
        return None
    arguments = asked.arguments()
    if isinstance(asked, TakeScopes):
        return faults.take_scopes(*arguments.pop("scopes"), **arguments)
    target = faults.deliveries if isinstance(asked, OfDeliveries) else faults
    return getattr(target, name_of(type(asked)))(**arguments)


def _clear(faults: Faults, fault_id: str | None) -> None:
    if fault_id is None:
        faults.clear()
    else:
        faults.remove(fault_id)


ACTIONS = (ControlAction("faults", Fault, set_fault, "Break something, or have it work again."),)
VIEWS = (ControlView("faults", show_faults, "What is broken, how often that struck, and what can be."),)
