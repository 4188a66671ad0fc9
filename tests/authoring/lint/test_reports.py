"""The forms of a report."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.flow_files import STDIN_NAME
from pack.authoring.lint.reports.machine import write_github, write_json, write_sarif
from pack.authoring.lint.reports.people import write_text
from pack.authoring.lint.reports.report import Report

ROOT = Path("/project")
BAD = Rule("bad-thing", Severity.ERROR, "A thing is bad.")
ODD = Rule("odd-thing", Severity.WARNING, "A thing is odd.")
NOTED = Rule("noted-thing", Severity.NOTE, "A thing is noted.")
RULES = (BAD, ODD, NOTED)


def finding(rule: Rule = BAD, file: str = "f.json", message: str = "it is bad", advice: str = "") -> Finding:
    return Finding(rule, message, advice, file, ("steps", 0), 2, 5)


def report(*findings: Finding, line: str = "0123456789") -> Report:
    return Report(findings, {one.file: ["first", line] for one in findings}, RULES, ROOT)


def test_text_has_a_line_for_the_finding_the_source_the_caret_and_the_advice() -> None:
    assert write_text(report(finding(advice="write good"))) == (
        "f.json:2:5: error: it is bad [bad-thing]\n"
        "    0123456789\n"
        "        ^\n"
        "    write good\n"
        "\n"
        "1 file checked: 1 error\n"
    )


def test_text_counts_what_was_found() -> None:
    several = report(finding(), finding(ODD, "g.json"), finding(ODD), finding(NOTED))
    assert write_text(several).splitlines()[-1] == "2 files checked: 1 error, 2 warnings, 1 note"
    assert write_text(Report((), {"f.json": []}, RULES, ROOT)) == "1 file checked: nothing found\n"


def test_text_shows_the_part_of_a_long_line_that_matters() -> None:
    one = Finding(BAD, "m", "", "f.json", (), 2, 5001)
    line, caret = write_text(report(one, line="." * 5000 + "X" + "." * 5000)).splitlines()[1:3]
    assert len(line) < 130
    assert line[caret.index("^")] == "X"


def test_text_lets_nothing_steer_the_terminal_or_break_a_line() -> None:
    evil = finding(file="a\x1b[2Jb.json", message="red\x1b[31m\nnext", advice="a\rb")
    text = write_text(report(evil, line="\tab\x1b]0;c\r"))
    assert "\x1b" not in text
    assert "\r" not in text
    first, line, caret, advice = text.splitlines()[:4]
    assert first == "a\\x1b[2Jb.json:2:5: error: red\\x1b[31m\\nnext [bad-thing]"
    assert (line, caret) == ("     ab ]0;c", "        ^")
    assert advice == "    a\\rb"


def test_text_of_a_place_behind_the_end_has_no_source_line() -> None:
    one = Finding(BAD, "m", "advice", "f.json", (), 3, 1)
    assert write_text(report(one)).splitlines()[:2] == ["f.json:3:1: error: m [bad-thing]", "    advice"]


def test_json_has_every_part_of_a_finding() -> None:
    document = json.loads(write_json(report(finding(advice="write good"))))
    assert document == {
        "version": 1,
        "findings": [
            {
                "file": "f.json",
                "line": 2,
                "column": 5,
                "severity": "error",
                "rule": "bad-thing",
                "message": "it is bad",
                "advice": "write good",
                "path": ["steps", 0],
            }
        ],
        "skipped": [],
        "summary": {"files": 1, "errors": 1, "warnings": 0, "notes": 0},
    }


@pytest.mark.parametrize(("rule", "command"), [(BAD, "error"), (ODD, "warning"), (NOTED, "notice")])
def test_github_is_given_a_command_of_the_right_level(rule: Rule, command: str) -> None:
    written = write_github(report(finding(rule)))
    assert written == f"::{command} file=f.json,line=2,col=5,title={rule.id}::it is bad\n"


def test_github_is_given_no_character_that_ends_a_property_or_a_line() -> None:
    odd = finding(file="a,b:c%.json", message="100%\r\nnext: a, b", advice="do\nit")
    assert write_github(report(odd)) == (
        "::error file=a%2Cb%3Ac%25.json,line=2,col=5,title=bad-thing::100%25%0D%0Anext: a, b%0Ado%0Ait\n"
    )


def test_github_is_told_paths_from_the_root_and_none_for_standard_input() -> None:
    written = write_github(report(finding(file="/project/sub/f.json"), finding(file=STDIN_NAME)))
    first, second = written.splitlines()
    assert first.startswith("::error file=sub/f.json,")
    assert second.startswith("::error line=2,")


def test_sarif_has_the_rules_and_points_to_them() -> None:
    document = json.loads(write_sarif(report(finding(ODD, advice="write good"), finding(NOTED))))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    driver = run["tool"]["driver"]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in driver["rules"]] == [
        ("bad-thing", "error"),
        ("odd-thing", "warning"),
        ("noted-thing", "note"),
    ]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][0]["message"]["text"] == "it is bad\nwrite good"
    assert run["results"][0]["level"] == "warning"
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 5}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("f.json", "f.json"),
        ("./sub/../f.json", "f.json"),
        ("/project/f.json", "f.json"),
        ("a b/ü%?#:.json", "a%20b/%C3%BC%25%3F%23%3A.json"),
        ("bad\udcff.json", "bad%FF.json"),
        ("../f g.json", "file:///f%20g.json"),
        (STDIN_NAME, "stdin"),
    ],
)
def test_sarif_names_files_by_uris_from_the_root(file: str, uri: str) -> None:
    [run] = json.loads(write_sarif(report(finding(file=file))))["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri
    assert unquote(uri).isprintable() or "\ufffd" in unquote(uri)
