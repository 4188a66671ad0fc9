"""The rules about the inputs of commands."""

from __future__ import annotations

from typing import Any

import pytest

from pack.authoring.lint.declared.declarations import (
    CommandDeclaration,
    Declarations,
    PackDeclaration,
    own_declarations,
    with_packs,
)
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.steps.input_rules import check
from tests.authoring.lint.subjects import found, ids

BEGIN = """\
- id: a
  event: {packName: Slack, name: ReceivedMessage}
  command:
    packName: Slack
    name: %s
    input: %s
"""


def of(command: str, given: str) -> list[Finding]:
    return found(check, BEGIN % (command, given))


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("SendMessage", "{channelId: general, message: hi}"),
        ("SendMessage", "{channelId: '{{ Event.Payload.channelId }}', message: '{{ 1 }}'}"),
        ("SendMessage", "{channelID: a, Message: b, threadtimestamp: '1669027200.123456'}"),
        ("SendMessage", "{channelId: a, message: b, threadTimestamp: '{{ Event.Payload.timestamp }}'}"),
        ("SendMessage", "{channelId: a, message: b, threadTimestamp: null, other: null}"),
        ("SendMessage", "{channelId: a, message: b, threadTimestamp: 1669027200.123456}"),
        ("SendRichMessage", "{channel: a, unfurl_links: 'True', link_names: 0, mrkdwn: '{{ x }}'}"),
        ("SendRichMessage", '{channel: a, blocks: \'[{"type": "divider"}]\'}'),
        ("SendRichMessage", "{channel: a, blocks: '[{{ Event.Payload.message }}]'}"),
        ("SendRichMessage", "{channel: a, blocks: [{type: section, text: {text: '{{ x }}', x: null}}]}"),
        ("GetChannelInfo", "{channelName: '#general'}"),
        ("Unknown", "{}"),
    ],
)
def test_an_input_that_the_command_can_use_is_left_alone(command: str, given: str) -> None:
    assert of(command, given) == []


@pytest.mark.parametrize(
    ("command", "given", "message"),
    [
        ("SendMessage", "{message: hi}", "SendMessage needs channelId"),
        (
            "SendMessage",
            "{channelId: null, message: hi}",
            "SendMessage needs channelId; channelId is empty here, which counts as not given",
        ),
        (
            "SendMessage",
            "{channelId: a, message: ''}",
            "SendMessage needs message; message is empty here, which counts as not given",
        ),
        (
            "JoinChannel",
            "{channelId: '  '}",
            "JoinChannel needs channelId; channelId is empty here, which counts as not given",
        ),
        ("SendMessage", "null", "SendMessage has no input; it needs message and channelId"),
        ("SendRichMessage", "{text: '{{ x }}'}", "SendRichMessage needs channel"),
    ],
)
def test_what_a_command_needs_is_told(command: str, given: str, message: str) -> None:
    (finding,) = of(command, given)
    assert (finding.rule.id, finding.message) == ("missing-input", message)


def test_a_step_without_an_input_is_told() -> None:
    steps = "- {event: {packName: Slack, name: ReceivedMessage}, command: {packName: Slack, name: Broadcast}}"
    assert ids(found(check, steps)) == ["missing-input"]


@pytest.mark.parametrize(
    ("command", "given", "part"),
    [
        ("SendMessage", "{channelId: 5, message: hi}", "cannot use channelId: expected text, got a number"),
        (
            "SendMessage",
            "{channelId: a, message: ['{{ x }}']}",
            "cannot use message: expected text, got a list",
        ),
        ("SendMessage", "{channelId: a, message: b, threadTimestamp: 1669027200}", "its end is lost"),
        (
            "SendMessage",
            "{channelId: a, message: b, threadTimestamp: yesterday}",
            "digits, a dot, six digits",
        ),
        ("SendRichMessage", "{channel: a, mrkdwn: maybe}", "expected true or false, got 'maybe'"),
        ("SendRichMessage", "{channel: a, blocks: {type: divider}}", "put it into [ ]"),
        ("SendRichMessage", "{channel: a, blocks: '[{]'}", "got text that is not JSON"),
        ("SendMessage", "'{{ Event.Payload }}'", "a template becomes a text, whatever stands in it"),
        ("SendMessage", "[a, b]", "has to be an object, and this is a list"),
    ],
)
def test_what_a_command_cannot_use_is_told_in_its_own_words(command: str, given: str, part: str) -> None:
    (finding,) = of(command, given)
    assert finding.rule.id == "wrong-input-type"
    assert part in finding.message


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("{channelId: a, message: b, threadTimstamp: x}", "did you mean 'threadTimestamp'?"),
        ("{channelId: a, message: b, zzz: x}", "it takes message, channelId and threadTimestamp"),
    ],
)
def test_a_key_that_the_command_does_not_know_is_told(given: str, advice: str) -> None:
    (finding,) = of("SendMessage", given)
    assert (finding.rule.id, finding.advice) == ("unknown-input", advice)


