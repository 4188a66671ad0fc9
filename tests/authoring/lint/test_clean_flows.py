"""Flows as people write them, with several steps: nothing is to be found in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pack.authoring.lint.declared.declarations import own_declarations
from pack.authoring.lint.flow_files import Collection
from pack.authoring.lint.linter import lint

HERE = Path(__file__).parent
FLOWS = (HERE / "clean", HERE.parents[2] / "examples")


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
def test_nothing_is_found_in_sensible_flows(path: Path) -> None:
    collection = Collection([str(path)], lambda size: b"")
    assert collection.texts
    assert lint(collection.texts, own_declarations()) == []
