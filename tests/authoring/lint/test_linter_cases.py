"""A broken and a fixed flow for each rule.

``cases/RULE-ID/`` holds, for every rule that is registered:

- ``broken*.json|yaml|yml``: at least one; checking it yields this rule (and perhaps others);
- ``fixed*.json|yaml|yml``: at least one; the same flow written right: checking it yields nothing at all;
- ``pack*.json``: optional; packs to know about, as with ``--pack``, for all files of the case.

A directory ``broken*/`` or ``fixed*/`` holds files that are checked together.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pack.authoring.lint.declared.sources import gather
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import Collection
from pack.authoring.lint.linter import lint
from pack.authoring.lint.registry import RULES

CASES = Path(__file__).parent / "cases"
BROKEN = sorted(CASES.glob("*/broken*"))
FIXED = sorted(CASES.glob("*/fixed*"))


def findings_in(path: Path) -> list[Finding]:
    collection = Collection([str(path)], lambda size: b"")
    assert collection.texts
    assert not collection.unread
    packs = sorted((CASES / path.relative_to(CASES).parts[0]).glob("pack*.json"))
    return lint(collection.texts, gather(packs, "", {}))


def shown(path: Path) -> str:
    return str(path.relative_to(CASES))


@pytest.mark.parametrize("path", BROKEN, ids=shown)
def test_a_broken_flow_yields_the_rule(path: Path) -> None:
    assert path.relative_to(CASES).parts[0] in {finding.rule.id for finding in findings_in(path)}


@pytest.mark.parametrize("path", FIXED, ids=shown)
def test_a_flow_that_is_written_right_yields_nothing(path: Path) -> None:
    assert findings_in(path) == []


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_rule_has_a_broken_and_a_fixed_flow(rule: str) -> None:
    assert any(path.relative_to(CASES).parts[0] == rule for path in BROKEN)
    assert any(path.relative_to(CASES).parts[0] == rule for path in FIXED)


def test_every_case_is_of_a_registered_rule() -> None:
    assert {path.name for path in CASES.iterdir()} <= {rule.id for rule in RULES}


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted(ids) == sorted(set(ids))
