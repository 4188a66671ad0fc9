"""The page on the simulated Slack: up to date, and with everything on it."""

from __future__ import annotations

import pytest

from pack.sandbox.slack.conformance import PAGE, pages
from pack.sandbox.slack.control.registry import ACTIONS
from pack.sandbox.slack.methods.registry import METHODS
from pack.sandbox.slack.reference.facts import load_facts
from tests.imports import ROOT

TEXT = pages()[PAGE]


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / PAGE).read_text("utf-8") == TEXT, "run `make docs`"


@pytest.mark.parametrize("method", sorted(load_facts().methods))
def test_every_method_of_the_reference_is_on_the_page_once(method: str) -> None:
    simulated, missing = TEXT.split("## Methods that are not simulated", 1)
    assert (f"| `{method}` |" in simulated) is (method in METHODS)
    assert (f"`{method}`" in missing.split("## Control addresses", 1)[0]) is (method not in METHODS)


def test_everything_of_the_template_is_filled_in() -> None:
    assert "{{" not in TEXT
    assert all(f"| `{action.name}` |" in TEXT for action in ACTIONS)
    assert all(f"`{code}`" in TEXT for method in METHODS.values() for code in method.errors)
