"""The rules about what templates ask of the event and the context."""

from __future__ import annotations

import pytest

from pack.authoring.lint.declared.declarations import own_declarations
from pack.authoring.lint.declared.payload_types import payload_types
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.steps.payload_rules import check
from tests.authoring.lint.subjects import found, ids, subject


def steps(*templates: str) -> str:
    """Return a flow whose steps have these messages; each depends on the one before."""
    parts = []
    for number, template in enumerate(templates):
        depends = f"  dependsOn: [s{number - 1}]\n" if number else ""
        event = "MessageSent" if number else "ReceivedMessage"
        parts.append(
            f"- id: s{number}\n{depends}"
            f"  event: {{packName: Slack, name: {event}}}\n"
            f"  context: {{C{number}: 'x'}}\n"
            "  command:\n    packName: Slack\n    name: SendMessage\n"
            "    input:\n      channelId: a\n      extra: {num: 3, list: [true]}\n"
            f"      message: >-\n        {template}\n"
        )
    return "".join(parts)


def of(*templates: str) -> list[Finding]:
    return found(check, steps(*templates))


@pytest.mark.parametrize(
    "template",
    [
        "{{ Event.Payload.user.name }} {{ Event.Name }} {{ Event.Pack.Labels.env }}",
        "{{ Event.CreatedAt.Year }}",
        "{{ Event.Payload.message.0 }} {{ Event.Payload.replies.0.ts }} {{ Context.C0 }} {{ Context.C0.0 }}",
        "{% for r in Event.Payload.replies %}{{ r.ts }}{% endfor %}",
        "{% for r in Event.Payload.user %}{{ r }}{% endfor %}",
        "{% set Event = 3 %}{{ Event.whatever }}",
        "{% with u=Event.Payload.user %}{{ u.email }}{% endwith %}",
        "{{ Event.Payload|key:'message' }} {{ Event.Payload.user|key:'name'|upper }}",
        "{{ Event }} {{ Context }} {{ other.name }} {{ Event.CreatedAt.Format('x') }}",
        "{{ broken",
    ],
)
def test_what_is_there_may_be_used(template: str) -> None:
    assert of(template) == []


@pytest.mark.parametrize(
    ("template", "rule", "advice"),
    [
        ("{{ Event.payload.x }}", "unknown-event-field", "write Event.Payload.x: capitals matter"),
        ("{{ Event.message }}", "unknown-event-field", "write Event.Payload.message"),
        ("{{ Event.Pack.name }}", "unknown-event-field", "write Event.Pack.Name"),
        ("{{ Event.Payload.chanelId }}", "unknown-payload-field", "did you mean Event.Payload.channelId?"),
        ("{{ Event.Payload.user.Id }}", "unknown-payload-field", "did you mean Event.Payload.user.id?"),
        ("{{ Event.Payload.email }}", "unknown-payload-field", "did you mean Event.Payload.user.email?"),
        (
            "{{ Event.Payload.user.channelId }}",
            "unknown-payload-field",
            "did you mean Event.Payload.channelId?",
        ),
        ("{{ Event.Payload|key:'mesage' }}", "unknown-payload-field", "did you mean Event.Payload.message?"),
        (
            "{% for r in Event.Payload.replies %}{{ r.use }}{% endfor %}",
            "unknown-payload-field",
            "did you mean Event.Payload.replies.0.user?",
        ),
        ("{{ Event.Payload.message.text }}", "field-of-a-value", "write Event.Payload.message"),
        ("{{ Event.Payload.message.length }}", "field-of-a-value", "write Event.Payload.message|length"),
        ("{{ Event.Payload.replyCount.x }}", "field-of-a-value", "write Event.Payload.replyCount"),
        (
            "{{ Event.Payload.replies.ts }}",
            "field-of-a-value",
            "write Event.Payload.replies.0.ts, or walk it by for",
        ),
        ("{{ Event.Payload.user.0 }}", "field-of-a-value", "write Event.Payload.user, or a field of it"),
        ("{{ Event.Name.x }}", "field-of-a-value", "write Event.Name"),
        ("{{ Context.c0 }}", "unknown-context", "did you mean Context.C0?"),
        ("{{ Context.Other }}", "unknown-context", "set Other in the step's context"),
    ],
)
def test_what_is_not_there_is_told(template: str, rule: str, advice: str) -> None:
    (finding,) = of(template)
    assert (finding.rule.id, finding.advice) == (rule, advice)


def test_a_result_has_what_the_command_was_given_and_what_it_learnt() -> None:
    good = "{{ Event.Payload.timestamp }} {{ Event.Payload.extra.num }} {{ Event.Payload.channelName }}"
    assert of("hi", f"{good} {{{{ Context.C0 }}}} {{{{ Context.C1 }}}}") == []
    (finding,) = of("hi", "{{ Event.Payload.extra.nope }}")
    assert finding.advice == "there are list and num"
    assert ids(of("hi", "{{ Event.Payload.extra.num.x }}")) == ["field-of-a-value"]


def test_a_result_of_any_flow_may_have_any_field() -> None:
    flow = (
        "- event: {packName: Slack, name: MessageSent}\n"
        "  command: {packName: Slack, name: JoinChannel, input: {channelId: '{{ Event.Payload.any }}'}}\n"
    )
    assert found(check, flow) == []


def test_context_values_do_not_see_one_another() -> None:
    flow = (
        "- id: a\n  event: {packName: Slack, name: ReceivedMessage}\n"
        "  context: {One: x, Two: '{{ Context.One }}'}\n"
        "  command: {packName: Slack, name: Broadcast, input: {message: '{{ Context.Two }}'}}\n"
    )
    (finding,) = found(check, flow)
    assert finding.rule.id == "unknown-context"
    assert "context values do not see one another" in finding.message


def test_a_context_value_of_a_step_that_is_not_continued_is_told() -> None:
    flow = steps("hi") + steps("{{ Context.C9 }}").replace("s0", "t").replace("C0", "D").replace("C9", "C0")
    (finding,) = found(check, flow)
    assert "Context.C0 is set by step 's0', which step 't' does not continue" in finding.message


def test_the_place_of_a_finding_is_that_of_the_name() -> None:
    flow = subject(steps("first {{ Event.Payload.nope }}"))
    (finding,) = check(flow, own_declarations())
    assert finding.path == ("steps", 0, "command", "input", "message")


@pytest.mark.parametrize(
    ("step", "path", "types"),
    [
        (0, "", {"object"}),
        (0, "replyCount", {"number"}),
        (0, "replies", {"array"}),
        (0, "replies.0.user", {"string"}),
        (0, "user.timestamp", {"string"}),
        (0, "nope", set()),
        (1, "message", {"string"}),
        (1, "timestamp", {"string"}),
        (1, "threadTimestamp", {"string"}),
        (1, "extra", {"object"}),
        (1, "extra.num", {"number"}),
        (1, "extra.list.0", {"boolean"}),
        (1, "nope", set()),
    ],
)
def test_the_types_of_payload_fields_are_known(step: int, path: str, types: set[str]) -> None:
    flow = subject(steps("hi", "ho"))
    found_types = payload_types(
        flow, own_declarations(), flow.flow.steps[step], tuple(filter(None, path.split(".")))
    )
    assert found_types == frozenset(types)


def test_the_payload_of_an_undeclared_event_is_not_known() -> None:
    flow = subject(
        "- event: {packName: X, name: E}\n"
        "  command: {packName: Slack, name: Broadcast, input: {message: m}}\n"
    )
    assert payload_types(flow, own_declarations(), flow.flow.steps[0], ("a",)) is None
