"""What YAML makes of words without quotes, and numbers and nulls that do not arrive."""

from __future__ import annotations

import pytest

from tests.authoring.lint.test_schema_rules import found, the_finding

HEAD = """\
name: f
steps:
- event: {packName: P, name: E}
  command:
    packName: P
    name: C
    input:
"""


@pytest.mark.parametrize(
    ("entry", "rule", "advice"),
    [
        ("a: »on", "yaml-boolean", "write 'on', or true if that is meant"),
        ("a: [x, »N]", "yaml-boolean", "write 'N', or false if that is meant"),
        ("a: »010", "yaml-number", "write '010', or 8 if meant"),
        ("a: »0o17", "yaml-number", "write '0o17', or 15 if meant"),
        ("a: »0b11", "yaml-number", "write '0b11', or 3 if meant"),
        ("a: »1_000", "yaml-number", "write '1_000', or 1000 if meant"),
        ("a: »1e3", "yaml-number", "write the number in full, or '1e3'"),
        ("»on: x", "yaml-key", "write 'on'"),
        ("»1.50: x", "yaml-key", "write '1.50'"),
        ("a: »see #12 now", "yaml-comment", "write 'see #12'"),
        ("a:» #general", "yaml-comment", "write '#general'"),
        ("a: !x »y", "yaml-mark", "write '!x y' if it is text"),
        ("a: »1.10", "inexact-number", "write '1.10' if just these digits are meant, else 1.1"),
        ("a: »9007199254740993", "inexact-number", None),
        ("a: »1669027200.120000", "timestamp-number", "write '1669027200.120000'"),
        (
            "thread_ts: »1669027200",
            "timestamp-number",
            "write the whole timestamp in quotes, with its six decimals, such as '1669027200.120000'",
        ),
        ("a: {b: »null}", "null-value", "give it a value, or leave the key out"),
        ("a: »~", "null-value", "give it a value, or leave the key out"),
    ],
)
def test_a_rule_points_to_the_place_and_says_what_to_write(entry: str, rule: str, advice: str | None) -> None:
    finding = the_finding(f"{HEAD}      {entry}\n", rule)
    assert advice in (None, finding.advice)


@pytest.mark.parametrize(
    "entry",
    [
        *["a: true", "a: False", "a: 'on'", "a: 3", "a: -3", "a: 0", "a: 1.5", "a: .5", "a: 1e+3", "a: 0.1"],
        *["a: 2022-11-21", "a: 12:30", "a: one#two", "a: one # two", "a: 'x #1'", "a: !!str 010"],
        *[
            "a: &b c\n      d: *b",
            "1: x",
            "a: 1669027200",
            "a: '1669027200.120000'",
            "a: |\n        # no comment",
        ],
        *["count: 1669027200", "a: 123456789012345", "a: []", "<<: {b: c}", "a: !!float 1.5"],
    ],
)
def test_what_arrives_as_it_is_written_is_left_alone(entry: str) -> None:
    assert found(f"{HEAD}      {entry}\n") == []


def test_numbers_of_json_are_looked_at_too() -> None:
    flow = (
        '{"name": "f", "steps": [{"event": {"packName": "P", "name": "E"}, '
        '"command": {"packName": "P", "name": "C", "input": %s}}]}'
    )
    assert the_finding(flow % '{"a": »1.10}', "inexact-number", yaml=False).advice == (
        'write "1.10" if just these digits are meant, else 1.1'
    )
    assert the_finding(flow % "»1669027200.120000", "timestamp-number", yaml=False).advice == (
        'write "1669027200.120000"'
    )
    assert the_finding(flow % '[{"a": »null}]', "null-value", yaml=False)
    assert found(flow % '{"a": [1, 2.5, 1e3, -0.5, 10], "b": true}', yaml=False) == []


def test_a_word_where_a_text_is_wanted_is_one_error_and_no_warning_besides() -> None:
    assert [one.rule.id for one in found("name: yes\nsteps:\n- {}\n")].count("wrong-type") == 1
    assert "yaml-boolean" not in {one.rule.id for one in found("name: yes\nsteps: []\n")}


RICH = """\
name: f
steps:
- event: {packName: Slack, name: ReceivedMessage}
  command:
    packName: Slack
    name: SendRichMessage
    input:
      channel: C1
      text: x
"""


def test_a_word_is_left_alone_where_the_command_wants_a_boolean() -> None:
    for entry in ("reply_broadcast: yes", "mrkdwn: n", "unfurl_links: on"):
        assert found(f"{RICH}      {entry}\n") == []
    assert the_finding(f"{RICH}      parse: »no\n", "yaml-boolean")
    assert the_finding("name: f\nx-debug: »yes\nsteps: []\n", "yaml-boolean")


def test_a_timestamp_that_the_command_refuses_is_told_once() -> None:
    findings = found(f"{RICH}      thread_ts: 1669027200\n")
    assert [finding.rule.id for finding in findings] == ["wrong-input-type"]
