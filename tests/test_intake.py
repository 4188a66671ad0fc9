"""What happens in Slack, and what flows hear of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pack.contracts.ports import Identity, Inbound, PayloadKind
from pack.intake import Intake
from pack.sandbox.slack import SimulatedSlack
from tests.in_process import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general,random") as opened:
        yield opened


async def heard(stage: Stage, marker: str = "the end") -> list[Any]:
    """Say one last word in #general and return what was told before it (and not the word itself)."""
    stage.slack.workspace.say("general", marker, user="carol")
    async with asyncio.timeout(10):
        while not any(one.payload.get("message") == marker for one in stage.engine.events):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return [one for one in stage.engine.events if one.payload.get("message") != marker]


async def test_a_message_is_told_in_the_old_packs_form(stage: Stage) -> None:
    ada = stage.slack.workspace.user("ada")
    said = stage.slack.workspace.say("general", "hello & <goodbye>", user="ada")
    told = await stage.engine.event()
    assert told.name == "ReceivedMessage"
    user = told.payload["user"]
    assert told.payload == {
        "channelId": stage.id_of("general"),
        "message": said.text,
        "timestamp": said.ts,
        "threadTimestamp": said.ts,
        "replyCount": 0,
        "replies": [],
        "user": user,
    }
    assert user["id"] == ada.id
    assert user["name"] == "ada"
    assert set(user) == {
        "id",
        "name",
        "email",
        "title",
        "firstName",
        "lastName",
        "displayName",
        "timestamp",
        "threadTimestamp",
    }
    assert (user["timestamp"], user["threadTimestamp"]) == (said.ts, said.ts)
    assert all(user[key] for key in ("email", "title", "firstName", "lastName"))


async def test_an_answer_in_a_thread_names_the_threads_root(stage: Stage) -> None:
    root = stage.slack.workspace.say("general", "root", user="ada")
    answer = stage.slack.workspace.say("general", "answer", user="bob", thread_ts=root.ts)
    told = await stage.engine.event(2)
    assert told.payload["timestamp"] == answer.ts
    assert told.payload["threadTimestamp"] == told.payload["user"]["threadTimestamp"] == root.ts


async def test_private_channels_and_direct_messages_are_heard(stage: Stage) -> None:
    stage.slack.workspace.invite_bot("incidents")
    stage.slack.workspace.say("incidents", "private", user="ada")
    direct = stage.slack.workspace.add_im("ada")
    stage.slack.workspace.say(direct.id, "direct", user="ada")
    await stage.engine.event(2)
    assert {one.payload["message"] for one in stage.engine.events} == {"private", "direct"}


@pytest.mark.parametrize("subtype", ["file_share", "me_message"])
async def test_what_somebody_wrote_is_told_whatever_its_subtype(stage: Stage, subtype: str) -> None:
    stage.slack.workspace.say("general", "written", user="ada", subtype=subtype)
    assert [one.payload["message"] for one in await heard(stage)] == ["written"]


async def test_changes_deletions_and_joins_are_not_told(stage: Stage) -> None:
    said = stage.slack.workspace.say("general", "first", user="ada")
    stage.slack.workspace.edit("general", said.ts, "second")
    stage.slack.workspace.delete("general", said.ts)
    stage.slack.workspace.say("general", "topic", user="ada", subtype="channel_topic")
    dave = stage.slack.workspace.add_user("dave")
    stage.slack.workspace.join("general", dave)
    assert [one.payload["message"] for one in await heard(stage)] == ["first"]


async def test_nothing_that_the_pack_did_is_told(stage: Stage) -> None:
    sent = await stage.engine.run("SendMessage", {"channelId": "#general", "message": "mine"})
    given = {"channel": "#general", "text": "under a name", "username": "deployer"}
    await stage.engine.run("SendRichMessage", given)
    stage.slack.workspace.react("general", sent.payload["timestamp"], "eyes", user=stage.slack.bot_user_id)
    assert await heard(stage) == []


