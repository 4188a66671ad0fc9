"""Each error code that a method is declared to give is caused by a situation, and documented by Slack."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import load_facts
from tests.sandbox.slack import situations as home
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.situations.declared import Situation, Stage

FACTS = load_facts()
SITUATIONS: list[Situation] = [
    situation
    for module in pkgutil.iter_modules(home.__path__)
    for situation in getattr(
        getattr(importlib.import_module(f"{home.__name__}.{module.name}"), "situations", None), "all", []
    )
    if not module.name.startswith("test_") and module.name != "declared"
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: f"{one.method}-{one.code}")
async def test_a_situation_ends_in_its_code(
    slack: SimulatedSlack, call: Caller, situation: Situation
) -> None:
    answer = await situation.cause(Stage(slack, call))
    assert (answer["ok"], answer.get("error")) == (False, situation.code)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_declared_code_has_a_situation_and_is_sorted(method: str) -> None:
    declared = METHODS[method].errors
    caused = {situation.code for situation in SITUATIONS if situation.method == method}
    assert list(declared) == sorted(set(declared))
    assert set(declared) == caused


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_declared_code_is_documented(method: str) -> None:
    assert set(METHODS[method].errors) <= FACTS.known_codes(method)
