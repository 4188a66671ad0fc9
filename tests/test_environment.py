"""The script behind `make run` and `make test`, on machines that lack things.

The script is run as it is, with a PATH that holds nothing but what the machine of the test has: Pythons and
apt-get are small programs there that write down how they were called.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.imports import ROOT

TOOLS = ("sh", "cat", "chmod", "cksum", "cp", "dirname", "head", "mkdir", "rm", "touch")

PYTHON = """#!/bin/sh
echo "python $*" >>"$MACHINE/calls"
case "$*" in
    *version_info*) echo {version} ;;
    *"import ensurepip, venv"*) [ -e "$MACHINE/venv-package" ] ;;
    "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"pip install"*) [ ! -e "$MACHINE/offline" ] ;;
esac
"""

APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$MACHINE/calls"
case "$*" in
    install*) [ -e "$MACHINE/offline" ] || touch "$MACHINE/venv-package" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A directory with the programs of a machine, and a clone."""

    place: Path

    @property
    def clone(self) -> Path:
        return self.place / "clone"

    def has_program(self, name: str, text: str) -> None:
        program = self.place / "bin" / name
        program.write_text(text)
        program.chmod(0o755)

    def has(self, name: str) -> None:
        (self.place / name).touch()

    def make_environment(
        self, which: str = "dev", *, clone: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.place / "bin" / "sh", (clone or self.clone) / "scripts" / "environment", which],
            env={"PATH": str(self.place / "bin"), "MACHINE": str(self.place), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def calls(self, word: str) -> list[str]:
        """Return the calls since the last question that contain a word, and forget all of them."""
        log = self.place / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if word in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian with make and a Python 3.12 that can make environments; the user is not root."""
    machine = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    machine.has_program("python3", PYTHON.format(version="3.12"))
    machine.has_program("apt-get", APT_GET)
    machine.has_program("id", "#!/bin/sh\necho 1000\n")
    machine.has("venv-package")
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, machine.clone / name)
    shutil.copy(ROOT / "pyproject.toml", machine.clone)
    return machine


def test_locked_requirements_are_installed_once(machine: Machine) -> None:
    assert machine.make_environment().returncode == 0
    assert [call.partition("pip install ")[2] for call in machine.calls("pip install")] == [
        "--quiet --no-input --require-hashes -r requirements/dev.txt",
        "--quiet --no-input --no-deps --no-build-isolation --editable .",
    ]
    again = machine.make_environment()
    assert (again.returncode, again.stderr, machine.calls("pip")) == (0, "", [])


def test_what_the_tests_need_is_enough_for_the_sandbox_but_not_the_other_way_round(machine: Machine) -> None:
    machine.make_environment("sandbox")
    assert "-r requirements/build.txt -r requirements/sandbox.txt" in machine.calls("--require-hashes")[0]
    machine.make_environment("dev")
    assert machine.calls("requirements/dev.txt")
    machine.make_environment("sandbox")
    assert not machine.calls("pip install")


def test_a_changed_lock_file_is_installed_into_the_same_environment(machine: Machine) -> None:
    machine.make_environment()
    machine.calls("")
    with (machine.clone / "requirements" / "dev.txt").open("a") as lock:
        lock.write("# changed\n")
    assert machine.make_environment().returncode == 0
    calls = machine.calls("python -m")
    assert not [call for call in calls if "venv" in call]
    assert [call for call in calls if "requirements/dev.txt" in call]


def test_a_clone_that_was_moved_gets_a_new_environment(machine: Machine) -> None:
    machine.make_environment()
    machine.calls("")
    moved = machine.clone.rename(machine.place / "elsewhere")
    assert machine.make_environment(clone=moved).returncode == 0
    assert machine.calls("-m venv --clear .venv")


def test_an_installation_that_failed_is_done_again(machine: Machine) -> None:
    machine.has("offline")
    failed = machine.make_environment()
    assert failed.returncode == 1
    assert "pip could not install" in failed.stderr
    (machine.place / "offline").unlink()
    machine.calls("")
    assert machine.make_environment().returncode == 0
    assert len(machine.calls("pip install")) == 2


def test_an_old_python_is_named_with_what_to_install(machine: Machine) -> None:
    machine.has_program("python3", PYTHON.format(version="3.9"))
    result = machine.make_environment()
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "python3 is 3.9" in result.stderr
    assert "PYTHON=" in result.stderr
    assert not machine.calls("pip")


def test_a_newer_python_beside_an_old_one_is_found(machine: Machine) -> None:
    machine.has_program("python3", PYTHON.format(version="3.9"))
    machine.has_program("python3.14", "#!/bin/sh\nexit 127\n")
    machine.has_program("python3.13", PYTHON.format(version="3.13"))
    result = machine.make_environment()
    assert result.returncode == 0
    assert "with Python 3.13" in result.stderr


def test_the_named_python_is_used(machine: Machine) -> None:
    machine.has_program("my-python", PYTHON.format(version="3.14"))
    result = machine.make_environment(PYTHON=str(machine.place / "bin" / "my-python"))
    assert result.returncode == 0
    assert "with Python 3.14" in result.stderr


def test_without_any_python_the_message_says_so(machine: Machine) -> None:
    (machine.place / "bin" / "python3").unlink()
    result = machine.make_environment()
    assert result.returncode == 1
    assert "None was found" in result.stderr


def test_a_user_is_told_the_package_that_makes_environments(machine: Machine) -> None:
    (machine.place / "venv-package").unlink()
    result = machine.make_environment()
    assert result.returncode == 1
    assert "apt-get install python3.12-venv" in result.stderr
    assert not machine.calls("apt-get")


def test_root_gets_the_package_installed(machine: Machine) -> None:
    (machine.place / "venv-package").unlink()
    machine.has_program("id", "#!/bin/sh\necho 0\n")
    assert machine.make_environment().returncode == 0
    update, install = machine.calls("apt-get")
    assert "update" in update
    assert install.endswith("python3.12-venv")
    assert machine.make_environment().returncode == 0


def test_a_package_that_cannot_be_installed_is_named(machine: Machine) -> None:
    (machine.place / "venv-package").unlink()
    machine.has("offline")
    machine.has_program("id", "#!/bin/sh\necho 0\n")
    result = machine.make_environment()
    assert result.returncode == 1
    assert "python3.12-venv" in result.stderr.splitlines()[-1]


def test_a_system_without_apt_gets_a_message_of_its_own(machine: Machine) -> None:
    (machine.place / "venv-package").unlink()
    (machine.place / "bin" / "apt-get").unlink()
    result = machine.make_environment()
    assert result.returncode == 1
    assert "venv and ensurepip are missing" in result.stderr


def test_an_unknown_set_is_refused(machine: Machine) -> None:
    result = machine.make_environment("everything")
    assert result.returncode == 1
    assert "sandbox and dev" in result.stderr
