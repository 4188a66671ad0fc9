"""Files that cannot be the state of an engine: each is refused with the reason, and left as it is."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pack.errors import SettingsError
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.engine.model import Pack
from pack.sandbox.engine.state import State
from tests.clock import FakeClock
from tests.privileges import NOBODY, unprivileged
from tests.sandbox.engine.test_flows import flow_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state"


def change(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def make(file: Path, *statements: str) -> None:
    """Make a state with a pack and a flow, and change it."""
    state = State(FakeClock(), file)
    state.packs.put(Pack("P", {}, (), (), (), FakeClock().now()))
    state.flows.put(flow_of("f", "Src.Happened"))
    state.close()
    change(file, *statements)


def make_truncated(file: Path) -> None:
    make(file)
    os.truncate(file, 20_000)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda file: make(file, "PRAGMA user_version = 99"),
            "it is of version 99, and this flyte-slack knows versions up to 2 only: .* use that, or name",
        ),
        (
            lambda file: make(file, "PRAGMA user_version = 0"),
            "its version is 0, which no flyte-slack wrote; name another file",
        ),
        (make_truncated, "it cannot be used: database disk image is malformed"),
        (lambda file: make(file, "UPDATE packs SET document = 'x'"), "it cannot be used: .* is damaged"),
        (lambda file: make(file, "UPDATE packs SET document = '[1, 2, 3, 4, 5]'"), "it cannot be used: .*"),
        (lambda file: make(file, "UPDATE packs SET last_seen = 1 << 62"), "it cannot be used: .* is damaged"),
        (lambda file: make(file, "UPDATE flows SET document = '[1]'"), "it cannot be used: .* is damaged"),
        (lambda file: make(file, "DROP TABLE packs"), "it cannot be used: no such table: packs; name"),
        (lambda file: file.write_text("text\n" * 200), "it is no SQLite file"),
        (lambda file: change(file, "CREATE TABLE theirs (a)"), "it is a database of another program"),
        (lambda file: change(file, "PRAGMA application_id = 7"), "it is a database of another program"),
        (lambda file: change(file, "PRAGMA user_version = 1"), "it is a database of another program"),
        (lambda file: file.mkdir(), "it is a directory"),
        (lambda file: os.mkfifo(file), "it is no regular file"),
        (lambda file: file.symlink_to(file), "it cannot be used: Too many levels of symbolic links; name"),
        (lambda file: file.symlink_to("none/state"), "the directory .*none does not exist; make it"),
        (lambda file: file.with_name("state-wal").mkdir(), "SQLite needs .*state-wal beside it, which is no"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason_and_left_as_it_is(
    make: Callable[[Path], object], reason: str, file: Path
) -> None:
    make(file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(SettingsError, match=f"--state {file}: {reason}"):
        EmbeddedEngine(state=file)
    assert (file.read_bytes() if file.is_file() else None) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/state", "the directory .*none does not exist; make it"),
        ("x" * 300, "it cannot be used: File name too long; name another file"),
        ("x" * 253, "it cannot be used: File name too long; name another file"),
    ],
)
def test_a_file_that_cannot_be_made_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=reason):
        EmbeddedEngine(state=tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o400, 0o200, 0o000])
def test_a_file_that_this_user_may_not_read_and_write_is_refused(mode: int) -> None:
    with tempfile.TemporaryDirectory() as directory, unprivileged_in(Path(directory)) as file:
        file.touch(mode)
        with pytest.raises(SettingsError, match=f"this user may not read and write {file}"):
            EmbeddedEngine(state=file)


def test_a_directory_that_this_user_may_not_write_is_refused() -> None:
    with tempfile.TemporaryDirectory() as directory, unprivileged_in(Path(directory)) as file:
        file.parent.chmod(0o500)
        with pytest.raises(SettingsError, match=f"this user may not read and write {file.parent}"):
            EmbeddedEngine(state=file)


@contextmanager
def unprivileged_in(directory: Path) -> Iterator[Path]:
    """Be such a user, who owns a directory; return a path in it."""
    if os.getuid() == 0:
        os.chown(directory, NOBODY, -1)
    with unprivileged():
        yield directory / "state"


def test_a_file_of_the_version_before_is_gone_on_with(file: Path) -> None:
    make(file, "ALTER TABLE events DROP COLUMN attempts", "PRAGMA user_version = 1")
    state = State(FakeClock(), file)
    assert [flow.name for flow in state.flows.all()] == ["f"]
    assert state.arrivals.next() is None
    state.close()
    State(FakeClock(), file).close()
