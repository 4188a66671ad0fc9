"""``docs/simulated-slack-control.md``: up to date, and with everything on it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pack.sandbox.control_page import EXAMPLES, PAGE, pages
from pack.sandbox.engine.faults import KINDS
from pack.sandbox.engine.routes_faults import SHAPES
from pack.sandbox.slack.control.fault_shapes import AnyFault
from pack.sandbox.slack.control.registry import ACTIONS, VIEWS
from pack.sandbox.trouble.requests import Asked, name_of

TEXT = pages()[PAGE]
OF_SLACK, OF_THE_ENGINE = TEXT.split("## The flow engine's faults", 1)


def test_the_page_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / PAGE
    assert page.read_text("utf-8") == TEXT, "run `make docs`"


def test_everything_of_the_template_is_filled_in() -> None:
    assert "{{" not in TEXT
    assert EXAMPLES.keys() <= {action.name for action in ACTIONS}


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.name != "faults"])
def test_every_action_is_on_the_page_with_its_fields(action) -> None:
    _, _, rest = OF_SLACK.partition("\n## What can be done\n")
    assert rest.count(f"\n#### {action.name}\n") == 1
    own = rest.split(f"\n#### {action.name}\n", 1)[1].split("\n#### ", 1)[0]
    for name, field in action.body.model_fields.items():
        row = next(line for line in own.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.endswith("| **required** |") is field.is_required()


def test_every_view_is_on_the_page() -> None:
    _, _, rest = OF_SLACK.partition("\n## What can be looked at\n")
    assert all(f"\n#### {name}\n" in rest for name in (*(view.name for view in VIEWS), "state", "feed"))


@pytest.mark.parametrize(
    ("page", "shape"),
    [
        *((OF_SLACK, shape) for shape in get_args(AnyFault)),
        *((OF_THE_ENGINE, shape) for shape in SHAPES),
    ],
    ids=lambda value: name_of(value) if isinstance(value, type) else "",
)
def test_every_fault_is_on_the_page_with_its_fields(page: str, shape: type[Asked]) -> None:
    faults = page.split("\n## What can go wrong\n")[-1]
    (row,) = (line for line in faults.splitlines() if line.startswith(f"| `{name_of(shape)}` | "))
    for name, field in shape.model_fields.items():
        if name not in {"fault", "times", "probability", "for_seconds", "match", "kind"}:
            assert (f"**`{name}`**" if field.is_required() else f"`{name}`:") in row


def test_every_kind_of_request_to_the_engine_is_on_the_page() -> None:
    assert all(f"`{kind}`" in OF_THE_ENGINE for kind in KINDS)
