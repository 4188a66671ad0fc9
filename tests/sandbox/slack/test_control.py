"""The sandbox's own addresses, by which other processes take part."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.kit.rich_text import from_text


@pytest.fixture
def post(slack: SimulatedSlack, session: aiohttp.ClientSession):
    async def posting(path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        async with session.post(f"{slack.url}/sandbox/{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    return posting


async def test_a_user_can_speak_from_another_process(slack, post) -> None:
    status, answer = await post("say", {"channel": "#general", "text": "echo hello"})
    message = slack.workspace.messages("general")[-1]
    general = slack.workspace.channel("general").id
    assert (status, answer) == (200, {"ok": True, "ts": message.ts, "channel": general})
    assert message.user == slack.workspace.user("ada").id
    body = {"channel": general, "text": "in the thread", "user": "bob", "thread_ts": message.ts}
    await post("say", body)
    assert slack.workspace.messages("general")[-1].thread_ts == message.ts
    assert slack.workspace.messages("general")[-1].user == slack.workspace.user("bob").id


async def test_who_writes_to_the_bot_directly_is_in_a_direct_message_of_its_own(slack, post) -> None:
    channels = []
    for body in ({"user": "bob"}, {"user": "carol"}, {"user": "bob"}):
        status, answer = await post("say", {"channel": "@flyte", "text": "hello you", **body})
        assert status == 200
        message = slack.workspace.message(answer["channel"], answer["ts"])
        assert message.user == slack.workspace.user(body["user"]).id
        channels.append(answer["channel"])
    assert channels[0] == channels[2] == slack.workspace.add_im("bob").id != channels[1]
    _, answer = await post("say", {"channel": channels[0], "text": "without a name"})
    assert slack.workspace.message(channels[0], answer["ts"]).user == slack.workspace.user("bob").id
    status, answer = await post("say", {"channel": channels[0], "text": "not mine", "user": "ada"})
    assert (status, answer["error"]) == (400, "not_in_channel")


async def test_reactions_invitations_and_kicks(slack, post) -> None:
    message = slack.workspace.say("general", "x", user="ada")
    assert (await post("react", {"channel": "general", "ts": message.ts, "name": "eyes"}))[1] == {"ok": True}
    assert list(message.reactions) == ["eyes"]
    assert (await post("invite", {"channel": "incidents"}))[1] == {"ok": True, "changed": True}
    assert slack.bot_user_id in slack.workspace.channel("incidents").members
    assert (await post("kick", {"channel": "incidents", "by": "carol"}))[1] == {"ok": True, "changed": True}
    assert (await post("kick", {"channel": "incidents"}))[1] == {"ok": True, "changed": False}


@pytest.mark.parametrize(
    ("path", "body", "error", "message"),
    [
        ("say", {"channel": "#nowhere", "text": "x"}, "channel_not_found", "channel_not_found"),
        ("say", {"channel": "general", "text": "x", "user": "zed"}, "user_not_found", "user_not_found"),
        ("say", {"channel": "general", "text": " \n"}, "no_text", "no_text"),
        ("say", {"channel": "incidents", "text": "x", "user": "bob"}, "not_in_channel", "not_in_channel"),
        ("say", {"channel": "@bob", "text": "x"}, "channel_not_found", "channel_not_found"),
        ("say", {"channel": "general"}, "invalid_arguments", "missing: text"),
        ("say", {"channel": 1, "text": "x"}, "invalid_arguments", "not a text: channel"),
        ("say", {"channel": "general", "text": "x", "colour": "red"}, "invalid_arguments", "unknown: colour"),
        ("say", [1], "invalid_json", "JSON object"),
        ("faults", {"fault": "plan"}, "invalid_arguments", "fault has to be one of answer"),
        ("faults", {"fault": "delay", "method": "*"}, "invalid_arguments", "seconds"),
        (
            "faults",
            {"fault": "delay", "method": "*", "seconds": "1"},
            "invalid_arguments",
            "seconds: Input should be a valid number",
        ),
        (
            "faults",
            {"fault": "drop", "method": "*", "times": True},
            "invalid_arguments",
            "times: Input should be a valid integer",
        ),
        ("faults", {"fault": "drop", "method": "*", "times": -1}, "invalid_arguments", "times: "),
        ("faults", {"fault": "answer", "method": "*"}, "invalid_arguments", "answer needs"),
        ("faults", {"fault": ["x"]}, "invalid_arguments", "fault has to be one of"),
        ("events-url", {"url": "http://127.0.0.1:1/"}, "url_verification_failed", "connection_failed"),
    ],
)
async def test_what_cannot_be_done_is_explained(post, path, body, error, message) -> None:
    status, answer = await post(path, body)
    assert (status, answer["ok"], answer["error"]) == (400, False, error)
    assert message in answer["message"]


async def test_faults_can_be_set_from_another_process(slack, post, call) -> None:
    body = {"fault": "answer", "method": "auth.test", "error": "fatal_error"}
    assert (await post("faults", body))[1] == {"ok": True, "id": "f1"}
    assert (await call("auth.test"))["error"] == "fatal_error"
    await post("faults", {"fault": "latency", "low_ms": 0, "high_ms": 1.5})
    await post("faults", {"fault": "clear"})
    assert (await call("auth.test"))["ok"]


async def test_the_web_page_of_somebody_else_is_refused(slack, post) -> None:
    body = {"channel": "general", "text": "x"}
    assert (await post("say", body, Origin="https://evil.example"))[0] == 403
    assert (await post("say", body, Origin=slack.url))[0] == 200


@pytest.mark.parametrize("path", ["state", "feed", "faults", "tokens"])
async def test_a_name_of_the_public_dns_that_leads_here_is_refused(slack, session, path: str) -> None:
    call = session.post if path == "tokens" else session.get
    async with call(f"{slack.url}/sandbox/{path}", headers={"Host": "evil.example"}, data="{}") as response:
        assert response.status == 403
        assert (await response.json())["error"] == "forbidden_host"


@pytest.mark.parametrize(
    "host", ["localhost:1", "[::1]:8081", "slack", "10.0.0.1:80", "host.docker.internal"]
)
async def test_a_name_that_is_private_is_taken(slack, session, host: str) -> None:
    async with session.get(f"{slack.url}/sandbox/state", headers={"Host": host}) as response:
        assert response.status == 200


async def test_the_state_shows_users_channels_and_recent_messages(slack, session) -> None:
    slack.workspace.say("general", "hello", user="ada")
    async with session.get(slack.url + "/sandbox/state") as response:
        state = await response.json()
    assert {user["name"] for user in state["users"]} >= {"ada", "bob", "carol"}
    general = next(channel for channel in state["channels"] if channel["name"] == "general")
    assert general["messages"][0]["text"] == "hello"
    assert general["is_member"] is False
    assert state["botUserId"] == slack.bot_user_id


async def test_the_feed_streams_what_happens(slack, session, call) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    async with session.get(slack.url + "/sandbox/feed") as response:
        assert response.content_type == "application/x-ndjson"
        said = slack.workspace.say("ops", "hello", user="ada")
        answer = await call.ok("chat.postMessage", channel=ops.id, text="hi", thread_ts=said.ts)
        slack.workspace.react("ops", said.ts, "tada", user="bob")
        slack.workspace.edit("ops", said.ts, "hello!")
        lines = [json.loads(await asyncio.wait_for(response.content.readline(), 5)) for _ in range(4)]
    hello, reply, reaction, edit = lines
    assert hello == {
        "kind": "message",
        "channel": ops.id,
        "channelName": "ops",
        "channelType": "channel",
        "user": said.user,
        "userName": "ada",
        "bot": False,
        "ts": said.ts,
        "text": "hello",
        "subtype": None,
        "threadTs": None,
        "blocks": from_text("hello"),
        "attachments": [],
        "files": [],
    }
    assert (reply["bot"], reply["userName"], reply["ts"], reply["threadTs"]) == (
        True,
        "flyte",
        answer["ts"],
        said.ts,
    )
    assert (reaction["kind"], reaction["reaction"], reaction["userName"]) == ("reaction_added", "tada", "bob")
    assert reaction["ts"] == said.ts
    assert (edit["kind"], edit["text"]) == ("message_changed", "hello!")


async def test_the_feed_tells_what_one_person_alone_sees(slack, call) -> None:
    watching = slack.feed.subscribe()
    ops = slack.workspace.add_channel("ops", bot=True).id
    ada = slack.workspace.user("ada").id
    await call.ok("chat.postEphemeral", channel=ops, user=ada, text="psst")
    title = {"type": "plain_text", "text": "Deploy"}
    trigger = slack.interactions.triggers.issue(ada)
    view = {"type": "modal", "callback_id": "d", "title": title, "blocks": []}
    opened = (await call.ok("views.open", trigger_id=trigger, view=view))["view"]
    await call.ok("views.publish", user_id=ada, view={"type": "home", "blocks": []})
    slack.feed.unsubscribe(watching)
    seen = {line["kind"]: line async for line in watching}
    ephemeral, modal, home = seen["ephemeral"], seen["view"], seen["home"]
    assert (ephemeral["text"], ephemeral["bot"], ephemeral["seenByName"]) == ("psst", True, "ada")
    assert (modal["change"], modal["title"], modal["viewId"]) == ("opened", "Deploy", opened["id"])
    assert (modal["userName"], modal["bot"], modal["callbackId"]) == ("ada", False, "d")
    assert (home["change"], home["user"]) == ("published", ada)


async def test_a_feed_that_nobody_reads_loses_the_oldest_lines(slack) -> None:
    watching = slack.feed.subscribe()
    for number in range(1_500):
        slack.workspace.say("general", str(number), user="ada")
    slack.feed.unsubscribe(watching)
    texts = [line["text"] async for line in watching]
    assert watching.missed == 500
    assert texts == [str(number) for number in range(500, 1_500)]


async def test_an_open_feed_ends_when_the_sandbox_stops(session) -> None:
    slack = SimulatedSlack()
    await slack.start()
    async with session.get(slack.url + "/sandbox/feed") as response:
        reading = asyncio.create_task(response.read())
        await asyncio.sleep(0.01)
        await slack.stop()
        assert await asyncio.wait_for(reading, 5) == b""
