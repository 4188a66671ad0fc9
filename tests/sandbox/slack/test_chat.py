"""Posting, changing and deleting messages as the app."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller

TS = re.compile(r"\d{10}\.\d{6}\Z")


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True).id


async def test_an_answer_holds_the_message_as_it_was_stored(call: Caller, slack, ops: str) -> None:
    answer = await call.ok("chat.postMessage", channel=ops, text="deployed")
    assert answer["channel"] == ops
    assert TS.match(answer["ts"])
    message = answer["message"]
    assert message["text"] == "deployed"
    assert message["ts"] == answer["ts"]
    assert (message["user"], message["bot_id"], message["app_id"]) == (
        slack.bot_user_id,
        slack.bot_id,
        slack.app_id,
    )
    assert "subtype" not in message
    history = await call.ok("conversations.history", channel=ops)
    assert history["messages"] == [message]


@pytest.mark.parametrize("reference", ["ops", "#ops"])
async def test_posting_takes_a_name_and_everything_else_wants_the_id(
    call: Caller, ops: str, reference
) -> None:
    assert (await call.ok("chat.postMessage", channel=reference, text="x"))["channel"] == ops
    assert await call.error("conversations.info", channel=reference) == "channel_not_found"


async def test_posting_to_a_user_id_opens_a_direct_message(call: Caller, slack) -> None:
    ada = slack.workspace.user("ada")
    answer = await call.ok("chat.postMessage", channel=ada.id, text="psst")
    assert answer["channel"].startswith("D")
    assert slack.workspace.add_im("ada").id == answer["channel"]


async def test_where_the_bot_is_not_it_cannot_post(call: Caller, slack) -> None:
    slack.workspace.add_channel("closed", bot=True, archived=True)
    assert await call.error("chat.postMessage", channel="#general", text="x") == "not_in_channel"
    assert await call.error("chat.postMessage", channel="#incidents", text="x") == "channel_not_found"
    secret = slack.workspace.channel("incidents").id
    assert await call.error("chat.postMessage", channel=secret, text="x") == "channel_not_found"
    assert await call.error("chat.postMessage", channel="#nowhere", text="x") == "channel_not_found"
    assert await call.error("chat.postMessage", channel="closed", text="x") == "is_archived"


async def test_with_chat_write_public_it_can_post_to_public_channels_only(session) -> None:
    async with SimulatedSlack(scopes=["chat:write", "chat:write.public"]) as slack:
        call = Caller(slack, session)
        await call.ok("chat.postMessage", channel="general", text="x")
        assert await call.error("chat.postMessage", channel="incidents", text="x") == "channel_not_found"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_a_message_without_anything_to_say_is_refused(call: Caller, ops: str, text: str) -> None:
    assert await call.error("chat.postMessage", channel=ops, text=text) == "no_text"
    assert await call.error("chat.postMessage", channel=ops, text=text, attachments="{nonsense") == "no_text"


async def test_text_is_cut_after_forty_thousand_characters(call: Caller, ops: str) -> None:
    answer = await call.ok("chat.postMessage", channel=ops, text="ä" * 40_001)
    assert len(answer["message"]["text"]) == 40_000


async def test_markdown_excludes_text_and_has_a_limit(call: Caller, ops: str) -> None:
    assert (await call.ok("chat.postMessage", channel=ops, markdown_text="**x**"))["message"][
        "text"
    ] == "**x**"
    error = await call.error("chat.postMessage", channel=ops, markdown_text="x", text="y")
    assert error == "markdown_text_conflict"
    error = await call.error("chat.postMessage", channel=ops, markdown_text="x" * 12_001)
    assert error == "msg_too_long"


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_blocks_are_kept_and_given_ids(call: Caller, ops: str) -> None:
    blocks = [section("a"), {"type": "divider", "block_id": "mine"}]
    message = (await call.ok("chat.postMessage", channel=ops, blocks=blocks))["message"]
    assert message["blocks"][0]["text"] == {**blocks[0]["text"], "verbatim": False}
    assert message["blocks"][0]["block_id"]
    assert message["blocks"][1]["block_id"] == "mine"


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ({"type": "section"}, "[ERROR] must provide an array [json-pointer:/blocks]"),
        ([section("x")] * 51, "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"),
        (["x"], "[ERROR] must provide an object [json-pointer:/blocks/0]"),
        ([{}], "[ERROR] missing required field: type [json-pointer:/blocks/0]"),
        ([section("ok"), {"type": "poem"}], "[ERROR] unsupported type: poem [json-pointer:/blocks/1/type]"),
        ([{"type": ["x"]}], "[ERROR] must provide a string [json-pointer:/blocks/0/type]"),
        (
            [{"type": "section"}],
            "[ERROR] must define either `text` or `fields` [json-pointer:/blocks/0/type]",
        ),
        ([section("")], "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (
            [section("x" * 3001)],
            "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "section", "text": "plain"}],
            "[ERROR] must provide an object [json-pointer:/blocks/0/text]",
        ),
        (
            [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
            "[ERROR] no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
            "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "[ERROR] unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            [{"type": "image", "alt_text": "x"}],
            "[ERROR] missing required field: image_url [json-pointer:/blocks/0]",
        ),
        (
            [{"type": "actions", "elements": []}],
            "[ERROR] must provide at least 1 items [json-pointer:/blocks/0/elements]",
        ),
        (
            [{"type": "divider", "block_id": "x" * 256}],
            "[ERROR] must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
    ],
)
async def test_bad_blocks_are_pointed_at(call: Caller, slack, ops: str, blocks, message) -> None:
    answer = await call("chat.postMessage", channel=ops, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert message in answer["response_metadata"]["messages"]
    assert slack.workspace.messages("ops") == []


async def test_blocks_that_are_no_json_are_refused_as_such(call: Caller, ops: str) -> None:
    error = await call.error("chat.postMessage", channel=ops, text="x", blocks="[{")
    assert error == "invalid_blocks_format"


async def test_attachments_are_numbered_and_bounded(call: Caller, ops: str) -> None:
    message = (await call.ok("chat.postMessage", channel=ops, attachments=[{"text": "a"}, {"text": "b"}]))[
        "message"
    ]
    assert [(item["id"], item["fallback"]) for item in message["attachments"]] == [(1, "a"), (2, "b")]
    error = await call.error("chat.postMessage", channel=ops, attachments=[{"text": "a"}] * 101)
    assert error == "too_many_attachments"


async def test_a_reply_updates_the_root(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say("ops", "who deploys?", user="ada")
    first = await call.ok("chat.postMessage", channel=ops, text="I do", thread_ts=root.ts)
    slack.workspace.say("ops", "thanks", user="ada", thread_ts=root.ts)
    assert first["message"]["thread_ts"] == root.ts
    assert first["message"]["parent_user_id"] == root.user
    answer = await call.ok("conversations.replies", channel=ops, ts=root.ts)
    texts = [message["text"] for message in answer["messages"]]
    assert texts == ["who deploys?", "I do", "thanks"]
    described = answer["messages"][0]
    assert described["thread_ts"] == root.ts
    assert described["reply_count"] == 2
    assert described["latest_reply"] == answer["messages"][2]["ts"]
    assert described["reply_users"] == [slack.bot_user_id, root.user]
    history = await call.ok("conversations.history", channel=ops)
    assert [message["text"] for message in history["messages"]] == ["who deploys?"]


async def test_a_bot_writes_to_no_other_bot(call: Caller, slack) -> None:
    other = slack.workspace.add_user("jenkins", is_bot=True).id
    for bot in (other, "USLACKBOT", slack.bot_user_id):
        assert await call.error("chat.postMessage", channel=bot, text="x") == "channel_not_found"
    assert not [one for one in slack.workspace.channels.values() if one.kind.direct]


async def test_a_broadcast_reply_is_in_the_thread_and_in_the_channel(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say("ops", "root", user="ada")
    answer = await call.ok(
        "chat.postMessage", channel=ops, text="all of you", thread_ts=root.ts, reply_broadcast=True
    )
    assert answer["message"]["subtype"] == "thread_broadcast"
    assert answer["message"]["root"]["ts"] == root.ts
    history = await call.ok("conversations.history", channel=ops)
    assert [message["text"] for message in history["messages"]] == ["all of you", "root"]


async def test_a_thread_ts_that_is_no_message_posts_outside_any_thread(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say("ops", "root", user="ada")
    reply = slack.workspace.say("ops", "reply", user="bob", thread_ts=root.ts)
    for ts in ("1700000000.000001", root.ts[:-1], reply.ts):
        answer = await call.ok("chat.postMessage", channel=ops, text="lost", thread_ts=ts)
        assert "thread_ts" not in answer["message"]
    for ts in ("yesterday", "1700000000", "1700000000.0000001"):
        assert (
            await call.error("chat.postMessage", channel=ops, text="x", thread_ts=ts) == "invalid_thread_ts"
        )


async def test_a_thread_ts_sent_as_a_number_loses_its_end(slack, session, ops: str) -> None:
    root = slack.workspace.say("ops", "root", user="ada")
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    body = {"channel": ops, "text": "x", "thread_ts": float(root.ts[:-2] + "23")}
    async with session.post(slack.api_url + "chat.postMessage", json=body, headers=headers) as response:
        answer = await response.json()
    assert answer["ok"]
    assert "thread_ts" not in answer["message"]


async def test_what_is_in_metadata_comes_back_only_when_it_is_asked_for(
    call: Caller, slack, ops: str
) -> None:
    metadata = {"event_type": "flyte_action", "event_payload": {"id": "a1"}}
    told: list[dict[str, Any]] = []
    slack.workspace.listen(lambda occurrence: told.append(occurrence.event))
    await call.ok("chat.postMessage", channel=ops, text="x", metadata=metadata)
    assert [event["metadata"] for event in told] == [{"event_type": "flyte_action"}]
    history = await call.ok("conversations.history", channel=ops)
    assert history["messages"][0]["metadata"] == {"event_type": "flyte_action"}
    history = await call.ok("conversations.history", channel=ops, include_all_metadata="true")
    assert history["messages"][0]["metadata"] == metadata
    ts = history["messages"][0]["ts"]
    replies = await call.ok("conversations.replies", channel=ops, ts=ts, include_all_metadata="1")
    assert replies["messages"][0]["metadata"] == metadata


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("{", "invalid_metadata_format"),
        ("[]", "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_format"),
        ({"event_type": "a b", "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"a": "y" * 17_000}}, "metadata_too_large"),
    ],
)
async def test_bad_metadata_is_refused(call: Caller, ops: str, metadata, error) -> None:
    assert await call.error("chat.postMessage", channel=ops, text="x", metadata=metadata) == error


async def test_a_name_and_icon_of_ones_own_need_their_scope(call: Caller, slack, session, ops: str) -> None:
    answer = await call.ok(
        "chat.postMessage", channel=ops, text="x", username="Deployer", icon_emoji=":rocket:"
    )
    message = answer["message"]
    assert message["subtype"] == "bot_message"
    assert (message["username"], message["icons"]) == ("Deployer", {"emoji": ":rocket:"})
    assert message["bot_id"] == slack.bot_id
    assert "user" not in message
    async with SimulatedSlack(scopes=["chat:write"]) as plain:
        channel = plain.workspace.add_channel("ops", bot=True)
        answer = await Caller(plain, session).ok(
            "chat.postMessage", channel=channel.id, text="x", username="D"
        )
        assert "username" not in answer["message"]
        assert answer["message"]["user"] == plain.bot_user_id


async def test_as_user_is_for_classic_apps(call: Caller, ops: str) -> None:
    assert (
        await call.error("chat.postMessage", channel=ops, text="x", as_user=True) == "as_user_not_supported"
    )
    await call.ok("chat.postMessage", channel=ops, text="x", as_user=False)


async def test_permalinks_name_the_message_and_its_thread(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say("ops", "root", user="ada")
    reply = slack.workspace.say("ops", "reply", user="ada", thread_ts=root.ts)
    link = (await call.ok("chat.getPermalink", channel=ops, message_ts=root.ts))["permalink"]
    assert link.endswith(f"/archives/{ops}/p{root.ts.replace('.', '')}")
    link = (await call.ok("chat.getPermalink", channel=ops, message_ts=reply.ts))["permalink"]
    assert link.endswith(f"?thread_ts={root.ts}&cid={ops}")
    assert await call.error("chat.getPermalink", channel=ops, message_ts="1.2") == "message_not_found"


async def test_only_its_own_messages_can_be_changed_and_deleted(call: Caller, slack, ops: str) -> None:
    mine = await call.ok("chat.postMessage", channel=ops, text="first")
    theirs = slack.workspace.say("ops", "hers", user="ada")
    updated = await call.ok("chat.update", channel=ops, ts=mine["ts"], text="second")
    assert (updated["text"], updated["ts"]) == ("second", mine["ts"])
    assert updated["message"]["edited"]["user"] == slack.bot_user_id
    assert await call.error("chat.update", channel=ops, ts=theirs.ts, text="x") == "cant_update_message"
    assert await call.error("chat.update", channel=ops, ts=mine["ts"], text="x" * 4_001) == "msg_too_long"
    assert await call.error("chat.delete", channel=ops, ts=theirs.ts) == "cant_delete_message"
    await call.ok("chat.delete", channel=ops, ts=mine["ts"])
    assert await call.error("chat.delete", channel=ops, ts=mine["ts"]) == "message_not_found"
    assert [message.text for message in slack.workspace.messages(ops)] == ["hers"]


async def test_me_messages_are_marked(call: Caller, slack, ops: str) -> None:
    answer = await call.ok("chat.meMessage", channel=ops, text="waves")
    assert slack.workspace.message(ops, answer["ts"]).subtype == "me_message"
    general = slack.workspace.channel("general").id
    assert await call.error("chat.meMessage", channel=general, text="x") == "not_in_channel"


async def test_arguments_are_remembered_without_the_token(call: Caller, slack, ops: str) -> None:
    await call.ok("chat.postMessage", channel=ops, text="x", blocks=[section("y")])
    assert slack.faults.calls_of("chat.postMessage") == [
        {"channel": ops, "text": "x", "blocks": json.dumps([section("y")])}
    ]
    assert slack.bot_token not in repr(slack.faults.calls)


async def test_blocks_alone_are_the_text_too(call: Caller, slack, ops: str) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "*Deploy*?"}}
    buttons = [
        {"type": "button", "action_id": name, "text": {"type": "plain_text", "text": name}}
        for name in ("Yes", "No")
    ]
    blocks = [section, {"type": "actions", "elements": buttons}]
    answer = await call.ok("chat.postMessage", channel=ops, blocks=blocks)
    assert answer["message"]["text"] == "*Deploy*? Yes button No button"
    assert slack.workspace.messages(ops)[-1].text == "*Deploy*? Yes button No button"
    changed = await call.ok("chat.update", channel=ops, ts=answer["ts"], blocks=[{"type": "divider"}])
    assert changed["text"] == "[no preview available]"


async def test_a_response_of_blocks_alone_has_their_text(slack, session, ops: str) -> None:
    url = slack.interactions.response_urls.issue("commands", ops, slack.workspace.user("ada").id)
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "Done"}}]
    async with session.post(url, json={"blocks": blocks, "response_type": "in_channel"}) as answer:
        assert answer.status == 200
    assert slack.workspace.messages(ops)[-1].text == "Done"
