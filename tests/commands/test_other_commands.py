"""SendRichMessage, Broadcast, JoinChannel, LeaveChannel, GetChannelInfo, and what is no command."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pack.contracts.commands import SendRichMessage
from pack.sandbox.slack import SimulatedSlack
from tests.in_process import Stage, open_stage
from tests.peers import Reported

SEED = {
    "attachments": [
        {
            "fallback": "The deploy of `YOURAPP.0.1.641` to `staging` is done.",
            "color": "#36a64f",
            "title": "Deployment Update",
            "fields": [{"title": "Artefact", "value": "YOURAPP.0.1.641", "short": True}],
            "actions": [{"type": "button", "text": "View Logs", "url": "http://logs.example.com/1"}],
        }
    ]
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general,random") as opened:
        yield opened


def took(result: Reported) -> dict[str, Any]:
    """Return what an undisturbed command says of what it took."""
    return {"attempts": 1, "waitedSeconds": result.payload["waitedSeconds"]}


def wanted(stage: Stage) -> list[str]:
    return list(json.loads((stage.backup_dir / "channels.json").read_text()))


# --- SendRichMessage ---


async def test_the_old_packs_rich_message_is_sent_as_it_was_given(stage: Stage) -> None:
    given = {"channel": stage.id_of("general"), **SEED, "extra": "kept"}
    sent = await stage.engine.run("SendRichMessage", given)
    assert sent.name == "RichMessageSent"
    timestamp = sent.payload["timestamp"]
    assert sent.payload == {
        **given,
        "channelId": stage.id_of("general"),
        "timestamp": timestamp,
        "threadTimestamp": timestamp,
        **took(sent),
    }
    (call,) = stage.slack.faults.calls_of("chat.postMessage")
    assert call.pop("metadata")["event_type"] == "flyte_slack"
    assert call == {"channel": given["channel"], **SEED}


async def test_every_field_is_sent_and_nothing_that_was_not_given(stage: Stage) -> None:
    root = stage.slack.workspace.say("general", "root", user="ada")
    given: dict[str, Any] = {
        "channel": "#general",
        "text": "a < b & c > d",
        "blocks": json.dumps([{"type": "divider"}]),
        "metadata": '{"event_type": "done", "event_payload": {"id": "1"}}',
        "thread_ts": root.ts,
        "reply_broadcast": "True",
        "username": "deployer",
        "icon_emoji": ":ship:",
        "icon_url": "https://example.com/i.png",
        "parse": "none",
        "link_names": "1.000000",
        "mrkdwn": "False",
        "unfurl_links": False,
        "unfurl_media": "false",
        "escape_text": "true",
        "as_user": True,
    }
    sent = await stage.engine.run("SendRichMessage", given)
    assert sent.name == "RichMessageSent", sent.payload
    assert sent.payload["threadTimestamp"] == root.ts
    assert sent.payload["channelName"] == "#general"
    assert sent.payload["text"] == "a < b & c > d"
    (call,) = stage.slack.faults.calls_of("chat.postMessage")
    assert call["text"] == "a &lt; b &amp; c &gt; d"
    assert call["blocks"] == [{"type": "divider"}]
    assert call["reply_broadcast"] is True
    assert call["link_names"] is True
    assert call["mrkdwn"] is False
    assert set(call) == set(given) - {"escape_text", "as_user"}


def test_every_argument_of_the_reference_can_be_given() -> None:
    path = Path(__file__).parents[2] / "pack" / "sandbox" / "slack" / "reference" / "facts.json"
    facts = json.loads(path.read_text())
    arguments = set(facts["methods"]["chat.postMessage"]["args"])
    assert arguments - {"as_user", "token"} == set(SendRichMessage.model_fields) - {"escape_text"}


async def test_a_rich_message_that_fails_carries_the_input_under_its_own_key(stage: Stage) -> None:
    given = {"channel": stage.id_of("general"), "blocks": [{"type": "nonsense"}], "extra": 1}
    failed = await stage.engine.run("SendRichMessage", given)
    assert failed.name == "SendRichMessageFailed"
    assert set(failed.payload) == {"inputMessage", "error", "errorCode"}
    assert failed.payload["inputMessage"] == given
    assert failed.payload["errorCode"] == "invalid_blocks"
    assert "/blocks/0" in failed.payload["error"]


# --- Broadcast ---


async def test_a_broadcast_reaches_every_channel_and_says_so(stage: Stage) -> None:
    sent = await stage.engine.run("Broadcast", {"message": "all"})
    assert sent.name == "BroadcastSent"
    assert {one["channelId"] for one in sent.payload["sent"]} == {
        stage.id_of("general"),
        stage.id_of("random"),
    }
    assert sent.payload["failed"] == []
    for one in sent.payload["sent"]:
        assert stage.slack.workspace.message(one["channelId"], one["timestamp"]).text == "all"


async def test_a_broadcast_that_fails_in_part_names_both(stage: Stage) -> None:
    stage.slack.faults.answer("chat.postMessage", error="restricted_action", times=1)
    failed = await stage.engine.run("Broadcast", {"message": "all"})
    assert failed.name == "BroadcastFailed"
    assert failed.payload["message"] == "all"
    assert len(failed.payload["sent"]) == len(failed.payload["failed"]) == 1
    assert failed.payload["failed"][0]["errorCode"] == "restricted_action"
    assert failed.payload["errorCode"] == "restricted_action"
    assert failed.payload["failed"][0]["channelId"] in failed.payload["error"]


async def test_a_broadcast_at_the_start_waits_until_the_channels_are_joined(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    slack.faults.delay("conversations.join", 0.2)
    names = "general,random,deployments"
    async with open_stage(
        tmp_path, slack=slack, settled=False, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL=names
    ) as stage:
        sent = await stage.engine.run("Broadcast", {"message": "all"})
    assert sent.name == "BroadcastSent"
    assert len(sent.payload["sent"]) == 3


async def test_a_broadcast_from_no_channel_is_a_failure(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        failed = await stage.engine.run("Broadcast", {"message": "all"})
    assert failed.name == "BroadcastFailed"
    assert failed.payload["errorCode"] == "no_channels"


async def test_a_broadcast_keeps_its_place_in_every_channel(stage: Stage) -> None:
    stage.slack.faults.latency(0, 20)
    actions = []
    for at in range(5):
        for name in ("general", "random"):
            given = {"channelId": stage.id_of(name), "message": f"{at}"}
            actions.append(stage.engine.put("SendMessage", given))
        actions.append(stage.engine.put("Broadcast", {"message": f"all {at}"}))
    for action in actions:
        await stage.engine.result_of(action)
    expected = [text for at in range(5) for text in (f"{at}", f"all {at}")]
    for name in ("general", "random"):
        messages = stage.slack.workspace.messages(name)
        assert [m.text for m in messages if m.user == stage.slack.bot_user_id and not m.subtype] == expected


# --- JoinChannel and LeaveChannel ---


@pytest.mark.parametrize("name", ["deployments", "#deployments"])
async def test_joining_by_name_is_remembered(stage: Stage, name: str) -> None:
    joined = await stage.engine.run("JoinChannel", {"channelId": name, "why": "x"})
    channel = stage.id_of("deployments")
    assert joined.name == "ChannelJoined"
    assert joined.payload == {"channelId": channel, "channelName": name, "why": "x", **took(joined)}
    assert channel in wanted(stage)
    assert stage.slack.bot_user_id in stage.slack.workspace.channel(channel).members


async def test_joining_again_is_fine(stage: Stage) -> None:
    joined = await stage.engine.run("JoinChannel", {"channelId": stage.id_of("general")})
    assert joined.name == "ChannelJoined"


async def test_a_private_channel_cannot_be_joined_and_says_what_to_do(stage: Stage) -> None:
    channel = stage.id_of("incidents")
    failed = await stage.engine.run("JoinChannel", {"channelId": channel})
    assert failed.name == "JoinChannelFailed"
    assert failed.payload["channelId"] == channel
    assert "invite the bot" in failed.payload["error"]
    assert channel not in wanted(stage)


async def test_a_private_channel_that_the_bot_is_in_counts_as_joined(stage: Stage) -> None:
    stage.slack.workspace.invite_bot("incidents")
    joined = await stage.engine.run("JoinChannel", {"channelId": stage.id_of("incidents")})
    assert joined.name == "ChannelJoined"


async def test_joining_a_name_that_nobody_has_uses_the_old_words(stage: Stage) -> None:
    failed = await stage.engine.run("JoinChannel", {"channelId": "nowhere"})
    assert failed.name == "JoinChannelFailed"
    assert failed.payload["channelId"] == "nowhere"
    assert "can't find channel with such name" in failed.payload["error"]
    assert failed.payload["errorCode"] == "channel_not_found"


async def test_leaving_is_remembered_and_nothing_is_received_any_more(stage: Stage) -> None:
    channel = stage.id_of("random")
    left = await stage.engine.run("LeaveChannel", {"channelId": "#random"})
    assert left.name == "ChannelLeft"
    assert left.payload == {"channelId": channel, "channelName": "#random", **took(left)}
    assert channel not in wanted(stage)
    assert stage.slack.bot_user_id not in stage.slack.workspace.channel(channel).members
    stage.slack.workspace.say("random", "unheard", user="ada")
    stage.slack.workspace.say("general", "heard", user="ada")
    assert (await stage.engine.event()).payload["message"] == "heard"


async def test_leaving_where_the_bot_is_not_counts_as_left(stage: Stage) -> None:
    left = await stage.engine.run("LeaveChannel", {"channelId": stage.id_of("deployments")})
    assert left.name == "ChannelLeft"


async def test_a_channel_that_cannot_be_left_stays_wanted(stage: Stage) -> None:
    stage.slack.faults.answer("conversations.leave", error="last_member")
    failed = await stage.engine.run("LeaveChannel", {"channelId": stage.id_of("random")})
    assert failed.name == "LeaveChannelFailed"
    assert failed.payload["errorCode"] == "last_member"
    assert stage.id_of("random") in wanted(stage)


# --- GetChannelInfo ---


@pytest.mark.parametrize("by", ["name", "hash", "id"])
async def test_a_channel_is_described(stage: Stage, by: str) -> None:
    channel = stage.slack.workspace.channel("deployments")
    stage.slack.workspace.set_topic(channel, "What is out")
    reference = {"name": "deployments", "hash": "#deployments", "id": channel.id}[by]
    found = await stage.engine.run("GetChannelInfo", {"channelName": reference, "q": None})
    assert found.name == "GetChannelInfoSuccess"
    assert found.payload["channelName"] == reference
    assert found.payload["conversation"]["id"] == channel.id
    assert found.payload["conversation"]["name"] == "deployments"


async def test_a_topic_is_told(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.slack.workspace.set_topic("general", "What is out")
        found = await stage.engine.run("GetChannelInfo", {"channelName": "general"})
    assert found.payload["conversation"]["topic"] == "What is out"


async def test_an_unknown_channel_fails_with_reason_and_error(stage: Stage) -> None:
    failed = await stage.engine.run("GetChannelInfo", {"channelName": "nowhere"})
    assert failed.name == "GetChannelInfoFail"
    assert failed.payload["channelName"] == "nowhere"
    assert failed.payload["reason"] == failed.payload["error"]
    assert failed.payload["reason"] == "can't find channel with such name"
    assert "nowhere" in failed.payload["hint"]


async def test_a_missing_name_fails_with_reason_and_error(stage: Stage) -> None:
    failed = await stage.engine.run("GetChannelInfo", {})
    assert failed.payload["reason"] == failed.payload["error"] == "missing channel name field"


# --- what is no command, and no input ---


async def test_an_unknown_command_is_fatal_and_names_those_that_there_are(stage: Stage) -> None:
    fatal = await stage.engine.run("Dance", {"x": 1})
    assert fatal.name == "FATAL"
    assert "Dance" in fatal.payload["error"]
    assert "SendMessage" in fatal.payload["error"]
    assert fatal.payload["input"] == {"x": 1}


BAD = [
    None,
    [],
    "text",
    3,
    True,
    {},
    {"message": 5},
    {"channelId": []},
    {"message": "\ud800", "channelId": "\0"},
]


@pytest.mark.parametrize(
    "command", ["SendMessage", "SendRichMessage", "Broadcast", "JoinChannel", "LeaveChannel"]
)
async def test_bad_input_ends_in_the_commands_failure_and_nothing_is_sent(
    tmp_path: Path, command: str
) -> None:
    async with open_stage(tmp_path) as stage:
        for given in BAD:
            if command == "Broadcast" and given == BAD[6]:
                continue
            failed = await stage.engine.run(command, given)
            assert failed.name == f"{command}Failed", given
            assert failed.payload["errorCode"] in ("invalid_input", "no_channels")
            assert failed.payload["error"]
            if command == "SendRichMessage":
                assert failed.payload["inputMessage"] == given
            elif isinstance(given, dict):
                assert {**failed.payload, **given} == failed.payload
            else:
                assert failed.payload["input"] == given
        assert stage.slack.faults.calls_of("chat.postMessage") == []
