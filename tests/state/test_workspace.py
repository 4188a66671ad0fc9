"""A journal is of one workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.state.journals import action, beside, opened


async def test_a_journal_of_the_same_workspace_is_gone_on_with(tmp_path: Path) -> None:
    async with opened(tmp_path) as journal:
        await journal.bind("T1")
        await journal.begin(action("a"), "C1")
    async with opened(tmp_path) as journal:
        await journal.bind("T1")
        assert [one.id for one in await journal.unfinished()] == ["a"]


async def test_a_journal_of_another_workspace_is_set_aside_and_can_be_put_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(tmp_path) as journal:
        await journal.bind("T1")
        await journal.begin(action("a"), "C1")
    async with opened(tmp_path) as journal:
        await journal.bind("T2")
        assert await journal.unfinished() == []
        await journal.begin(action("b"), "C1")
    assert "is of the workspace T1, and FLYTE_SLACK_TOKEN is of T2" in caplog.text
    (apart,) = beside(tmp_path, "journal.sqlite3.of-T1-*Z")
    for file in beside(tmp_path, "journal.sqlite3*"):
        if file != apart:
            file.unlink()
    apart.rename(tmp_path / "journal.sqlite3")
    async with opened(tmp_path) as journal:
        await journal.bind("T1")
        assert [one.id for one in await journal.unfinished()] == ["a"]


async def test_a_journal_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    directory.touch()
    async with opened(directory) as journal:
        await journal.bind("T1")
        assert journal.problem
