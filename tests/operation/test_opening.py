"""Looking into a journal changes nothing on disk, whoever writes to it and whatever is permitted."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from pack.operation.entries import find_entry
from pack.operation.opening import JournalUnusable, check_exists, read
from tests.operation.journals import Past, write, written

KILLED = f"""
import os, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.operation.journals import Past, write, written
directory = pathlib.Path(sys.argv[1])
write(directory, Past("before"))
with written(directory) as connection:
    connection.execute("UPDATE actions SET command = 'Latest'")
    connection.execute("COMMIT")
    os.kill(os.getpid(), 9)
"""

AS_NOBODY = """
import os, pathlib, sys
sys.path.insert(0, sys.argv[2])
from pack.operation.opening import read
from pack.operation.entries import find_entry
os.setuid(65534)
print(read(pathlib.Path(sys.argv[1]), lambda connection: find_entry(connection, "before")).command)
"""


def command_of(path: Path, action: str = "before") -> str:
    found = read(path, lambda connection: find_entry(connection, action))
    assert found
    return found.command


def snapshot(directory: Path) -> dict[str, Any]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in directory.iterdir()}


def leave_behind_a_killed_writer(directory: Path) -> Path:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(directory)], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    return directory / "journal.sqlite3"


def test_a_journal_that_nobody_writes_is_read_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path, Past("before"))
    before = snapshot(tmp_path)
    assert command_of(path) == "SendMessage"
    assert snapshot(tmp_path) == before
    assert list(before) == ["journal.sqlite3"]


def test_what_a_running_writer_committed_last_is_seen_and_it_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, Past("before"))
    with written(tmp_path) as connection:
        connection.execute("UPDATE actions SET command = 'Committed'")
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE actions SET command = 'NotYet'")
        assert command_of(path) == "Committed"
    assert command_of(path) == "NotYet"


def test_what_a_killed_writer_committed_is_seen(tmp_path: Path) -> None:
    path = leave_behind_a_killed_writer(tmp_path)
    names = sorted(one.name for one in tmp_path.iterdir())
    wal = (tmp_path / "journal.sqlite3-wal").read_bytes()
    assert command_of(path) == "Latest"
    assert sorted(one.name for one in tmp_path.iterdir()) == names
    assert (tmp_path / "journal.sqlite3-wal").read_bytes() == wal
    with written(tmp_path) as connection:
        assert connection.execute("SELECT command FROM actions").fetchone() == ("Latest",)


def test_a_copied_journal_is_read_with_its_log_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    leave_behind_a_killed_writer(tmp_path / "original")
    (tmp_path / "copy").mkdir()
    for name in ("journal.sqlite3", "journal.sqlite3-wal"):
        shutil.copy(tmp_path / "original" / name, tmp_path / "copy")
    before = snapshot(tmp_path / "copy")
    assert command_of(tmp_path / "copy" / "journal.sqlite3") == "Latest"
    assert snapshot(tmp_path / "copy") == before


@pytest.mark.parametrize("state", ["closed", "killed", "copied"])
def test_no_permission_to_write_is_needed(state: str) -> None:
    with tempfile.TemporaryDirectory() as outer:  # pytest's directories are closed to other users
        Path(outer).chmod(0o755)
        read_as_nobody(Path(outer) / "backup", state)


def read_as_nobody(directory: Path, state: str) -> None:
    path = leave_behind_a_killed_writer(directory) if state != "closed" else write(directory, Past("before"))
    if state == "copied":
        (directory / "journal.sqlite3-shm").unlink()
    for one in directory.iterdir():
        one.chmod(0o444)
    directory.chmod(0o555)
    before = snapshot(directory)
    repository = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", AS_NOBODY, str(path), repository]
    if os.geteuid():
        command[2] = AS_NOBODY.replace("os.setuid(65534)\n", "")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.strip() == ("SendMessage" if state == "closed" else "Latest"), ended.stderr
    assert snapshot(directory) == before
    directory.chmod(0o755)


def test_a_pack_that_starts_while_the_journal_is_read_makes_it_be_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, Past("before"))
    seen: list[str] = []

    def look(connection: sqlite3.Connection) -> str:
        found = find_entry(connection, "before")
        assert found
        seen.append(found.command)
        if len(seen) == 1:
            with written(tmp_path) as writer:
                writer.execute("UPDATE actions SET command = 'Newer'")
        return found.command

    assert read(path, look) == "Newer"
    assert seen == ["SendMessage", "Newer"]


def test_a_directory_in_the_place_of_the_journal_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").mkdir()
    with pytest.raises(JournalUnusable, match="there is no journal in it"):
        check_exists(tmp_path / "journal.sqlite3")


def test_a_journal_from_before_this_version_is_left_to_the_pack(tmp_path: Path) -> None:
    path = write(tmp_path)
    with written(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 0")
    with pytest.raises(JournalUnusable, match="Start the pack"):
        command_of(path)
