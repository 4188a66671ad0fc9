"""SendMessage: sent once, echoed, and explained when it cannot be sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.in_process import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(
        tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general", FLYTE_SLACK_SETTLING_SECONDS="0.1"
    ) as opened:
        yield opened


def held(stage: Stage, channel: str, timestamp: str) -> Any:
    return stage.slack.workspace.message(channel, timestamp)


async def test_a_message_is_in_slack_when_the_success_is_reported(stage: Stage) -> None:
    channel = stage.id_of("general")
    sent = await stage.engine.run("SendMessage", {"channelId": channel, "message": "hello", "note": [1]})
    assert sent.name == "MessageSent"
    assert sent.payload == {
        "channelId": channel,
        "message": "hello",
        "note": [1],
        "timestamp": sent.payload["timestamp"],
        "attempts": 1,
        "waitedSeconds": sent.payload["waitedSeconds"],
    }
    assert 0 <= sent.payload["waitedSeconds"] < 5
    message = held(stage, channel, sent.payload["timestamp"])
    assert message.text == "hello"
    assert message.user == stage.slack.bot_user_id
    (call,) = stage.slack.faults.calls_of("chat.postMessage")
    assert set(call) == {"channel", "text", "metadata"}
    assert (call["channel"], call["text"]) == (channel, "hello")


async def test_a_message_carries_the_action_and_the_step_that_it_was_sent_for(stage: Stage) -> None:
    action = stage.engine.put("SendMessage", {"channelId": stage.id_of("general"), "message": "hello"})
    sent = await stage.engine.result_of(action)
    carried = {"event_type": "flyte_slack", "event_payload": {"flyte_slack_effect": f"{action}/post"}}
    assert held(stage, "general", sent.payload["timestamp"]).metadata == carried


@pytest.mark.parametrize("name", ["general", "#general", "#General"])
async def test_a_name_is_answered_with_the_id_and_the_name(stage: Stage, name: str) -> None:
    sent = await stage.engine.run("SendMessage", {"channelId": name, "message": "hello"})
    assert sent.name == "MessageSent"
    assert sent.payload["channelId"] == stage.id_of("general")
    assert sent.payload["channelName"] == name
    assert held(stage, "general", sent.payload["timestamp"]).text == "hello"


async def test_an_answer_goes_into_the_thread(stage: Stage) -> None:
    root = stage.slack.workspace.say("general", "question", user="ada")
    given = {"channelId": stage.id_of("general"), "message": "answer", "threadTimestamp": float(root.ts)}
    sent = await stage.engine.run("SendMessage", given)
    assert sent.payload["threadTimestamp"] == root.ts
    assert held(stage, "general", sent.payload["timestamp"]).thread_ts == root.ts


async def test_a_channel_without_the_bot_is_explained(stage: Stage) -> None:
    channel = stage.id_of("random")
    failed = await stage.engine.run("SendMessage", {"channelId": channel, "message": "hello", "x": 1})
    assert failed.name == "SendMessageFailed"
    error = failed.payload.pop("error")
    assert failed.payload == {
        "channelId": channel,
        "message": "hello",
        "x": 1,
        "errorCode": "not_in_channel",
    }
    assert "chat.postMessage" in error
    assert channel in error
    assert "invite the bot" in error
    assert "JoinChannel" in error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("is_archived", "unarchive"),
        ("restricted_action", "administrator"),
        ("a_new_code", "a_new_code#errors"),
    ],
)
async def test_every_refusal_carries_slacks_code(stage: Stage, code: str, words: str) -> None:
    stage.slack.faults.answer("chat.postMessage", error=code)
    failed = await stage.engine.run("SendMessage", {"channelId": stage.id_of("general"), "message": "m"})
    assert failed.payload["errorCode"] == code
    assert words.removesuffix("#errors") in failed.payload["error"]


async def test_a_missing_scope_is_named(stage: Stage) -> None:
    details = {"needed": "chat:write", "provided": "channels:read"}
    stage.slack.faults.answer("chat.postMessage", error="missing_scope", **details)
    failed = await stage.engine.run("SendMessage", {"channelId": stage.id_of("general"), "message": "m"})
    assert "needed chat:write" in failed.payload["error"]
    assert failed.payload["errorCode"] == "missing_scope"


async def test_a_name_that_is_unknown_is_left_to_slack(stage: Stage) -> None:
    failed = await stage.engine.run("SendMessage", {"channelId": "#nowhere", "message": "m"})
    assert failed.name == "SendMessageFailed"
    assert failed.payload["channelId"] == "#nowhere"
    assert failed.payload["errorCode"] == "channel_not_found"


async def test_a_channel_made_a_moment_ago_is_reached_by_its_name(stage: Stage) -> None:
    await stage.engine.run("SendMessage", {"channelId": "#nowhere", "message": "m"})
    stage.slack.workspace.add_channel("fresh", bot=True)
    sent = await stage.engine.run("SendMessage", {"channelId": "#fresh", "message": "m"})
    assert sent.name == "MessageSent"
    assert sent.payload["channelId"] == stage.id_of("fresh")


async def test_a_rate_limit_is_waited_for_and_nothing_is_sent_twice(stage: Stage) -> None:
    stage.slack.faults.answer("chat.postMessage", retry_after=1, times=1)
    sent = await stage.engine.run("SendMessage", {"channelId": stage.id_of("general"), "message": "once"})
    assert sent.name == "MessageSent"
    texts = [message.text for message in stage.slack.workspace.messages("general")]
    assert texts.count("once") == 1
    assert sent.payload["attempts"] == 2
    assert sent.payload["waitedSeconds"] >= 1


async def test_slack_being_away_for_a_moment_is_waited_for(stage: Stage) -> None:
    stage.slack.faults.answer("chat.postMessage", status=503, times=2)
    sent = await stage.engine.run("SendMessage", {"channelId": stage.id_of("general"), "message": "m"})
    assert sent.name == "MessageSent"


async def test_a_post_whose_answer_is_lost_is_looked_up_and_not_repeated(stage: Stage) -> None:
    stage.slack.faults.drop("chat.postMessage", after=True)
    sent = await stage.engine.run("SendMessage", {"channelId": stage.id_of("general"), "message": "once"})
    assert sent.name == "MessageSent"
    assert held(stage, "general", sent.payload["timestamp"]).text == "once"
    assert len(stage.slack.faults.calls_of("chat.postMessage")) == 1


async def test_commands_to_one_channel_keep_their_order_whatever_it_is_called(stage: Stage) -> None:
    stage.slack.faults.latency(0, 30)
    names = [stage.id_of("general"), "#general", "general"]
    actions = [
        stage.engine.put("SendMessage", {"channelId": names[at % 3], "message": str(at)}) for at in range(30)
    ]
    await asyncio.gather(*(stage.engine.result_of(action) for action in actions))
    texts = [
        m.text
        for m in stage.slack.workspace.messages("general")
        if m.user == stage.slack.bot_user_id and not m.subtype
    ]
    assert texts == [str(at) for at in range(30)]


async def test_a_held_channel_delays_no_other(stage: Stage) -> None:
    stage.slack.workspace.invite_bot("random")
    stage.slack.faults.answer("chat.postMessage", retry_after=5, times=1)
    for at in range(100):
        stage.engine.put("SendMessage", {"channelId": stage.id_of("general"), "message": str(at)})
    await stage.until(lambda: stage.slack.faults.calls_of("chat.postMessage"))
    other = {"channelId": stage.id_of("random"), "message": "at once"}
    sent = await stage.engine.run("SendMessage", other, seconds=3)
    assert sent.name == "MessageSent"
    assert not any(result.payload.get("message") == "0" for result in stage.engine.results)
