"""What the process writes: JSON for machines, lines for people, and nothing that is secret."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run, unused_port

pytestmark = pytest.mark.slow


async def test_every_line_is_json_unless_it_is_for_people(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, tmp_path: Path
) -> None:
    machine = run()
    people = run(
        FLYTE_SLACK_LOG_FORMAT="console",
        FLYTE_SLACK_HEALTH_PORT=str(unused_port()),
        FLYTE_SLACK_BACKUP_DIR=str(tmp_path / "people"),
    )
    await asyncio.gather(machine.start(), people.start())
    await asyncio.gather(machine.ready(), people.ready())
    result = await engine.run("SendMessage", {"channelId": "general", "message": f"see {slack.bot_token}"})
    assert result.payload["errorCode"] == "not_in_channel"
    assert (await engine.run("SendMessage", ["no object"])).name == "SendMessageFailed"
    assert (await engine.run("Dance", {})).name == "FATAL"
    assert await asyncio.gather(machine.stop(), people.stop()) == [0, 0]
    assert machine.out == people.out == []
    for line in machine.err:
        record = json.loads(line)
        assert {"time", "level", "logger", "message"} <= record.keys()
        assert datetime.fromisoformat(record["time"]).utcoffset() is not None
        assert record["message"]
    messages = [record["message"] for record in machine.records]
    assert "the pack works" in messages
    assert messages[-1] == "stopped"
    assert people.records == []
    assert any(" info     the pack works  version=" in line for line in people.err)
    assert len(people.err) >= 5


async def test_nothing_is_written_when_logging_is_disabled(run: Run) -> None:
    child = await run(LOGLEVEL="disabled", FLYTE_SLACK_HEALTH_PORT=str(unused_port())).start()
    await child.ready()
    assert await child.stop() == 0
    assert child.output == ""