async def test_another_bots_message_is_told(stage: Stage) -> None:
    bot = stage.slack.workspace.add_user("jenkins", is_bot=True)
    stage.slack.workspace.join("general", bot)
    stage.slack.workspace.say("general", "build failed", user=bot)
    told = [one.payload for one in await heard(stage)]
    assert [one["message"] for one in told] == ["build failed"]
    assert told[0]["user"]["id"] == bot.id


async def test_a_reaction_to_the_packs_own_message_is_told(stage: Stage) -> None:
    sent = await stage.engine.run("SendMessage", {"channelId": "#general", "message": "approve?"})
    stage.slack.workspace.react("general", sent.payload["timestamp"], "thumbsup", user="ada")
    told = await stage.engine.event()
    assert told.name == "ReactionAdded"
    assert told.payload["type"] == "reaction_added"
    assert told.payload["reaction"] == "thumbsup"
    assert told.payload["user"]["name"] == "ada"
    assert told.payload["itemUser"]["id"] in ("", stage.slack.bot_user_id)
    assert told.payload["item"] == {
        "type": "message",
        "channel": stage.id_of("general"),
        "timestamp": sent.payload["timestamp"],
    }
    assert told.payload["eventTimestamp"]


async def test_a_reaction_without_a_known_author_is_told(stage: Stage) -> None:
    ada = stage.slack.workspace.user("ada")
    event = {
        "type": "reaction_added",
        "user": ada.id,
        "reaction": "eyes",
        "item": {"type": "message", "channel": stage.id_of("general"), "ts": "1.000001"},
        "event_ts": "2.000001",
    }
    assert await offer(stage, event)
    told = await stage.engine.event()
    assert told.payload["itemUser"]["id"] == ""
    assert told.payload["eventTimestamp"] == "2.000001"


async def test_copies_with_another_event_id_are_told_once(stage: Stage) -> None:
    stage.slack.faults.repeat_events(copies=3)
    stage.slack.workspace.say("general", "once", user="ada")
    assert [one.payload["message"] for one in await heard(stage)] == ["once"]


async def test_a_copy_with_the_same_event_id_is_told_once(stage: Stage) -> None:
    event = {
        "type": "message",
        "channel": stage.id_of("general"),
        "user": "",
        "text": "once",
        "ts": "1.000001",
    }
    payload = {"event": event, "event_id": "Ev1"}
    intake = intake_of(stage, await stage.pack.slack.identify())
    assert await intake.accept(Inbound(PayloadKind.EVENTS_API, payload))
    again = {"event": {**event, "ts": "1.000002"}, "event_id": "Ev1"}
    assert await intake.accept(Inbound(PayloadKind.EVENTS_API, again))
    await intake.finish(5)
    assert [one.payload["message"] for one in await heard(stage)] == ["once"]


async def test_a_users_profile_is_asked_for_once(stage: Stage) -> None:
    for at in range(20):
        stage.slack.workspace.say("general", str(at), user="ada")
    told = await heard(stage)
    assert [one.payload["message"] for one in told] == [str(at) for at in range(20)]
    assert len(stage.slack.faults.calls_of("users.info")) <= 2


async def test_a_slow_lookup_delays_no_other_channel(stage: Stage) -> None:
    stage.slack.workspace.say("random", "warm up", user="bob")
    await stage.engine.event()
    stage.slack.faults.delay("users.info", 1.0)
    stage.slack.workspace.say("general", "slow", user="ada")
    stage.slack.workspace.say("random", "fast", user="bob")
    assert (await stage.engine.event(2)).payload["message"] == "fast"
    assert (await stage.engine.event(3)).payload["message"] == "slow"


async def test_many_hanging_lookups_in_one_channel_take_the_time_of_one(stage: Stage) -> None:
    for name in ("u1", "u2", "u3", "u4"):
        stage.slack.workspace.join("general", stage.slack.workspace.add_user(name))
    stage.slack.faults.delay("users.info", 0.5)
    started = asyncio.get_running_loop().time()
    for name in ("u1", "u2", "u3", "u4"):
        stage.slack.workspace.say("general", name, user=name)
    await stage.engine.event(4)
    assert asyncio.get_running_loop().time() - started < 1.5
    assert [one.payload["user"]["name"] for one in stage.engine.events] == ["u1", "u2", "u3", "u4"]


