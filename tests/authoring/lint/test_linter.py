"""The linter as a whole: any text is dealt with, and each mistake is told once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.authoring.lint.declared.declarations import own_declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.linter import lint
from pack.sandbox.flow_files import example_directories

SEEDS = [path.read_text("utf-8") for path in sorted(example_directories()[0].parent.glob("*/*.[jy]*"))] + [
    path.read_text("utf-8") for path in sorted((Path(__file__).parent / "cases").glob("yaml-*/broken*"))
]
SCRAPS = st.sampled_from(
    [*"{}[],\"'\\\n\t\0\ufeff#|é😀", "", ": ", "- ", "&a ", "*a", ">-", "!!int ", "<<: ", "null", "yes"]
) | st.sampled_from(["{{", "}}", "{%", "%}", "|match:'('", "---\n", "010", "1.10", "\r\n"])


def checked(text: str, *, yaml: bool = True) -> list[Finding]:
    return lint([FlowText("flow", text.encode(), yaml)], own_declarations())


def test_one_mistake_is_told_once_by_the_rule_that_explains_it() -> None:
    text = (
        "name: f\nsteps:\n- event: {name: E, packName: P}\n"
        "  command: {name: C, packName: P, input: '{{ Context.some-key }} {{ Context.other }}'}\n"
    )
    assert [finding.rule.id for finding in checked(text)] == ["dash-in-name", "unknown-context"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("{{ Event.Payload.reaction == true }}" * 12_000, "the template has more than 100000 parts"),
        ("{{ " + "(" * 50 + "1", "brackets and tags are nested more than 40 deep"),
        ("{{ 1 }}" + " " * 2_200_000, "the template is longer than 2097152 characters"),
    ],
)
def test_a_template_beyond_the_parsers_limits_is_told_just_that(message: str, said: str) -> None:
    step = {
        "event": {"packName": "Slack", "name": "ReactionAdded"},
        "command": {
            "packName": "Slack",
            "name": "SendMessage",
            "input": {"channelId": "C1", "message": message},
        },
    }
    [finding] = checked(json.dumps({"name": "f", "steps": [step]}), yaml=False)
    assert finding.message == said


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 30), SCRAPS), max_size=4),
    st.booleans(),
)
def test_any_text_is_dealt_with_and_every_place_is_in_it(
    seed: str, edits: list[tuple[int, int, str]], yaml: bool
) -> None:
    text = seed
    for place, length, scrap in edits:
        start = place % (len(text) + 1)
        text = text[:start] + scrap + text[start + length :]
    lines = FlowText("flow", text.encode(), yaml).lines
    for finding in checked(text, yaml=yaml):
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert finding.message


@pytest.mark.parametrize("wrong", ["dependsOn: a", "criteria: 5", "dependsOn: [3]", "context: {x: 1}"])
def test_one_refused_place_hides_nothing_about_other_steps(wrong: str) -> None:
    says = "command: {packName: Slack, name: SendMessage, input: {channelId: C1, message: x}}"
    sent = "event: {packName: Slack, name: MessageSent}"
    text = (
        "name: f\nsteps:\n"
        f"- id: a\n  event: {{packName: Slack, name: ReceivedMessage}}\n  {says}\n"
        f"- id: b\n  {wrong}\n  {'dependsOn: [a]' if 'dependsOn' not in wrong else ''}\n  {sent}\n  {says}\n"
        f"- id: c\n  dependsOn: [nobody]\n  {sent}\n  {says}\n"
        f"- id: d\n  dependsOn: [b]\n  {sent}\n  {says}\n"
    )
    assert [finding.rule.id for finding in checked(text)] == ["wrong-type", "unknown-dependency"]


def test_a_mistake_behind_an_alias_is_told_once() -> None:
    text = (
        "name: f\n"
        "x-input: &input {channelId: '{{ nonsense', message: hi}\n"
        "steps:\n"
        "- id: a\n"
        "  event: {packName: Slack, name: ReceivedMessage}\n"
        "  command: {packName: Slack, name: SendMessage, input: *input}\n"
        "- id: b\n"
        "  event: {packName: Slack, name: ReactionAdded}\n"
        "  command: {packName: Slack, name: SendMessage, input: {<<: *input, message: ho}}\n"
    )
    [finding] = checked(text)
    assert (finding.rule.id, finding.line) == ("template-syntax", 2)


@pytest.mark.parametrize("yaml", [False, True])
def test_a_finding_inside_a_text_is_where_the_file_has_it(yaml: bool) -> None:
    message = '"caf\\u00e9 \\ud83d\\ude00\\n{{ Event.Payload.message|nonsense }}"'
    if yaml:
        message = message.replace("\\ud83d\\ude00", "\\U0001F600")
    text = (
        '{"name": "f", "steps": [{"id": "a", "event": {"packName": "Slack", "name": "ReceivedMessage"},\n'
        '"command": {"packName": "Slack", "name": "SendMessage",\n'
        f'"input": {{"channelId": "C1", "message": {message}}}}}}}]}}'
    )
    [finding] = checked(text, yaml=yaml)
    assert finding.rule.id == "unknown-filter"
    assert text.split("\n")[finding.line - 1][finding.column - 1 :].startswith("nonsense")