def test_a_misspelt_key_that_is_required_is_told_as_what_is_missing_too() -> None:
    missing, unknown = sorted(of("SendMessage", "{chanelId: a, message: b}"), key=lambda one: one.rule.id)
    assert missing.advice == "write channelId in place of chanelId"
    assert unknown.path == ("steps", 0, "command", "input", "chanelId")


@pytest.mark.parametrize(
    "read",
    [
        "{{ Event.Payload.ticket }}",
        "{{ Event.Payload|key:'ticket' }}",
        "{% set p = Event.Payload %}{{ p.ticket }}",
        "{% for k, v in Event.Payload %}{{ k }}{% endfor %}",
    ],
)
def test_a_key_that_a_later_step_reads_from_the_result_is_handed_on(read: str) -> None:
    steps = BEGIN % ("SendMessage", "{channelId: a, message: b, ticket: '7'}") + (
        "- dependsOn: [a]\n"
        "  event: {packName: Slack, name: MessageSent}\n"
        "  command:\n"
        "    packName: Slack\n"
        "    name: Broadcast\n"
        f'    input: {{message: "{read}"}}\n'
    )
    assert found(check, steps) == []


def test_a_null_in_a_list_skips_the_step() -> None:
    (finding,) = of("SendRichMessage", "{channel: a, metadata: {event_payload: [1, null]}}")
    assert finding.rule.id == "null-in-list"
    assert finding.path[-2:] == ("event_payload", 1)


def declared(schema: dict[str, Any]) -> Declarations:
    command = CommandDeclaration("SendMessage", None, schema)
    pack = PackDeclaration("Jira", {"SendMessage": command}, {}, "jira.yaml")
    return with_packs(own_declarations(), [pack], source="jira.yaml")


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 3},
        "count": {"type": "integer"},
        "kind": {"enum": ["bug", "task"]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^x"}]},
        "labels": {"type": "array", "items": {"$ref": "#/$defs/label"}},
    },
    "$defs": {"label": {"type": "string", "maxLength": 5}},
}


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ("{title: abc, count: 3, kind: bug, either: xy, labels: [a]}", []),
        ("{title: '{{ x }}', kind: '{{ x }}', either: '{{ x }}', labels: ['{{ a long one }}']}", []),
        ("{title: abc, more: 1}", []),
        ("null", ["missing-input"]),
        ("{title: null}", ["missing-input"]),
        ("{title: a}", ["wrong-input-type"]),
        ("{title: abc, count: '{{ x }}'}", ["wrong-input-type"]),
        ("{title: abc, count: '3'}", ["wrong-input-type"]),
        ("{title: abc, kind: other}", ["wrong-input-type"]),
        ("{title: abc, either: abc}", ["wrong-input-type"]),
        ("{title: abc, labels: [toolong]}", ["wrong-input-type"]),
        ("{title: abc, cuont: 3}", ["unknown-input"]),
        ("'{{ x }}'", ["wrong-input-type"]),
        ("[]", ["wrong-input-type"]),
    ],
)
def test_the_schema_of_another_packs_command_is_kept_to(given: str, rules: list[str]) -> None:
    steps = BEGIN.replace("packName: Slack\n", "packName: Jira\n") % ("SendMessage", given)
    assert ids(found(check, steps, declared(SCHEMA))) == rules


def test_a_schema_that_allows_no_more_keys_is_kept_to() -> None:
    schema = {**SCHEMA, "additionalProperties": False, "patternProperties": {"^x-": {}}}
    steps = BEGIN.replace("packName: Slack\n", "packName: Jira\n") % (
        "SendMessage",
        "{title: abc, more: 1, x-more: 2}",
    )
    (finding,) = found(check, steps, declared(schema))
    assert (finding.rule.id, finding.path[-1]) == ("unknown-input", "more")


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"$ref": "http://127.0.0.1:9/none"}])
def test_a_schema_that_leads_nowhere_judges_nothing(schema: dict[str, Any]) -> None:
    steps = BEGIN.replace("packName: Slack\n", "packName: Jira\n") % ("SendMessage", "{}")
    assert found(check, steps, declared(schema)) == []