async def test_a_burst_is_told_completely_and_in_order(stage: Stage) -> None:
    for at in range(200):
        stage.slack.workspace.say("general" if at % 2 else "random", str(at), user="ada")
    await stage.engine.event(200)
    for name, odd in (("general", 1), ("random", 0)):
        channel = stage.id_of(name)
        told = [
            int(one.payload["message"]) for one in stage.engine.events if one.payload["channelId"] == channel
        ]
        assert told == [at for at in range(200) if at % 2 == odd]


ODD: list[dict[str, Any]] = [
    {},
    {"type": "message"},
    {"type": "message", "channel": 3, "text": None, "ts": []},
    {"type": "message", "channel": "C", "user": {}, "text": "\ud800", "ts": "1.1"},
    {"type": "reaction_added", "item": None},
    {"type": "member_joined_channel", "user": [], "channel": None},
    {"type": "channel_rename", "channel": {"id": 3}},
    {"type": 7, "channel": {"id": {}}},
]


def intake_of(stage: Stage, identity: Identity, **more: Any) -> Intake:
    return Intake(
        identity=identity,
        store=stage.pack.keeping.store,
        outbox=stage.pack.outbox,
        users=stage.pack.users,
        channels=stage.pack.channels,
        membership=stage.pack.membership,
        **more,
    )


async def offer(stage: Stage, event: Any, **more: Any) -> bool:
    intake = intake_of(stage, await stage.pack.slack.identify(), **more)
    accepted = await intake.accept(Inbound(PayloadKind.EVENTS_API, {"event": event}))
    await intake.finish(5)
    return accepted


@pytest.mark.parametrize("event", ODD)
async def test_an_odd_event_hurts_nobody(stage: Stage, event: dict[str, Any]) -> None:
    assert await offer(stage, event)
    stage.slack.workspace.say("general", "still here", user="ada")
    await stage.until(lambda: any(one.payload.get("message") == "still here" for one in stage.engine.events))


async def test_a_full_intake_accepts_nothing_until_the_engine_takes_events(stage: Stage) -> None:
    event = {"type": "message", "channel": "C1", "user": "U1", "text": "x", "ts": "1.000001"}
    assert not await offer(stage, event, capacity=0)
    assert await offer(stage, event, capacity=1)


async def test_commands_and_buttons_are_acknowledged_until_there_is_something_to_tell(stage: Stage) -> None:
    intake = intake_of(stage, await stage.pack.slack.identify())
    for kind in (PayloadKind.SLASH_COMMANDS, PayloadKind.INTERACTIVE):
        assert await intake.accept(Inbound(kind, {}))


async def test_events_come_by_signed_requests_too(tmp_path: Path) -> None:
    slack = SimulatedSlack()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    async with open_stage(
        tmp_path,
        slack=slack,
        FLYTE_SLACK_APP_TOKEN="",
        FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general",
        FLYTE_SLACK_SIGNING_SECRET=slack.signing_secret,
        FLYTE_SLACK_EVENTS_PORT=str(port),
    ) as stage:
        assert stage.pack.checks["EventsApi"]().ready
        await stage.slack.http_delivery.subscribe(f"http://127.0.0.1:{port}/slack/events")
        stage.slack.workspace.say("general", "by request", user="ada")
        assert (await stage.engine.event()).payload["message"] == "by request"


async def test_what_the_next_start_goes_on_with_is_no_error_when_the_pack_stops(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with open_stage(
        tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general", FLYTE_SLACK_GRACE_SECONDS="0.5"
    ) as stage:
        await stage.engine.stop()
        stage.slack.workspace.say("general", "kept", user="ada")
        await stage.until(lambda: stage.pack.outbox.waiting)
    assert "stopped with 1 results and events that the engine has not taken" in caplog.text
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_without_a_way_to_receive_nothing_is_said_of_what_was_missed(tmp_path: Path) -> None:
    async with open_stage(
        tmp_path, FLYTE_SLACK_APP_TOKEN="", FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general"
    ) as stage:
        await stage.engine.run("SendMessage", {"channelId": "#general", "message": "hello"})
        assert "Intake" in stage.pack.checks
        assert "Backfill" not in stage.pack.checks
