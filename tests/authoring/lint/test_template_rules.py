"""The rules about templates: each finds what it is for, says what Flyte does, and its advice is right."""

from __future__ import annotations

from typing import Any

import pytest

from pack.authoring.lint.template_rules import RULES
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


def findings(claim: Claim, template: str) -> list[str]:
    """The names of the rules that are broken in it."""
    event: dict[str, Any] = {"event": "ReceivedMessage", "pack": "Slack"} if claim.slack else {}
    if claim.criteria:
        found = findings_of(criteria=template, context=claim.context, **event)
    else:
        found = findings_of(template, context=claim.context, **event)
    return [finding.rule.id for finding in found]


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


def test_every_rule_is_shown_by_a_claim() -> None:
    assert {rule.id for rule in RULES} - {claim.rule for claim in CLAIMS} == NEEDS_DECLARATIONS
