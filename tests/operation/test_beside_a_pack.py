"""Both commands beside the real pack: it goes on, learns what it has to, and does nothing a second time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run, eventually, python

pytestmark = pytest.mark.slow


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def pack(run: Run, backup: Path) -> Child:
    return run(FLYTE_SLACK_BACKUP_DIR=str(backup))


async def operate(run: Run, backup: Path, *arguments: str) -> Any:
    """Run one of the commands to its good end and return its JSON."""
    child = run(command=python(*arguments, "--json"), FLYTE_SLACK_BACKUP_DIR=str(backup))
    await child.start()
    assert await child.ended() == 0, child.output
    return json.loads("\n".join(child.out))


def said(slack: SimulatedSlack, channel: str) -> list[str]:
    messages = slack.workspace.messages(channel)
    return [one.text for one in messages if one.user == slack.bot_user_id and one.subtype is None]


async def test_a_command_that_failed_is_found_run_again_and_not_by_the_pack_once_more(
    run: Run, slack: SimulatedSlack, engine: ScriptedEngine, backup: Path
) -> None:
    child = await pack(run, backup).start()
    await child.ready()
    given = {"channelId": slack.workspace.channel("incidents").id, "message": "alarm"}
    failed = await engine.run("SendMessage", given)
    assert failed.name == "SendMessageFailed"
    listing = await operate(run, backup, "journal", "--failed")
    (entry,) = listing["failed"]
    assert (entry["id"], entry["stage"], entry["input"]) == (failed.action, "reported", given)
    assert entry["errorCode"] == failed.payload["errorCode"]
    slack.workspace.invite_bot("incidents", by="ada")
    (done,) = (await operate(run, backup, "replay", failed.action, "--emit"))["actions"]
    assert (done["event"], done["emitted"]) == ("MessageSent", True)
    told = [event for event in engine.events if event.name == "MessageSent"]
    assert [event.payload["timestamp"] for event in told] == [done["payload"]["timestamp"]]
    assert (await engine.run("SendMessage", given | {"message": "more"})).name == "MessageSent"
    assert await child.stop() == 0
    again = await pack(run, backup).start()
    await again.ready()
    await engine.run("SendMessage", given | {"message": "last"})
    assert said(slack, "incidents") == ["alarm", "more", "last"]
    assert [result.action for result in engine.results].count(failed.action) == 1
    assert (await operate(run, backup, "journal"))["counts"]["failed"] == 0


async def test_a_running_pack_learns_what_a_replay_joined_and_left(
    run: Run, slack: SimulatedSlack, engine: ScriptedEngine, backup: Path
) -> None:
    slack.workspace.invite_bot("random")
    child = await pack(run, backup).start()
    await child.logged("channels are settled")
    await child.ready()
    random, deployments = (slack.workspace.channel(name).id for name in ("random", "deployments"))
    for method in ("conversations.join", "conversations.leave"):
        slack.faults.answer(method, error="restricted_action")
    left = await engine.run("LeaveChannel", {"channelId": random})
    joined = await engine.run("JoinChannel", {"channelId": deployments})
    assert (left.name, joined.name) == ("LeaveChannelFailed", "JoinChannelFailed")
    wanted = backup / "channels.json"
    assert json.loads(wanted.read_text()) == [random]
    done = (await operate(run, backup, "replay", left.action, joined.action))["actions"]
    assert [one["event"] for one in done] == ["ChannelLeft", "ChannelJoined"]
    assert "the running pack takes" in done[0]["notes"][0]
    await eventually(lambda: json.loads(wanted.read_text()) == [deployments])


async def test_what_waits_while_the_engine_is_away_is_listed(
    run: Run, slack: SimulatedSlack, engine: ScriptedEngine, backup: Path
) -> None:
    slack.workspace.invite_bot("general")
    child = await pack(run, backup).start()
    await child.logged("channels are settled")
    await child.ready()
    engine.answer("result", *[503] * 50)
    engine.answer("event", *[503] * 50)
    action = engine.put("SendMessage", {"channelId": slack.workspace.channel("general").id, "message": "x"})
    slack.workspace.say("general", "somebody says", user="ada")
    await eventually(lambda: said(slack, "general") and engine.counts.get("event"))
    listing = await operate(run, backup, "journal")
    (entry,) = listing["unfinished"]
    assert (entry["id"], entry["stage"]) == (action, "done")
    assert entry["waitsFor"] == "the engine to take its result, MessageSent"
    assert listing["arrivals"]["count"] == 1
    assert listing["arrivals"]["oldestChannel"] == slack.workspace.channel("general").id
