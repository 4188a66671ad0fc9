"""Where the pack is wanted, where it is, and what the backup file says of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import JUST_NOW_SECONDS, Membership
from pack.state.backup import MemoryBackup
from tests.clock import FakeClock
from tests.in_process import Stage, open_stage
from tests.slack.web_client import open_web


def saved(stage: Stage) -> list[str]:
    return list(json.loads((stage.backup_dir / "channels.json").read_text()))


def write(tmp_path: Path, *channel_ids: str) -> None:
    (tmp_path / "backup").mkdir(exist_ok=True)
    (tmp_path / "backup" / "channels.json").write_text(json.dumps(channel_ids))


async def test_the_channels_of_the_old_packs_file_are_joined(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    ids = [slack.workspace.channel(name).id for name in ("general", "random")]
    write(tmp_path, *ids)
    async with open_stage(tmp_path, slack=slack) as stage:
        assert set(stage.pack.membership.joined) == set(ids)
        assert saved(stage) == ids
        for channel_id in ids:
            assert slack.bot_user_id in slack.workspace.channel(channel_id).members


async def test_no_call_is_made_for_channels_that_the_bot_is_in(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    for name in ("general", "random"):
        slack.workspace.invite_bot(name)
    write(tmp_path, slack.workspace.channel("general").id)
    async with open_stage(tmp_path, slack=slack) as stage:
        assert slack.faults.calls_of("conversations.join") == []
        assert set(saved(stage)) == {stage.id_of("general"), stage.id_of("random")}


async def test_a_private_channel_stays_wanted_and_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack = SimulatedSlack()
    private = slack.workspace.channel("incidents").id
    write(tmp_path, private)
    async with open_stage(tmp_path, slack=slack) as stage:
        assert saved(stage) == [private]
        assert private in stage.pack.membership.status().status
        assert "invite the bot" in caplog.text
        slack.workspace.invite_bot(private)
        await stage.until(lambda: private in stage.pack.membership.joined)
        assert private not in stage.pack.membership.status().status


async def test_an_invitation_seen_live_is_remembered(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.slack.workspace.invite_bot("random")
        await stage.until(lambda: stage.id_of("random") in stage.pack.membership.wanted)
        await stage.until(lambda: (stage.backup_dir / "channels.json").exists())
        await stage.until(lambda: saved(stage) == [stage.id_of("random")])


async def test_a_kick_seen_live_is_remembered(tmp_path: Path) -> None:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general,random") as stage:
        stage.slack.workspace.kick_bot("random")
        await stage.until(lambda: saved(stage) == [stage.id_of("general")])
        assert stage.id_of("random") not in stage.pack.membership.joined


async def test_a_kick_that_nobody_saw_leaves_the_channel_wanted_and_joined_again(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    write(tmp_path, slack.workspace.channel("random").id)
    async with open_stage(tmp_path, slack=slack) as stage:
        assert slack.bot_user_id in slack.workspace.channel("random").members
        assert saved(stage) == [stage.id_of("random")]


async def test_defaults_may_be_ids_and_names_and_an_unknown_one_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slack = SimulatedSlack()
    defaults = f"{slack.workspace.channel('general').id},#random,nowhere"
    async with open_stage(tmp_path, slack=slack, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL=defaults) as stage:
        assert set(stage.pack.membership.joined) == {stage.id_of("general"), stage.id_of("random")}
    assert "nowhere" in caplog.text


async def test_a_limit_on_joining_is_waited_for(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    slack.faults.answer("conversations.join", retry_after=1, times=1)
    async with open_stage(
        tmp_path, slack=slack, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general,random,deployments"
    ) as stage:
        assert len(stage.pack.membership.joined) == 3


async def test_registering_does_not_wait_for_joining(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    slack.workspace.invite_bot("general")
    slack.faults.delay("conversations.join", 30)
    write(tmp_path, slack.workspace.channel("random").id)
    async with open_stage(tmp_path, slack=slack, settled=False) as stage:
        given = {"channelId": stage.id_of("general"), "message": "m"}
        sent = await stage.engine.run("SendMessage", given)
        assert sent.name == "MessageSent"


async def test_a_damaged_file_is_set_aside_and_slack_is_believed(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    slack.workspace.invite_bot("general")
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "channels.json").write_text('["C1", ')
    async with open_stage(tmp_path, slack=slack) as stage:
        assert saved(stage) == [stage.id_of("general")]
        (aside,) = stage.backup_dir.glob("channels.json.damaged-*")
        assert aside.read_text() == '["C1", '


async def test_memberships_are_asked_for_until_slack_tells(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    slack.workspace.invite_bot("general")
    slack.faults.answer("users.conversations", retry_after=40, times=1)
    clock = FakeClock(jump=True)
    async with open_stage(tmp_path, slack=slack, clock=clock, FLYTE_SLACK_APP_TOKEN="") as stage:
        assert stage.pack.membership.joined == [stage.id_of("general")]
        assert slack.faults.calls_of("conversations.join") == []


async def test_a_channel_that_keeps_failing_holds_up_no_other_and_is_tried_again(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    first, second = (slack.workspace.channel(name).id for name in ("general", "random"))
    write(tmp_path, first, second)
    slack.faults.answer("conversations.join", error="fatal_error", times=12)
    clock = FakeClock(jump=True)
    async with open_stage(tmp_path, slack=slack, clock=clock, FLYTE_SLACK_APP_TOKEN="") as stage:
        await stage.until(lambda: len(stage.pack.membership.joined) == 2, seconds=20)
        tried = [call["channel"] for call in slack.faults.calls_of("conversations.join")]
        assert tried.index(second) < len(tried) - 1
        assert tried[-1] == first or tried[-1] == second


async def test_without_the_scope_to_list_memberships_wanted_channels_are_joined_all_the_same(
    tmp_path: Path,
) -> None:
    slack = SimulatedSlack(scopes={"channels:join", "chat:write"})
    channel = slack.workspace.channel("general").id
    write(tmp_path, channel)
    async with open_stage(tmp_path, slack=slack) as stage:
        assert stage.pack.membership.joined == [channel]


async def test_a_channel_with_a_new_id_moves_in_the_file(tmp_path: Path) -> None:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as stage:
        # The event of the join may still be on its way; it names the old ID.
        await stage.until(lambda: not stage.slack.faults.unacknowledged)
        await asyncio.sleep(0.05)
        await stage.pack.membership.moved(stage.id_of("general"), "C0NEWNEWNEW")
        assert saved(stage) == ["C0NEWNEWNEW"]
        assert stage.pack.membership.joined == ["C0NEWNEWNEW"]


async def test_a_renamed_channel_is_found_by_its_new_name(tmp_path: Path) -> None:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as stage:
        stage.slack.workspace.rename("general", "everybody")
        await stage.until(lambda: stage.pack.channels.known("everybody"))
        assert stage.pack.channels.known("general") is None


async def test_an_archived_channel_gets_no_broadcast_until_it_is_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general,random") as stage:
        random = stage.id_of("random")
        stage.slack.workspace.archive("random")
        await stage.until(lambda: random not in stage.pack.membership.joined)
        assert random in stage.pack.membership.wanted
        stage.slack.workspace.unarchive("random")
        await stage.until(lambda: random in stage.pack.membership.joined)


async def test_who_watches_channels_is_told_of_each_that_is_joined_and_left() -> None:
    slack = SimulatedSlack()
    general, random, deployments = (
        slack.workspace.channel(name).id for name in ("general", "random", "deployments")
    )
    slack.workspace.invite_bot("general")
    async with slack, open_web(slack) as web:
        clock = FakeClock()
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        membership = Membership(slack=web, directory=directory, wanted=MemoryBackup("a test's"), clock=clock)
        joined: list[tuple[str, float | None]] = []
        left: list[str] = []
        membership.on_joined = lambda channel, at: joined.append((channel, at))
        membership.on_left = left.append
        await membership.settle(["random"])
        await membership.invited(deployments, 1234.5)
        await membership.kicked(deployments)
        await membership.left_by_command(random)
        await membership.moved(general, "C0NEWNEWNEW", 2345.5)
        slack.workspace.invite_bot("incidents")
        await membership.find_again()
    assert joined[0] == (general, None)
    assert joined[1][0] == random
    assert joined[1][1] == pytest.approx(web.date() - JUST_NOW_SECONDS, abs=5)
    assert joined[2] == (deployments, 1234.5)
    assert left == [deployments, random, general]
    assert ("C0NEWNEWNEW", 2345.5) in joined
    assert (slack.workspace.channel("incidents").id, None) in joined
