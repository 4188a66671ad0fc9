"""The container image's recipe: what the Dockerfile promises whoever runs the image."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pack.cli import app
from pack.settings import Settings
from tests.imports import ROOT


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile: its word, and the rest with continued lines joined."""

    word: str
    rest: str


def stages() -> list[list[Instruction]]:
    """Read the Dockerfile: the instructions of every stage, each beginning with its FROM."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    instructions = [
        Instruction(word.upper(), " ".join(rest.split()))
        for word, _, rest in (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    ]
    found: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.word == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def final(word: str) -> list[str]:
    """Return what stands behind a word in the stage that becomes the image."""
    return [instruction.rest for instruction in stages()[-1] if instruction.word == word]


def test_the_process_is_started_without_a_shell_so_that_signals_reach_it() -> None:
    assert [json.loads(rest) for rest in final("ENTRYPOINT")] == [["flyte-slack"]]
    assert [json.loads(rest) for rest in final("CMD")] == [["run"]]


def test_the_health_check_asks_the_pack_without_a_shell() -> None:
    (check,) = final("HEALTHCHECK")
    options, _, command = check.partition(" CMD ")
    assert json.loads(command) == ["flyte-slack", "health"]
    assert {"--interval", "--timeout", "--start-period"} <= {part.split("=")[0] for part in options.split()}


def test_the_commands_of_the_image_exist() -> None:
    known = {
        str(command.name or getattr(command.callback, "__name__", "")) for command in app.registered_commands
    }
    assert {"run", "health", "version"} <= known


def test_the_image_runs_without_privileges_in_the_root_group() -> None:
    user, _, group = final("USER")[-1].partition(":")
    assert int(user) >= 10000
    assert group == "0"


def test_every_user_can_write_to_the_default_backup_directory() -> None:
    (command,) = final("RUN")
    assert "mkdir --mode=0777 /tmp/flyte-slack /flyte-slack" in command
    assert not [rest for rest in final("ENV") if "FLYTE_SLACK" in rest or "TMPDIR" in rest]


def test_the_exposed_port_is_the_health_port() -> None:
    assert final("EXPOSE") == [str(Settings.model_fields["health_port"].default)]


def test_output_is_not_held_back() -> None:
    assert any("PYTHONUNBUFFERED=1" in rest for rest in final("ENV"))


def test_only_the_finished_environment_goes_into_the_image() -> None:
    assert len(stages()) == 2
    assert final("COPY") == ["--from=build /opt/flyte-slack /opt/flyte-slack"]
    assert not [rest for rest in final("RUN") if "pip" in rest or "apt" in rest]


def test_everything_that_is_installed_is_locked() -> None:
    commands = [
        part.strip()
        for instruction in stages()[0]
        if instruction.word == "RUN"
        for part in instruction.rest.split("&&")
    ]
    installs = [command for command in commands if re.search(r"pip .*install|pip wheel", command)]
    assert len(installs) == 4
    for command in installs:
        assert ("--require-hashes" in command) != ("--no-deps" in command), command


def test_both_stages_use_one_slim_python() -> None:
    bases = {stage[0].rest.split(" ")[0] for stage in stages()}
    assert bases == {"python:${PYTHON_VERSION}-slim"}


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    copied = [
        name
        for instruction in stages()[0]
        if instruction.word == "COPY"
        for name in instruction.rest.split(" ")[:-1]
    ]
    assert {"pack/", "requirements/", "pyproject.toml"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
