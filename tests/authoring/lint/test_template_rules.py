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


ADVISED = re.compile(r"^(?:write|leave|ask|for texts write|did you mean)\b[^{]*?(\{\{ .*? \}\})")
PLAIN = re.compile(
    r"^write (?:brackets: )?((?:Event|Context|datastore|not|\()[^;]*?)"
    r"(?:, or .*|, if .*|, which .*| for .*| if its .*| or .*\|integer.*)?$"
)


def advised(claim: Claim, finding: Finding) -> str:
    """The template that follows from an advice; empty where it stands for a part only, or is in words."""
    whole = inner(claim.broken)
    if "…" in finding.advice:
        return ""
    if (claim.criteria or whole != claim.broken) and (found := ADVISED.match(finding.advice)):
        return found[1]
    found = PLAIN.match(finding.advice) if whole != claim.broken else None
    is_whole = found is not None and common(found[1].lstrip("(").replace("not ", ""), whole) >= len(
        "Event.Pay"
    )
    return f"{{{{ {found[1]} }}}}" if found and (finding.column == 1 or is_whole) else ""


def advices() -> list[Claim]:
    """The claims whose advice is an expression for the whole template."""
    return [claim for claim in CLAIMS if any(advised(claim, f) for f in all_findings(claim, claim.broken))]


@pytest.mark.parametrize("claim", advices(), ids=shown)
def test_what_is_advised_can_be_read_and_is_told_nothing_of(claim: Claim) -> None:
    (finding,) = all_findings(claim, claim.broken)
    better = advised(claim, finding)
    found = all_findings(claim, better)
    assert [(better, remark.rule.id, remark.advice) for remark in found] == []


def test_most_advices_are_tried() -> None:
    assert len(advices()) > 60


@pytest.mark.parametrize(
    ("template", "advice"),
    [
        (
            "{{ Event.Payload.a and not Event.Payload.n == 'bot' or Event.Payload.c }}",
            "(Event.Payload.a and not (Event.Payload.n == 'bot')) or Event.Payload.c",
        ),
        ('{{ datastore("teams").core-team }}', 'datastore("teams")|key:"core-team"'),
        ("{{ Event.Payload.a[0]['b'].c }}", "Event.Payload.a.0|key:'b'|key:'c'"),
        ("{{ Event.Payload.a == 10:30 }}", "'10:30'"),
        ("{{ 'don''t' }}", '"don\'t"'),
        ("{{ 'never closed }}", "closing quotation mark"),
        ("{{ Event.Payload.a and }}", "a value is missing behind 'and'"),
        ("{{ not not Event.Payload.a }}", "leave both away"),
        ("{{ Event.Payload.a|match:'(?>a)' }}", "(?:…)"),
        ("{{ Event.Payload.a|match:'\\\\p{Alphabetic}' }}", "general categories"),
        ("{{ Event.Payload.a|match:'a{1,2000}' }}", "at most 1000"),
        (
            "{% ifequal Event.Payload.a|length 3.0 %}x{% endifequal %}",
            "{% if … %} in place of {% ifequal … %}",
        ),
    ],
)
def test_the_advice_fits_what_was_written(template: str, advice: str) -> None:
    assert any(advice in finding.advice for finding in findings_of(template))


@pytest.mark.parametrize(
    ("template", "advice"),
    [
        ("{{ Event.Payload.thread-ts }}", "did you mean Event.Payload.threadTimestamp?"),
        ("{{ Event.Payload.zz-zz }}", "there are channelId, "),
        ("{{ Event.Payload }}", "{{ Event.Payload.message }}"),
    ],
)
def test_the_advice_names_what_a_declared_payload_has(template: str, advice: str) -> None:
    (finding,) = findings_of(template, event="ReceivedMessage", pack="Slack")
    assert advice in finding.advice


def test_a_failure_that_ended_a_step_is_printed_as_the_text_that_it_is() -> None:
    assert findings_of("{{ Event.Payload }}", event="FATAL") == []


def test_every_rule_is_shown_by_a_claim() -> None:
    assert {rule.id for rule in RULES} - {claim.rule for claim in CLAIMS} == NEEDS_DECLARATIONS
