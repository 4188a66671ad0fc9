"""Where the rules about texts and keys point, and what they advise.

In each flow below ``»`` stands before the place that is found; it is no part of the flow.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pack.authoring.lint.declared.declarations import own_declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.linter import lint
from pack.sandbox.flow_files import example_directories

EVENT = "event: {packName: Slack, name: ReceivedMessage}"
STEP = f"- {EVENT}\n  command: {{packName: Slack, name: JoinChannel, input: {{channelId: C1}}}}\n"


def found(text: str, *, yaml: bool = True) -> list[Finding]:
    return lint([FlowText("flow", text.encode(), yaml)], own_declarations())


def the_finding(marked: str, rule: str, *, yaml: bool = True) -> Finding:
    """Return the finding of a rule, which has to be where the mark is."""
    before, mark, after = marked.partition("»")
    assert mark
    text = before + after
    finding = next(one for one in found(text, yaml=yaml) if one.rule.id == rule)
    lines = before.split("\n")
    assert (finding.line, finding.column) == (len(lines), len(lines[-1]) + 1), finding
    return finding


@pytest.mark.parametrize(
    ("text", "rule", "advice"),
    [
        ("»steps: []\n", "missing-key", "add name: what it is called"),
        (
            "name: f\n»Steps: []\n",
            "missing-key",
            "write steps in place of Steps: the schema wants just this case",
        ),
        (f"name: f\nsteps:\n- {EVENT}\n  »action: {{}}\n", "missing-key", "write command in place of action"),
        (
            "name: f\nsteps:\n- event: »{name: E}\n  command: {name: C, packName: P}\n",
            "missing-key",
            "add packName: the name of the pack, such as Slack",
        ),
        ("name: »on\nsteps: []\n", "wrong-type", "write 'on'"),
        ("name: »3.10\nsteps: []\n", "wrong-type", "write '3.10'"),
        (f"name: f\nsteps:\n{STEP}  dependsOn: »a b\n", "wrong-type", "write ['a b']"),
        (f"name: f\nsteps:\n{STEP}  context: »[a]\n", "wrong-type", "write an object"),
        (f"name: f\nsteps:\n{STEP}  context: {{a: »010}}\n", "wrong-type", "write '010'"),
        (f"name: f\nsteps:\n{STEP}  criteria:»\n", "wrong-type", "give it a value, or leave out criteria"),
        ("name: f\nsteps: »{a: {}}\n", "wrong-type", None),
        ("»- name: f\n", "wrong-type", "write each flow to a file of its own, without the list around it"),
        (
            "name: f\ndescription: »|\n  a\nsteps: []\n",
            "line-break",
            "write |- in place of |: it drops the last line break",
        ),
        (
            "name: f\ndescription: »>\n  a\nsteps: []\n",
            "line-break",
            "write >- in place of >: it drops the last line break",
        ),
        (
            "name: f\ndescription: »|-\n  a\n  b\nsteps: []\n",
            "line-break",
            "write >- as the block's mark: it joins lines by spaces and drops the last line break",
        ),
        ('name: "a b»\\nc"\nsteps: []\n', "line-break", None),
        (
            "name: »>\n  a\n    b\nsteps: []\n",
            "line-break",
            "behind >- indent all lines alike, without an empty one between them: only such lines are joined",
        ),
        ("name: f\nsteps: »[]\n", "empty-steps", "add a step"),
        ("name: »''\nsteps: []\n", "empty-name", "give it a name"),
        (f"name: f\nsteps:\n{STEP}  »depends-on: [a]\n", "unknown-key", "did you mean dependsOn?"),
        (f"name: f\nsteps:\n{STEP}  »when: x\n", "unknown-key", "did you mean criteria?"),
        ("name: f\n»colour: red\nsteps: []\n", "unknown-key", "the keys here are name, description, steps"),
        (f"name: f\nsteps:\n{STEP}  »dependson: [a]\n", "key-case", "write dependsOn, as others read it"),
        ("»name: f\nname: g\nsteps: []\n", "duplicate-key", "leave out one of them"),
        ("name: »{{ x }}\nsteps: []\n", "unquoted-template", "write name: '{{ x }}'"),
        ("a:\n  - »{{ x }} and 'more'\n", "unquoted-template", "write - '{{ x }} and ''more'''"),
        ("a:\n»\tb: 1\n", "unreadable", "indent with spaces: YAML takes no tabs there"),
        ("a: »@b\n", "unreadable", "put the text in quotes: its first character means something to YAML"),
        (
            "a: b»: c\n",
            "unreadable",
            "put a text with a colon and a space in quotes; else look at the indentation",
        ),
        ("a: *bold»* text\n", "unreadable", "put the text in quotes: * at its beginning makes it an alias"),
        ('a: "\\»d"\n', "unreadable", "write two backslashes for one in double quotes, or use single quotes"),
        ("a: {b: ».inf}\n", "unreadable", None),
        ("name: f\nsteps: []\n»---\nname: g\n", "several-documents", "write each flow to a file of its own"),
    ],
)
def test_a_rule_points_to_the_place_and_says_what_to_write(text: str, rule: str, advice: str | None) -> None:
    finding = the_finding(text, rule)
    assert advice in (None, finding.advice)


@pytest.mark.parametrize(
    ("text", "rule", "advice"),
    [
        ('{"name": »true, "steps": []}', "wrong-type", 'write "true"'),
        ('{"name": "a»\\nb", "steps": []}', "line-break", None),
        ('{"name": "f", "steps": [],»}', "unreadable", None),
        (
            '{"name": "f",\n»// why\n"steps": []}',
            "unreadable",
            "JSON has no comments: leave it out, or write the flow in YAML",
        ),
        ("{»'name': 1}", "unreadable", None),
        ('{"name": "f"} »{}', "unreadable", "leave it out: a file holds one flow"),
        ('{"name": "NaN", "steps": »NaN}', "unreadable", None),
        ('{"name": "f", "steps": [1, »1e999]}', "unreadable", None),
        ('{"name": "a»\n"}', "unreadable", "write \\n for a line break and \\t for a tab in a text"),
        ('{"name": "»\\s"}', "unreadable", "write two backslashes for one"),
        ("»\ufeff{}", "unreadable", "the text begins with a byte order mark: save it as UTF-8 without one"),
        ("»", "unreadable", "write a flow: name and steps"),
        ('{»"name": "f", "name": "g", "steps": []}', "duplicate-key", "leave out one of them"),
    ],
)
def test_a_rule_points_to_the_place_in_json_too(text: str, rule: str, advice: str | None) -> None:
    finding = the_finding(text, rule, yaml=False)
    assert advice in (None, finding.advice)


def test_what_the_real_server_answers_is_told() -> None:
    assert "a bare 500" in the_finding("»steps: []", "missing-key").message
    assert "status 400" in the_finding(f"name: f\nsteps:\n{STEP}  id: »3\n", "wrong-type").message
    assert "status 400" in the_finding("a: »{{ b }}", "unquoted-template").message
    assert "a bare 500" in the_finding("{»a: 1}", "unreadable", yaml=False).message
    assert "status 400" in the_finding("{} »{}", "unreadable", yaml=False).message


def test_every_violation_is_found_and_not_only_the_first() -> None:
    text = "description: |\n  a\nsteps:\n- event: {}\n  dependsOn: 3\n"
    rules = [one.rule.id for one in found(text)]
    assert sorted(rules) == ["line-break", *["missing-key"] * 4, "wrong-type"]


def test_a_flow_that_is_refused_is_looked_into_all_the_same() -> None:
    text = f"name: f\nsteps:\n{STEP}  criteria: '{{{{ nonsense'\n"
    assert {one.rule.id for one in found(text.replace("name: f", "title: f"))} == {
        "missing-key",
        "template-syntax",
    }


def test_what_only_comes_of_a_refused_place_is_not_told() -> None:
    text = f"name: f\nsteps:\n{STEP}  context: {{count: 3}}\n"
    assert [one.rule.id for one in found(text)] == ["wrong-type"]
    nameless = "name: f\nsteps:\n- event: {name: E, packName: P}\n  command: {packName: Slack, input: 3}\n"
    assert [one.rule.id for one in found(nameless)] == ["missing-key"]
    unclear = "name: f\nsteps:\n- {event: 3, command: 4}\n- {id: b, dependsOn: [a], event: [], command: {}}\n"
    assert {one.rule.id for one in found(unclear)} == {"missing-key", "wrong-type"}


def test_every_example_is_clean() -> None:
    examples = sorted(example_directories()[0].parent.glob("*/*.[jy]*"))
    assert len(examples) >= 4
    texts = [FlowText(str(path), path.read_bytes(), path.suffix != ".json") for path in examples]
    assert lint(texts, own_declarations()) == []


def test_every_case_has_a_directory_of_its_own() -> None:
    cases = Path(__file__).parent / "cases"
    assert all(path.is_dir() for path in cases.iterdir())


def test_every_template_without_quotes_is_told_at_once() -> None:
    text = (
        "name: f\nsteps:\n- event: {packName: Slack, name: ReceivedMessage}\n"
        "  criteria: {{ Event.Payload.ok }}\n"
        "  command:\n    packName: Slack\n    name: SendMessage\n    input:\n"
        "      message: |\n        by: {{ Event.Payload.user }}\n\n        at: {{ Event.Payload.ts }}\n"
        "      channelId: {{ Event.Payload.channelId }}\n"
    )
    assert [(one.rule.id, one.line) for one in found(text)] == [
        ("unquoted-template", 4),
        ("unquoted-template", 13),
    ]
