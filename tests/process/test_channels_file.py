"""The wanted channels over the life of processes: files of the old pack, damaged ones, and kills."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run, eventually

pytestmark = pytest.mark.slow

MANY = 69


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    directory = tmp_path / "volume"
    directory.mkdir()
    return directory


def listed(volume: Path) -> list[str]:
    return list(json.loads((volume / "channels.json").read_text()))


def files(volume: Path) -> list[Path]:
    """Return the list of wanted channels and what was set aside, the latter first."""
    return sorted(volume.glob("channels.json*"), reverse=True)


def is_member(slack: SimulatedSlack, channel: str) -> bool:
    return slack.bot_user_id in slack.workspace.channel(channel).members


async def test_a_damaged_file_is_set_aside_and_start_goes_on_from_slacks_membership(
    slack: SimulatedSlack, run: Run, volume: Path
) -> None:
    slack.workspace.invite_bot("general")
    (volume / "channels.json").write_text('["C0BROKEN", ')
    child = await run(FLYTE_SLACK_BACKUP_DIR=str(volume)).start()
    await child.logged("channels are settled")
    await child.ready()
    [message] = child.loud()
    [aside, _] = files(volume)
    assert aside.name in message
    assert "JoinChannel" in message
    assert aside.read_text() == '["C0BROKEN", '
    assert listed(volume) == [slack.workspace.channel("general").id]
    assert await child.stop() == 0


async def test_the_old_packs_channels_are_joined_and_a_private_one_is_reported_and_stays_listed(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, volume: Path
) -> None:
    workspace = slack.workspace
    workspace.invite_bot("deployments")
    general, random, private, deployments = (
        workspace.channel(name).id for name in ("general", "random", "incidents", "deployments")
    )
    (volume / "channels.json").write_text(json.dumps([general, private, deployments]))
    child = await run(
        FLYTE_SLACK_BACKUP_DIR=str(volume), FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="#random,nowhere"
    ).start()
    settled = await child.logged("channels are settled")
    assert (settled["joined"], settled["not_joined"]) == (3, 1)
    assert is_member(slack, "general")
    assert is_member(slack, "random")
    joins = [call["channel"] for call in slack.faults.calls_of("conversations.join")]
    assert sorted(joins) == sorted([general, random, private])
    assert listed(volume) == [general, private, deployments, random]
    nowhere, cannot = child.loud()
    assert "nowhere" in nowhere
    assert private in cannot
    assert "invite the bot" in cannot
    body = await child.ready()
    assert f"wanted but not joined: {private} (invite the bot)" in body["Channels"]["status"]
    workspace.invite_bot("incidents", by="ada")
    await eventually(lambda: is_member(slack, "incidents"))
    said = workspace.say("incidents", "come in", user="ada")
    assert (await engine.event()).payload["timestamp"] == said.ts
    body = await child.ready()
    assert body["Channels"]["status"] == "in 4 channels"


async def test_registering_and_working_do_not_wait_for_69_channels_to_be_joined(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, volume: Path
) -> None:
    workspace = slack.workspace
    channels = [workspace.add_channel(f"team-{number}").id for number in range(MANY)]
    (volume / "channels.json").write_text(json.dumps(channels))
    slack.faults.delay("conversations.join", 0.03)
    workspace.invite_bot("general")
    action = engine.put("SendMessage", {"channelId": "general", "message": "hello"})
    child = await run(FLYTE_SLACK_BACKUP_DIR=str(volume)).start()
    await child.ready()
    assert (await engine.result_of(action)).name == "MessageSent"
    assert len(slack.faults.calls_of("conversations.join")) < MANY
    assert "still joining" in (await child.health())[1]["Channels"]["status"]
    settled = await child.logged("channels are settled")
    assert settled["joined"] == MANY + 1
    assert len(slack.faults.calls_of("conversations.join")) == MANY
    assert all(slack.bot_user_id in workspace.channel(channel).members for channel in channels)
    assert child.loud() == []


async def test_a_killed_process_starts_again_with_its_channels(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, volume: Path
) -> None:
    first = await run(FLYTE_SLACK_BACKUP_DIR=str(volume)).start()
    assert (await engine.run("JoinChannel", {"channelId": "random"})).name == "ChannelJoined"
    slack.faults.delay("chat.postMessage", 20, times=1)
    cut_off = engine.put("SendMessage", {"channelId": "random", "message": "cut off"})
    await eventually(lambda: slack.faults.calls_of("chat.postMessage"))
    assert await first.stop(signal.SIGKILL) == -signal.SIGKILL
    random = slack.workspace.channel("random").id
    assert listed(volume) == [random]
    again = {"FLYTE_SLACK_BACKUP_DIR": str(volume), "FLYTE_SLACK_SETTLING_SECONDS": "0.1"}
    second = await run(**again).start()
    assert (await second.logged("channels are settled"))["joined"] == 1
    assert len(slack.faults.calls_of("conversations.join")) == 1
    sent = await engine.run("SendMessage", {"channelId": "random", "message": "hello"})
    assert sent.name == "MessageSent"
    assert (await engine.result_of(cut_off)).name == "MessageSent"
    assert second.loud() == []
    assert await second.stop() == 0
    assert [path.name for path in files(volume)] == ["channels.json"]
