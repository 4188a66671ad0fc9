"""The rules that hold for the project's files: tests without patching, locked requirements, nothing local."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.imports import ROOT, sources

LOCKS = ("build", "run", "sandbox", "dev")

MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(?:work|root|home|Users)/\w")
"""A path of somebody's machine. Paths that every Linux has (such as /tmp) are fine."""

REGISTRY = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host", re.I)
"""What would tie a file to one package registry."""

LEFT_BEHIND = {".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}


def tracked_files() -> list[Path]:
    """The files of the repository; without git (an unpacked archive) those that no tool left behind."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return [path for path in found if not LEFT_BEHIND & set(path.parts)]
    return [path for name in listed.split("\0") if name and (path := Path(name)) and (ROOT / path).is_file()]


def lines_with(pattern: re.Pattern[str], *, but: frozenset[Path] = frozenset()) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        if path not in but
        for number, line in enumerate((ROOT / path).read_text("utf-8", "replace").splitlines(), 1)
        if pattern.search(line)
    ]


def patching_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every way in which a test could replace a part of the program, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if re.match(r"(unittest\.)?mock\b", module):
                yield node.lineno, f"imports {module}"
            case ast.ImportFrom(module="unittest", names=names) if any(name.name == "mock" for name in names):
                yield node.lineno, "imports unittest.mock"
            case ast.Import(names=names) if any(
                re.match(r"(unittest\.)?mock\b", name.name) for name in names
            ):
                yield node.lineno, "imports mock"
            case ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr" | "delattr" | "setitem"):
                yield node.lineno, f"monkeypatch.{node.attr}"
            case ast.arg(arg="mocker"):
                yield node.lineno, "mocker"
            case ast.Call(func=ast.Name(id="patch")):
                yield node.lineno, "patch("


def test_no_test_replaces_a_part_of_the_program() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, what in patching_in(ast.parse(path.read_text("utf-8")))
    ]
    assert not found, "use a real server, a fake clock, or an argument:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "from unittest import mock",
        "from unittest.mock import AsyncMock",
        "import unittest.mock as m",
        "import mock",
        "def test(monkeypatch): monkeypatch.setattr(time, 'sleep', 1)",
        "def test(mocker): pass",
        "@patch('pack.app.run')\ndef test(): pass",
    ],
)
def test_every_way_to_patch_is_recognized(source: str) -> None:
    assert list(patching_in(ast.parse(source)))


def test_only_the_command_line_prints() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in sources()
        if path != Path("pack/cli.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found, "log it, or return it to the command line:\n" + "\n".join(found)


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = lines_with(MACHINE_PATH)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", ["work", "root", "home/somebody", "Users/somebody"])
def test_a_path_of_somebodys_machine_is_recognized(place: str) -> None:
    assert MACHINE_PATH.search(f"see /{place}/project/notes.md")
    assert not MACHINE_PATH.search(f"https://example.com/{place}/project")


def test_no_file_names_a_package_registry() -> None:
    found = lines_with(REGISTRY, but=frozenset({Path("tests/test_project.py")}))
    assert not found, "where packages come from is a setting of the machine:\n" + "\n".join(found)


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_file_carries_an_address(name: str) -> None:
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


def locked(name: str) -> dict[str, tuple[Requirement, list[str]]]:
    """Read a lock file: the requirement and its hashes by the package's name."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            found[Requirement(requirement).name] = (Requirement(requirement), hashes)
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_one_version_and_the_hashes_of_every_package(name: str) -> None:
    packages = locked(name)
    assert packages
    for requirement, hashes in packages.values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert requirement.url is None, requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


def test_the_lock_files_agree() -> None:
    everything = {name: requirement for name, (requirement, _) in locked("dev").items()}
    for lock in ("build", "run", "sandbox"):
        for name, (requirement, _) in locked(lock).items():
            assert requirement.specifier == everything[name].specifier, f"{name} in requirements/{lock}.txt"


@pytest.mark.parametrize(
    ("lock", "extras"), [("run", []), ("sandbox", ["sandbox"]), ("dev", ["sandbox", "dev"]), ("build", None)]
)
def test_a_lock_file_fits_the_declared_dependencies(lock: str, extras: list[str] | None) -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = document["project"]
    declared = document["build-system"]["requires"]
    if extras is not None:
        optional = [entry for extra in extras for entry in project["optional-dependencies"][extra]]
        declared = project["dependencies"] + optional
    packages = locked(lock)
    for requirement in map(Requirement, declared):
        if requirement.name == project["name"]:
            continue
        assert requirement.name.lower().replace("_", "-") in packages, f"{requirement}: run `make lock`"
        version = next(iter(packages[requirement.name.lower().replace("_", "-")][0].specifier)).version
        assert requirement.specifier.contains(version, prereleases=True), f"{requirement}: run `make lock`"


def test_the_image_gets_nothing_that_only_tests_need() -> None:
    assert not {"pytest", "mypy", "ruff", "hatchling", "pyyaml", "google-re2"} & locked("run").keys()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "set -", "cd "))
    ]
    assert commands == ["make test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make run" in readme
    assert "make test" in readme
