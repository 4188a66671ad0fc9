"""The rules about templates: each finds what it is for, says what Flyte does, and its advice is right."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any

import pytest

from pack.authoring.lint.findings import Finding
from pack.authoring.lint.templates.rules import RULES
from pack.clock import SystemClock
from pack.flowlang import FlowLangError, Renderer
from tests.authoring.lint.template_claims import CLAIMS, SKIPPED, Claim
from tests.authoring.lint.template_texts import findings_of

NEEDS_DECLARATIONS = {"sorted-payload-list", "template-in-key"}
"""Rules with tests of their own: one needs a pack that declares a list, one is about keys."""


def datastore(key: str) -> str:
    """A store with one key."""
    return {"some": "kept"}[key]


def outcome(claim: Claim, template: str) -> str:
    """What Flyte makes of a template."""
    payload = claim.payload
    event = {"Name": "Incident", "Payload": payload, "Pack": {"Name": "Pager", "Labels": {"env": "dev"}}}
    event["CreatedAt"] = "2022-11-21T10:40:00Z"
    first = Renderer({"Event": event, "Context": {}}, clock=SystemClock())
    context = first.value(dict(claim.context))
    renderer = Renderer({"Event": event, "Context": context}, {"datastore": datastore}, clock=SystemClock())
    try:
        return str(renderer.criterion(template)) if claim.criteria else renderer.text(template)
    except FlowLangError:
        return SKIPPED


def all_findings(claim: Claim, template: str) -> list[Finding]:
    """What is found in it."""
    event: dict[str, Any] = {"event": "ReceivedMessage", "pack": "Slack"} if claim.slack else {}
    if claim.criteria:
        return findings_of(criteria=template, context=claim.context, **event)
    return findings_of(template, context=claim.context, **event)


def findings(claim: Claim, template: str) -> list[str]:
    """The names of the rules that are broken in it."""
    return [finding.rule.id for finding in all_findings(claim, template)]


def shown(claim: Claim) -> str:
    return f"{claim.rule}: {claim.broken}"


@pytest.mark.parametrize("claim", CLAIMS, ids=shown)
def test_what_is_broken_is_found_once_and_by_the_rule_that_explains(claim: Claim) -> None:
    assert findings(claim, claim.broken) == [claim.rule]


@pytest.mark.parametrize("claim", CLAIMS, ids=shown)
def test_what_is_written_right_is_left_alone(claim: Claim) -> None:
    assert findings(claim, claim.fixed) == []


@pytest.mark.parametrize("claim", CLAIMS, ids=shown)
def test_flyte_does_with_both_what_is_said(claim: Claim) -> None:
    assert (outcome(claim, claim.broken), outcome(claim, claim.fixed)) == (claim.gives, claim.means)


OWN_WORDS = {
    "add-joins",
    "chained-comparison",
    "context-field",
    "criteria-not-bool",
    "criteria-renders-nothing",
    "criteria-text",
    "default-replaces-false",
    "foreign-syntax",
    "integer-comparison",
    "join-of-text",
    "key-of-text",
    "maybe-number-printed",
    "method-call",
    "mixed-and-or",
    "never-equal",
    "not-comparison",
    "number-printed",
    "text-byte",
    "text-plus",
}
"""Rules whose advice is the author's own expression, written right."""


def inner(template: str) -> str:
    """What stands between the braces of a template that is one expression; the template otherwise."""
    found = re.fullmatch(r"\{\{\s*((?:[^}]|\}(?!\}))*?)\s*\}\}", template)
    return found[1] if found else template


def common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def changed(claim: Claim) -> str:
    """What is written otherwise in the right template; the whole when it is another one altogether."""
    start = common(claim.broken, claim.fixed)
    end = common(claim.broken[start:][::-1], claim.fixed[start:][::-1])
    return claim.fixed[start : len(claim.fixed) - end]


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.rule in OWN_WORDS], ids=shown)
def test_the_advice_is_the_expression_written_right(claim: Claim) -> None:
    (finding,) = all_findings(claim, claim.broken)
    assert (inner(claim.fixed) if inner(claim.fixed) != claim.fixed else changed(claim)) in finding.advice


def test_every_rule_is_shown_by_a_claim() -> None:
    assert {rule.id for rule in RULES} - {claim.rule for claim in CLAIMS} == NEEDS_DECLARATIONS
