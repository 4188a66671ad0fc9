"""When nothing, or no more, is taken: the journal cannot be opened, or enough is pending."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import ScriptedEngine
from tests.process.harness import Run, eventually

pytestmark = pytest.mark.slow


async def test_nothing_is_taken_and_a_signal_ends_it_while_the_journal_cannot_be_opened(
    engine: ScriptedEngine, run: Run, tmp_path: Path
) -> None:
    volume = tmp_path / "volume"
    (volume / "journal.sqlite3").mkdir(parents=True)
    engine.put("SendMessage", {"channelId": "general", "message": "hello"})
    child = await run(FLYTE_SLACK_BACKUP_DIR=str(volume)).start()
    await child.logged("cannot be written")
    body = await child.ready(500)
    assert "journal.sqlite3 cannot be written" in json.dumps(body["Journal"])
    assert engine.counts.get("take", 0) == 0
    assert await child.stop() == 0


async def test_no_more_is_taken_than_may_be_pending(engine: ScriptedEngine, run: Run, tmp_path: Path) -> None:
    child = await run(
        FLYTE_SLACK_MAX_PENDING="2", FLYTE_SLACK_BACKUP_DIR=str(tmp_path / "volume"), FLYTE_SLACK_APP_TOKEN=""
    ).start()
    await child.ready()
    engine.answer("result", *[500] * 100)
    for number in range(5):
        engine.put("SendMessage", {"channelId": "general", "message": f"{number}"})
    await eventually(lambda: engine.counts.get("result", 0) >= 5)
    assert engine.left == 3
    assert await child.stop() == 0
