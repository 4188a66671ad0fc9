"""The backup file: compatible with the old pack's, atomic, and never a reason not to start."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pack.errors import SettingsError
from pack.state.backup import BackupFile, MemoryBackup, open_backup


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


def test_a_directory_that_cannot_be_used_is_explained_when_it_was_set(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SettingsError) as caught:
        open_backup(blocked / "below", was_set=True)
    said = str(caught.value)
    assert "FLYTE_SLACK_BACKUP_DIR" in said
    assert f"uid {os.geteuid()}" in said
    assert "chown -R" in said
    assert "fsGroup" in said


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
    backup = BackupFile(directory)
    backup.save(["C1"])
    assert "cannot be written" in backup.problem
    directory.mkdir()
    backup.save(["C1"])
    assert backup.problem == ""
