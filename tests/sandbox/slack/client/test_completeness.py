"""Every control action has its method of the client, with exactly its fields."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Literal, Unpack, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel

from pack.sandbox.slack.client import UNCHANGED, SlackSandbox
from pack.sandbox.slack.client import results as client_results
from pack.sandbox.slack.client.operation import FAULTS
from pack.sandbox.slack.control.actions import ControlAction
from pack.sandbox.slack.control.fault_shapes import AnyFault
from pack.sandbox.slack.control.faulting import Fault
from pack.sandbox.slack.control.registry import ACTIONS, VIEWS
from pack.sandbox.slack.interaction.outcomes import Outcome
from pack.sandbox.trouble.requests import name_of

CALLED = {"faults": "fault", "close": "close_view"}
"""Two names are taken: faults() lists them, and what is closed might be the client."""
FURTHER = {"state", "feed"}

REQUIRED = inspect.Parameter.empty


def method_of(action: ControlAction[Any]) -> str:
    return CALLED.get(action.name, action.name.replace("-", "_"))


def parameters(name: str) -> dict[str, Any]:
    """Return a method's parameters with their defaults; those of a TypedDict may all be left out."""
    method = getattr(SlackSandbox, name)
    found: dict[str, Any] = {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is not parameter.VAR_KEYWORD:
            found[parameter.name] = parameter.default
            continue
        hint = get_type_hints(method, include_extras=True)[parameter.name]
        if get_origin(hint) is Unpack:
            (fields,) = get_args(hint)
            assert not fields.__required_keys__
            found |= dict.fromkeys(get_type_hints(fields))
    del found["self"]
    return found


def fields(body: type[BaseModel]) -> Mapping[str, Any]:
    return {
        name: REQUIRED if field.is_required() else field.get_default(call_default_factory=True)
        for name, field in body.model_fields.items()
    }


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_a_control_action_has_a_method_with_exactly_its_fields(action: ControlAction[Any]) -> None:
    given, asked = parameters(method_of(action)), fields(action.body)
    assert given.keys() == asked.keys()
    for name, default in given.items():
        if action.body is Fault and name == "fault":
            continue
        assert (default is REQUIRED) is (asked[name] is REQUIRED), name
        left_out = default is None or default is UNCHANGED
        assert default is REQUIRED or left_out or default == asked[name] or not (default or asked[name]), name


def choices(hint: Any) -> set[Any]:
    """Return the values of the literals in a type; there are none in a type without any."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    return {value for part in get_args(hint) for value in choices(part)}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_a_parameter_offers_the_choices_of_its_field(action: ControlAction[Any]) -> None:
    if action.body is Fault:
        return
    hints = get_type_hints(getattr(SlackSandbox, method_of(action)), include_extras=True)
    for hint in [*hints.values()]:
        if get_origin(hint) is Unpack:
            hints |= get_type_hints(get_args(hint)[0])
    for name, field in action.body.model_fields.items():
        assert choices(hints[name]) == choices(field.annotation), name


@pytest.mark.parametrize("view", [*(view.name for view in VIEWS), *sorted(FURTHER)])
def test_a_view_has_a_method_without_parameters(view: str) -> None:
    assert parameters(view) == {}


def test_the_client_has_no_method_that_is_no_address() -> None:
    known = {method_of(action) for action in ACTIONS} | {view.name for view in VIEWS} | FURTHER
    methods = {name for name, _ in inspect.getmembers(SlackSandbox, inspect.isfunction)}
    assert {name for name in methods if not name.startswith("_")} == known | {"open", "close"}


def test_the_client_knows_the_faults_by_name() -> None:
    assert sorted(FAULTS) == sorted(name_of(shape) for shape in get_args(AnyFault))


def test_an_outcome_of_the_client_has_everything_that_the_simulation_tells() -> None:
    told = set(Outcome.__dataclass_fields__) | {"shown", "view"}
    assert client_results.Outcome.__dataclass_fields__.keys() == told


def test_the_client_imports_nothing_of_the_simulation() -> None:
    program = (
        "import sys, pack.sandbox.slack.client; "
        "print(*(name for name in sys.modules if name.startswith('pack.') or name == 'pydantic'))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    foreign = {name for name in ended.stdout.split() if not name.startswith("pack.sandbox.slack.client")}
    assert foreign == {"pack.errors", "pack.sandbox", "pack.sandbox.slack"}


def test_a_name_that_the_package_lacks_is_named() -> None:
    with pytest.raises(ImportError, match="SimulatedSlak"):
        from pack.sandbox.slack import SimulatedSlak  # type: ignore[attr-defined]  # noqa: F401
