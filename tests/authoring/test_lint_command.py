"""``flyte-slack lint``: what it checks, what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pack.authoring.lint.flow_files import LARGEST_FILE
from pack.authoring.lint.registry import RULES
from pack.cli import app
from tests.privileges import unprivileged

STEP = {
    "id": "greet",
    "event": {"packName": "Slack", "name": "ReceivedMessage"},
    "command": {"packName": "Slack", "name": "JoinChannel", "input": {"channelId": "C1"}},
}
CLEAN = {"name": "clean", "steps": [STEP]}
WARNED = {"name": "warned", "colour": "red", "steps": [STEP]}
BROKEN = {"name": "broken"}


def lint(*arguments: object, stdin: str | bytes | None = None, **environment: str | None) -> Any:
    unset = dict.fromkeys(("PACK_NAME", "FLYTE_JWT", "FLYTE_JWT_FILE", "NO_COLOR"))
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, ["lint", *given], input=stdin, env={**unset, **environment})


def rules(result: Any) -> list[str]:
    return [finding["rule"] for finding in json.loads(result.stdout)["findings"]]


@pytest.fixture
def flow(tmp_path: Path) -> Any:
    def write(value: object, name: str = "flow.json") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = value if isinstance(value, bytes | str) else json.dumps(value)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("value", "options", "code"),
    [
        (CLEAN, (), 0),
        (WARNED, (), 0),
        (WARNED, ("--strict",), 1),
        (WARNED, ("--strict", "--ignore", "unknown-key"), 0),
        (BROKEN, (), 1),
        (BROKEN, ("--ignore", "missing-key"), 0),
        (BROKEN, ("--ignore", "unknown-key"), 1),
        ("{", (), 1),
    ],
)
def test_the_exit_code_tells_errors_and_when_strict_warnings(
    flow: Any, value: object, options: tuple[str, ...], code: int
) -> None:
    assert lint(flow(value), *options).exit_code == code


def test_a_finding_is_shown_with_its_line_a_caret_and_advice(flow: Any) -> None:
    path = flow(
        "name: f\nsteps:\n- event: {packName: Slack, name: ReceivedMessage}\n  comand: {}\n", "f.yaml"
    )
    assert lint(path).stdout == (
        f"{path}:4:3: error: steps.0 has no command: Flyte refuses the flow with a bare 500 [missing-key]\n"
        "      comand: {}\n"
        "      ^\n"
        "    write command in place of comand\n"
        "\n"
        "1 file checked: 1 error\n"
    )


def test_files_are_told_by_name_and_findings_by_place(flow: Any) -> None:
    second, first = flow({"name": 1, "steps": 2}, "b.json"), flow({"steps": 2}, "a.json")
    found = json.loads(lint(second, first, "--format", "json").stdout)["findings"]
    assert [(one["file"], one["rule"], one["column"]) for one in found] == [
        (str(first), "missing-key", 1),
        (str(first), "wrong-type", 11),
        (str(second), "wrong-type", 10),
        (str(second), "wrong-type", 22),
    ]


def test_directories_are_searched_and_what_is_no_flow_is_passed_over(flow: Any, tmp_path: Path) -> None:
    flow(CLEAN, "flows/deep/one.json")
    flow("name: two\nsteps: []\n", "flows/two.yml")
    flow("steps: [", "flows/three.yaml")
    flow(CLEAN, "flows/.hidden/four.json")
    flow(CLEAN, "flows/five.txt")
    flow({"compilerOptions": {}}, "flows/tsconfig.json")
    flow("// no JSON", "flows/notes.json")
    result = lint(tmp_path / "flows", "--format", "json")
    assert rules(result) == ["unreadable", "empty-steps"]
    assert json.loads(result.stdout)["summary"]["files"] == 3
    skipped = result.stderr.splitlines()
    assert [Path(line.split(":")[0]).name for line in skipped] == ["notes.json", "tsconfig.json"]
    assert all("skipped" in line for line in skipped)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "x", "stpes": [STEP]},
        {"name": "x", "step": [STEP]},
        {"name": "x", "tasks": [STEP]},
        {"name": "x", "event": {}, "command": {}},
    ],
)
def test_what_seems_to_be_meant_as_a_flow_is_no_other_file(flow: Any, tmp_path: Path, value: Any) -> None:
    flow(value, "flows/a.json")
    flow({"name": "Build", "jobs": {"a": {"steps": []}}, "stages": ["a"]}, "flows/ci.json")
    flow({"name": "pack", "specs": ["a"], "setup": []}, "flows/package.json")
    result = lint(tmp_path / "flows", "--format", "json")
    assert "missing-key" in rules(result)
    report = json.loads(result.stdout)
    assert [Path(path).name for path in report["skipped"]] == ["ci.json", "package.json"]
    assert report["summary"]["files"] == 1


def test_a_directory_that_cannot_be_looked_into_is_told() -> None:
    with tempfile.TemporaryDirectory() as directory:
        flows = Path(directory) / "flows"
        closed = flows / "closed"
        closed.mkdir(parents=True)
        (flows / "good.json").write_text(json.dumps(CLEAN))
        assert lint(flows).exit_code == 0
        Path(directory).chmod(0o755)
        closed.chmod(0)
        for path in (closed, flows):
            with unprivileged():
                result = lint(path)
            assert result.exit_code == 2
            assert result.stderr == f"{closed}: cannot be read: Permission denied\n"
        closed.chmod(0o700)


def test_a_pipe_is_read_unless_nobody_writes_to_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = lint(pipe)
    assert result.exit_code == 2
    assert result.stderr == f"{pipe}: cannot be read: it is a pipe, and nobody writes to it\n"
    command = ["sh", "-c", 'printf "$1" > "$2"', "sh", json.dumps(CLEAN), str(pipe)]
    with subprocess.Popen(command) as writer:
        assert lint(pipe).stdout == "1 file checked: nothing found\n"
        assert writer.wait() == 0


def test_what_is_named_is_checked_even_if_it_is_no_flow(flow: Any) -> None:
    assert rules(lint(flow({"compilerOptions": {}}), "--format", "json")) == [
        "missing-key",
        "missing-key",
        "unknown-key",
    ]


def test_a_file_is_checked_once_however_often_it_is_named(flow: Any, tmp_path: Path) -> None:
    path = flow(CLEAN)
    result = lint(path, tmp_path, path.parent / "." / path.name, tmp_path / ".." / tmp_path.name / path.name)
    assert result.stdout == "1 file checked: nothing found\n"


def test_a_name_that_does_not_tell_the_language_is_no_hindrance(flow: Any) -> None:
    assert lint(flow(CLEAN, "flow")).exit_code == 0
    assert lint(flow("name: f\nsteps: []\n", "flow.txt")).exit_code == 0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"name": "x", "steps": 1}', "wrong-type"),
        ("\n{", "unreadable"),
        ("[]", "wrong-type"),
        ("name: x\nsteps: 1\n", "wrong-type"),
        ("{name: x, steps: 1}", "wrong-type"),
        ("", "wrong-type"),
    ],
)
def test_standard_input_may_be_json_or_yaml(text: str, rule: str) -> None:
    result = lint("-", "--format", "json", stdin=text)
    assert rules(result) == [rule]
    assert json.loads(result.stdout)["findings"][0]["file"] == "<stdin>"


def test_flows_of_one_name_are_told_across_files(flow: Any) -> None:
    result = lint(flow(CLEAN, "a.json"), flow(CLEAN, "b.json"), flow(WARNED, "c.json"), "--format", "json")
    assert rules(result) == ["same-flow", "unknown-key"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\xff" * 100,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{a: " * 30_000,
        b"- " * 100_000,
        b"&a [*a]",
        b"\xff\xfe{\x00}\x00",
        b"\x89PNG\r\n\x1a\n",
        b"a: " + b"x" * 300_000,
        b'{"name": ' + b"9" * 5000 + b"}",
        b"%YAML 9.9\n---\na: 1\n",
        b"name: !!binary x\n",
        b"steps: [{event: {<<: 1}}]",
    ],
    ids=lambda data: repr(data[:12]),
)
@pytest.mark.parametrize("name", ["f.json", "f.yaml", "f"])
def test_no_bytes_are_too_odd_to_be_told_of(flow: Any, data: bytes, name: str) -> None:
    result = lint(flow(data, name), "--format", "json")
    assert result.exit_code == 1, result.output
    assert {"unreadable", "missing-key", "wrong-type"} & set(rules(result))


def test_what_cannot_be_read_is_said_and_the_rest_is_checked(flow: Any, tmp_path: Path) -> None:
    large = flow(b" " * (LARGEST_FILE + 1), "large.json")
    (tmp_path / "empty").mkdir()
    result = lint(flow(BROKEN), tmp_path / "none", large, tmp_path / "empty")
    assert result.exit_code == 2
    assert "[missing-key]" in result.stdout
    none, too_large, empty = result.stderr.splitlines()
    assert none == f"{tmp_path / 'none'}: cannot be read: No such file or directory"
    assert too_large.startswith(f"{large}: larger than ")
    assert empty == f"{tmp_path / 'empty'}: no *.json, *.yaml or *.yml file in there"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to check"),
        (("flow.json", "--ignore", "nonsense"), "--ignore nonsense: there is no such rule"),
        (("flow.json", "--pack", "none.json"), "none.json"),
        (("flow.json", "--format", "xml"), "xml"),
    ],
)
def test_an_option_that_cannot_be_used_is_explained(arguments: tuple[str, ...], said: str) -> None:
    result = lint(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_other_packs_are_known_from_files(flow: Any) -> None:
    path = flow({"name": "other", "steps": [{**STEP, "command": {"packName": "Jira", "name": "Opne"}}]})
    pack = flow({"name": "Jira", "commands": [{"name": "Open", "events": []}], "events": []}, "pack.json")
    assert "unknown-command" not in rules(lint(path, "--format", "json"))
    assert "unknown-command" in rules(lint(path, "--pack", pack, "--format", "json"))


def test_all_rules_are_listed_with_what_they_find() -> None:
    lines = lint("--rules").stdout.splitlines()
    assert len(lines) == len(RULES)
    for rule, line in zip(RULES, lines, strict=True):
        assert line.split()[:2] == [rule.id, rule.severity.value]
        assert line.endswith(rule.summary)


@pytest.mark.slow
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colours_unless_it_wants_none(flow: Any, no_color: str, coloured: bool) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pack", "lint", str(flow(BROKEN))]
    environment = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    done = subprocess.run(
        command, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False, timeout=60
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 1
    assert ("\x1b[" in shown) is coloured
    assert "[missing-key]" in shown


@pytest.mark.slow
def test_a_terminal_that_cannot_show_a_letter_is_given_its_number(flow: Any) -> None:
    path = flow("name: f\nsteps: []\nfürwahr: 1\n", "f.yaml")
    command = [sys.executable, "-m", "pack", "lint", str(path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert b"f\\xfcrwahr" in done.stdout
