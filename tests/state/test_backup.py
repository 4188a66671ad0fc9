"""The backup file: compatible with the old pack's, atomic, and never a reason not to start."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pack.errors import SettingsError
from pack.state.backup import BackupFile, MemoryBackup, open_backup

ROOT = Path(__file__).parents[2]


@pytest.fixture
def backup(tmp_path: Path) -> BackupFile:
    return BackupFile(tmp_path)


def test_the_old_packs_file_is_read_and_ours_is_one_it_reads(backup: BackupFile) -> None:
    backup.path.write_text('["C1","G2"]')
    assert backup.load() == ["C1", "G2"]
    backup.save(["C1", "C3"])
    assert json.loads(backup.path.read_text()) == ["C1", "C3"]
    assert backup.load() == ["C1", "C3"]


@pytest.mark.parametrize("text", ["null", "[]", " [ ] \n", "\ufeff[]"])
def test_an_empty_list_is_no_damage(backup: BackupFile, text: str) -> None:
    backup.path.write_text(text, "utf-8")
    assert backup.load() == []
    assert [path.name for path in backup.path.parent.iterdir()] == ["channels.json"]


def test_no_file_is_an_empty_list(backup: BackupFile) -> None:
    assert backup.load() == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b'"C1"', b"\xff\xfe", b"[" * 100_000, b'["C1"'])
def test_a_damaged_file_is_set_aside_as_it_was(
    backup: BackupFile, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    backup.path.write_bytes(content)
    assert backup.load() == []
    (aside,) = backup.path.parent.iterdir()
    assert aside.name.startswith("channels.json.damaged-")
    assert aside.read_bytes() == content
    assert aside.name in caplog.text


def test_what_can_be_read_of_a_damaged_list_is_kept(backup: BackupFile) -> None:
    backup.path.write_text('["C1", 3, null, "C2", "C1"]')
    assert backup.load() == ["C1", "C2"]
    assert json.loads(backup.path.read_text()) == ["C1", "C2"]
    assert len(list(backup.path.parent.glob("channels.json.damaged-*"))) == 1


def test_two_damaged_files_do_not_overwrite_each_other(backup: BackupFile) -> None:
    for content in ("{", "}"):
        backup.path.write_text(content)
        backup.load()
    kept = {path.read_text() for path in backup.path.parent.glob("channels.json.damaged-*")}
    assert kept == {"{", "}"}


def test_nothing_but_the_file_is_left_after_saving(backup: BackupFile) -> None:
    backup.save(["C1"])
    backup.save(["C2"])
    assert [path.name for path in backup.path.parent.iterdir()] == ["channels.json"]


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    backup = open_backup(tmp_path / "a" / "b", was_set=True)
    backup.save(["C1"])
    assert json.loads((tmp_path / "a" / "b" / "channels.json").read_text()) == ["C1"]


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Path]:
    """A directory that this process may look into and not write; root becomes somebody else for it."""
    tmp_path.chmod(0o755)
    (tmp_path / "foreign").mkdir(mode=0o555)
    if os.geteuid() != 0:
        yield tmp_path / "foreign"
        return
    os.seteuid(65534)
    try:
        yield tmp_path / "foreign"
    finally:
        os.seteuid(0)


def test_a_directory_of_somebody_else_is_explained_with_the_commands_that_mend_it(foreign: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        open_backup(foreign, was_set=True)
    said = str(caught.value)
    assert "FLYTE_SLACK_BACKUP_DIR" in said
    assert f"uid {os.geteuid()}" in said
    assert f"chown -R {os.geteuid()} " in said
    assert "--user " in said
    assert "fsGroup" in said


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SettingsError, match=r"file is a file.*Set it to a directory"):
        open_backup(blocked / "below", was_set=True)


def test_the_default_directory_may_fail_and_memory_is_used(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    backup = open_backup(blocked / "below", was_set=False)
    assert isinstance(backup, MemoryBackup)
    assert "memory" in backup.problem
    backup.save(["C1"])
    assert backup.load() == ["C1"]


def test_a_failing_write_is_told_and_ends_with_the_next_good_one(tmp_path: Path) -> None:
    directory = tmp_path / "d"
    directory.write_text("in the way")
    backup = BackupFile(directory)
    backup.save(["C1"])
    assert "cannot be written" in backup.problem
    directory.unlink()
    backup.save(["C1"])
    assert backup.problem == ""
    assert backup.load() == ["C1"]


def test_a_directory_that_was_taken_away_is_made_again_by_the_next_save(tmp_path: Path) -> None:
    backup = open_backup(tmp_path / "a" / "b", was_set=True)
    backup.save(["C1"])
    shutil.rmtree(tmp_path / "a")
    backup.save(["C1", "C2"])
    assert backup.problem == ""
    assert backup.load() == ["C1", "C2"]


def make_directory(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("kept")


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_directory, "not a file but a directory"),
        (os.mkfifo, "not a file but a pipe"),
        (make_socket, "not a file but a socket"),
        (lambda path: path.symlink_to("/dev/zero"), "not a file but a device"),
        (lambda path: path.symlink_to(path), "cannot be read"),
    ],
    ids=["directory", "pipe", "socket", "device", "loop"],
)
def test_what_is_no_file_is_set_aside_without_being_read(
    make: Callable[[Path], None], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with tempfile.TemporaryDirectory() as place:  # not tmp_path, which is too long for the name of a socket
        make(Path(place, "channels.json"))
        backup = open_backup(Path(place), was_set=True)
        assert backup.load() == []
        assert words in caplog.text
        backup.save(["C1"])
        assert backup.load() == ["C1"]
        assert len(list(Path(place).glob("channels.json.damaged-*"))) == 1
        assert backup.problem == ""


def test_a_name_that_no_file_can_have_is_explained_or_memory_is_used(tmp_path: Path) -> None:
    directory = tmp_path / ("x" * 300)
    with pytest.raises(SettingsError, match="File name too long"):
        open_backup(directory, was_set=True)
    assert isinstance(open_backup(directory, was_set=False), MemoryBackup)


AS_NOBODY = """
import os, sys
from pathlib import Path
from pack.errors import SettingsError
from pack.state.backup import open_backup
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for name in sys.argv[1:]:
    print(type(open_backup(Path(name), was_set=False)).__name__)
    try:
        print(type(open_backup(Path(name), was_set=True)).__name__)
    except SettingsError as error:
        print("refused:", error)
"""


@pytest.mark.parametrize("below", ["volume", "volume/deeper", "volume/channels"])
def test_a_directory_that_may_not_be_looked_into_is_explained_or_memory_is_used(below: str) -> None:
    with tempfile.TemporaryDirectory() as place:  # tmp_path is below a directory that is closed to others
        closed = Path(place, "closed")
        (closed / "volume").mkdir(parents=True)
        closed.chmod(0o700 if os.geteuid() == 0 else 0)
        Path(place).chmod(0o755)
        command = [sys.executable, "-c", AS_NOBODY, str(closed / below)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
        closed.chmod(0o700)
    assert said.stderr == "joined channels are kept in memory only: " + said.stdout.splitlines()[1][9:] + "\n"
    assert said.stdout.startswith("MemoryBackup\nrefused: FLYTE_SLACK_BACKUP_DIR=")
    assert f"({closed} belongs to {os.geteuid()}:" in said.stdout
