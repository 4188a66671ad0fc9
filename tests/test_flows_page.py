"""``docs/flows.md``: every example on it does what it says, and nothing of the language is left out.

In a table, what a column headed ``template`` or ``example`` holds is rendered, and has to print what stands
in the next column headed ``prints``; so with ``criteria`` and ``the step``, and with ``in YAML`` and ``is``.
Blocks of code that have steps are flows. What the examples see stands on the page too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pack.authoring.lint.declared.declarations import Declarations, own_pack
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.linter import lint
from pack.authoring.schema.flow import flow_schema
from pack.flowlang import NotABool, Renderer, TemplateRuntimeError, TemplateSyntaxError
from pack.flowlang.filters import FILTERS
from pack.flowlang.functions import BUILT_IN
from pack.flowlang.tag_table import TAGS
from pack.flows.go_json import FormatError, decode_json
from pack.flows.reading import read_flow
from pack.flows.yaml_in import decode_yaml
from tests.clock import FakeClock

PAGE = (Path(__file__).parents[1] / "docs" / "flows.md").read_text("utf-8")

NOTHING, FAILS, UNREADABLE = "*nothing*", "*skips the step*", "*cannot be read*"
TEMPLATES = ("template", "example")
CELL_END = re.compile(r"(?<!\\)\|")
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)


@dataclass(frozen=True)
class Table:
    """One table: its line on the page, what its columns are headed, and its rows."""

    line: int
    heads: list[str]
    rows: list[list[str]]

    def pairs(self, head: str, answer: str) -> Iterator[tuple[str, str]]:
        """Yield each cell under one head with that of the next column headed ``answer``."""
        for row in self.rows:
            for place, name in enumerate(self.heads):
                if name == head:
                    yield row[place], row[self.heads.index(answer, place)]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in CELL_END.split(line)[1:-1]]


def read_tables(page: str) -> Iterator[Table]:
    lines = page.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("|--"):
            rows = [cells(row) for row in takewhile(lambda row: row.startswith("|"), lines[number + 1 :])]
            heads = cells(lines[number - 1])
            assert all(len(row) == len(heads) for row in rows), f"line {number}: a row of another length"
            yield Table(number, heads, rows)


def code(cell: str) -> str:
    """Return the text of a cell that is one piece of code; ⏎ stands for the end of a line."""
    assert re.fullmatch(r"`[^`]+`", cell), f"{cell} is no code"
    return cell[1:-1].replace(r"\|", "|").replace("⏎", "\n")


def named_block(name: str) -> Any:
    """Return the JSON that follows a remark such as ``<!-- the event -->``."""
    return json.loads(PAGE.split(f"<!-- {name} -->\n```json\n")[1].split("\n```")[0])


DATASTORE = named_block("the datastore")


def datastore(key: str) -> object:
    return DATASTORE[key]


def renderer() -> Renderer:
    event = named_block("the event")
    scope = {
        "Event": {
            "Name": event["event"],
            "Payload": event["payload"],
            "CreatedAt": event["createdAt"],
            "Pack": named_block("the pack"),
        },
        "Context": named_block("the context"),
    }
    return Renderer(scope, {"datastore": datastore}, clock=FakeClock())


def printed(template: str) -> str:
    """Return what a cell headed ``prints`` has to say about a template."""
    try:
        text = renderer().text(template)
    except TemplateSyntaxError:
        return UNREADABLE
    except TemplateRuntimeError:
        return FAILS
    return f"`{text}`" if text else NOTHING


def decided(template: str) -> str:
    """Return what a cell headed ``the step`` has to say about a criteria."""
    try:
        return "runs" if renderer().criterion(template) else "does not run"
    except (NotABool, TemplateRuntimeError, TemplateSyntaxError):
        return "is skipped: an error"


TABLES = list(read_tables(PAGE))
EXAMPLES = [
    (template, answer)
    for table in TABLES
    for head in TEMPLATES
    for template, answer in table.pairs(head, "prints")
]
YAML = [pair for table in TABLES for pair in table.pairs("in YAML", "is")]
CRITERIA = [pair for table in TABLES for pair in table.pairs("criteria", "the step")]


@pytest.mark.parametrize(("template", "answer"), EXAMPLES)
def test_an_example_prints_what_the_page_says(template: str, answer: str) -> None:
    shown = answer if answer.startswith("*") else f"`{code(answer)}`"
    assert printed(code(template)) == shown


@pytest.mark.parametrize(("template", "answer"), CRITERIA)
def test_a_criteria_decides_as_the_page_says(template: str, answer: str) -> None:
    assert decided(code(template)) == answer


@pytest.mark.parametrize(("written", "answer"), YAML)
def test_yaml_is_what_the_page_says(written: str, answer: str) -> None:
    if answer == "*refused*":
        with pytest.raises(FormatError):
            decode_yaml(b"x: " + code(written).encode())
    else:
        assert decode_yaml(b"x: " + code(written).encode()) == {"x": json.loads(code(answer))}


def test_a_wrong_answer_would_be_found() -> None:
    """The tables above are read as they should be: a page of one row, right and wrong."""
    page = "| template | prints |\n|---|---|\n| `{{ 'a'\\|upper }}` | `A` |\n| `{{ 1 / 0 }}` | *nothing* |\n"
    (table,) = read_tables(page)
    (right, wrong) = table.pairs("template", "prints")
    assert printed(code(right[0])) == right[1]
    assert printed(code(wrong[0])) == FAILS != wrong[1]


def found_by_lint(text: bytes, *, yaml: bool) -> list[str]:
    """Return what the linter says of a flow, when this pack alone is known."""
    own = own_pack()
    findings = lint([FlowText("flows.md", text, yaml)], Declarations({own.name: own}))
    return [f"{finding.rule.id}: {finding.message}" for finding in findings]


def recommended() -> list[str]:
    """Return what the page says is the way to write it right."""
    (table,) = (table for table in TABLES if table.heads.count("template") == 2)
    return [code(row[2]) for row in table.rows]


@pytest.mark.parametrize("template", recommended())
def test_the_linter_has_nothing_against_what_the_page_recommends(template: str) -> None:
    flow = {
        "name": "recommended",
        "steps": [
            {
                "event": {"packName": "Deployer", "name": "DeploymentFinished"},
                "context": dict.fromkeys(named_block("the context"), "x"),
                "command": {"packName": "Slack", "name": "Broadcast", "input": {"message": template}},
            }
        ],
    }
    assert not found_by_lint(json.dumps(flow).encode(), yaml=False)


def first_column(head: str) -> set[str]:
    return {code(row[0]) for table in TABLES if table.heads[0] == head for row in table.rows}


@pytest.mark.parametrize(
    ("head", "table", "more"),
    [
        ("filter", FILTERS, set()),
        ("function", BUILT_IN, {"datastore"}),
        ("tag", TAGS, {"verbatim"}),
    ],
)
def test_every_filter_function_and_tag_has_its_row(
    head: str, table: Mapping[str, object], more: set[str]
) -> None:
    assert first_column(head) == set(table) | more


# --- flows ------------------------------------------------------------------------------------------------


def flows() -> Iterator[Any]:
    for block in BLOCK.finditer(PAGE):
        if block["kind"] in ("json", "yaml") and "steps" in block["text"]:
            line = PAGE.count("\n", 0, block.start()) + 1
            yield pytest.param(block["kind"] == "yaml", block["text"].encode(), id=f"line {line}")


FLOWS = list(flows())


@pytest.mark.parametrize(("yaml", "text"), FLOWS)
def test_a_flow_on_the_page_is_one(yaml: bool, text: bytes) -> None:
    flow = read_flow(text, yaml=yaml, uuid="1")
    assert flow.steps
    value = decode_yaml(text) if yaml else decode_json(text, whole=True)
    assert not list(Draft202012Validator(flow_schema()).iter_errors(value))
    assert not found_by_lint(text, yaml=yaml)


def test_there_are_flows_and_examples_on_the_page() -> None:
    assert len(FLOWS) >= 3
    assert len(EXAMPLES) >= 150
    assert len(CRITERIA) >= 10
