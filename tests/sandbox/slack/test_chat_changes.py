"""Messages that are changed, deleted, shown to one person, and posted for people."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.situations.chat_changes import person
from tests.sandbox.slack.situations.declared import Stage

Events = list[dict[str, Any]]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True).id


@pytest.fixture
def heard(slack: SimulatedSlack, ops: str) -> Events:
    events: Events = []
    slack.workspace.listen(lambda occurrence: events.append(occurrence.event))
    return events


async def test_a_text_alone_takes_the_blocks_place_and_attachments_stay(call: Caller, ops: str) -> None:
    posted = await call.ok("chat.postMessage", channel=ops, blocks=[SECTION], attachments=[{"text": "a"}])
    place = {"channel": ops, "ts": posted["ts"]}
    changed = (await call.ok("chat.update", **place, text="y"))["message"]
    assert [block["type"] for block in changed["blocks"]] == ["rich_text"]
    assert changed["attachments"][0]["text"] == "a"
    changed = (await call.ok("chat.update", **place, attachments=[]))["message"]
    assert "attachments" not in changed
    assert changed["text"] == "y"
    changed = (await call.ok("chat.update", **place, blocks=[SECTION]))["message"]
    assert [block["type"] for block in changed["blocks"]] == ["section"]
    assert changed["text"] == "x"


async def test_metadata_stays_until_an_empty_object_takes_it_away(call: Caller, slack, ops: str) -> None:
    metadata = {"event_type": "deployed", "event_payload": {"id": 1}}
    posted = await call.ok("chat.postMessage", channel=ops, text="x", metadata=metadata)
    place = {"channel": ops, "ts": posted["ts"]}
    assert (await call.ok("chat.update", **place, text="y"))["message"]["metadata"] == metadata
    assert "metadata" not in (await call.ok("chat.update", **place, text="z", metadata={}))["message"]


async def test_metadata_of_work_objects_is_kept_when_each_is_whole(call: Caller, ops: str) -> None:
    entity = {
        "entity_type": "slack#/entities/task",
        "entity_payload": {"attributes": {"title": {"text": "x"}}},
        "external_ref": {"id": "1"},
        "url": "https://example.com/1",
    }
    metadata = {"entities": [entity]}
    posted = await call.ok("chat.postMessage", channel=ops, text="x", metadata=metadata)
    assert posted["message"]["metadata"] == metadata
    del entity["url"]
    error = await call.error("chat.postMessage", channel=ops, text="x", metadata=metadata)
    assert error == "invalid_metadata_schema"


async def test_a_change_is_told_with_what_was_before(call: Caller, slack, ops: str, heard: Events) -> None:
    posted = await call.ok("chat.postMessage", channel=ops, text="first")
    await call.ok("chat.update", channel=ops, ts=posted["ts"], text="second")
    event = heard[-1]
    assert (event["type"], event["subtype"], event["channel_type"]) == (
        "message",
        "message_changed",
        "channel",
    )
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("second", "first")
    assert event["message"]["edited"]["user"] == slack.bot_user_id
    assert event["message"]["edited"]["ts"].endswith(".000000")
    assert "edited" not in event["previous_message"]
    assert event["hidden"] is True


async def test_what_is_updated_with_blocks_is_not_marked_as_edited(call: Caller, ops: str) -> None:
    posted = await call.ok("chat.postMessage", channel=ops, text="first")
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "second"}}]
    changed = await call.ok("chat.update", channel=ops, ts=posted["ts"], blocks=blocks)
    assert "edited" not in changed["message"]
    changed = await call.ok("chat.update", channel=ops, ts=posted["ts"], text="third", blocks="[]")
    assert "edited" in changed["message"]


async def test_a_broadcast_shows_its_root_as_it_is_now(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say(ops, "root", user="ada")
    posted = {"channel": ops, "text": "all", "thread_ts": root.ts, "reply_broadcast": True}
    assert (await call.ok("chat.postMessage", **posted))["message"]["root"]["reply_count"] == 1

    async def shown() -> tuple[str, int]:
        newest = (await call.ok("conversations.history", channel=ops))["messages"][0]
        return newest["root"]["text"], newest["root"]["reply_count"]

    slack.workspace.edit(ops, root.ts, "roots")
    slack.workspace.say(ops, "more", user="bob", thread_ts=root.ts)
    assert await shown() == ("roots", 2)
    slack.workspace.delete(ops, root.ts)
    assert await shown() == ("This message was deleted.", 2)


async def test_an_older_reply_can_be_shown_in_the_channel(call: Caller, slack, ops: str) -> None:
    root = slack.workspace.say(ops, "root", user="ada")
    posted = await call.ok("chat.postMessage", channel=ops, text="reply", thread_ts=root.ts)
    changed = await call.ok("chat.update", channel=ops, ts=posted["ts"], reply_broadcast=True)
    assert changed["message"]["subtype"] == "thread_broadcast"
    assert changed["message"]["root"]["ts"] == root.ts
    shown = await call.ok("conversations.history", channel=ops)
    assert [message["text"] for message in shown["messages"]] == ["reply", "root"]


async def test_files_can_be_added_and_taken_away(call: Caller, slack, ops: str) -> None:
    file = slack.world.files.put(slack.bot_user_id, "notes.txt", b"notes", host="localhost")
    posted = await call.ok("chat.postMessage", channel=ops, text="x")
    place = {"channel": ops, "ts": posted["ts"]}
    changed = await call.ok("chat.update", **place, file_ids=[file.id])
    assert [part["id"] for part in changed["message"]["files"]] == [file.id]
    assert "files" not in (await call.ok("chat.update", **place, file_ids=[]))["message"]


async def test_a_deleted_root_leaves_a_tombstone_while_it_has_replies(
    call: Caller, slack, ops: str, heard: Events
) -> None:
    root = (await call.ok("chat.postMessage", channel=ops, text="root"))["ts"]
    reply = slack.workspace.say(ops, "reply", user="ada", thread_ts=root)
    await call.ok("chat.delete", channel=ops, ts=root)
    assert heard[-1]["subtype"] == "message_changed"
    tombstone = heard[-1]["message"]
    assert (tombstone["subtype"], tombstone["user"], tombstone["hidden"]) == ("tombstone", "USLACKBOT", True)
    assert (tombstone["reply_count"], tombstone["thread_ts"]) == (1, root)
    replies = await call.ok("conversations.replies", channel=ops, ts=root)
    assert [message["ts"] for message in replies["messages"]] == [root, reply.ts]
    slack.workspace.delete(ops, reply.ts)
    assert heard[-1]["subtype"] == "message_deleted"
    assert heard[-1]["deleted_ts"] == reply.ts
    assert (await call.ok("conversations.history", channel=ops))["messages"] == []
    assert await call.error("conversations.replies", channel=ops, ts=root) == "thread_not_found"


async def test_an_ephemeral_is_seen_by_one_person_and_stands_in_no_history(
    call: Caller, slack, ops: str, heard: Events
) -> None:
    ada = slack.workspace.user("ada").id
    answer = await call.ok("chat.postEphemeral", channel=ops, user=ada, text="psst")
    assert set(answer) == {"ok", "message_ts"}
    seen = slack.world.ephemerals.seen_by(ada, ops)
    assert [(message.ts, message.text) for message in seen] == [(answer["message_ts"], "psst")]
    assert slack.world.ephemerals.seen_by(slack.workspace.user("bob").id) == []
    assert slack.workspace.messages(ops) == []
    assert heard == []
    assert (
        await call.error("chat.update", channel=ops, ts=answer["message_ts"], text="x") == "message_not_found"
    )


async def test_a_persons_token_posts_as_the_person(call: Caller, slack, ops: str) -> None:
    token, ada = person(Stage(slack, call)), slack.workspace.user("ada").id
    message = (await call.ok("chat.postMessage", token=token, channel=ops, text="me"))["message"]
    assert (message["user"], message["bot_id"]) == (ada, slack.bot_id)
    place = {"channel": ops, "ts": message["ts"]}
    assert await call.error("chat.update", **place, text="x") == "cant_update_message"
    await call.ok("chat.update", token=token, **place, text="x")
    typed = slack.workspace.say(ops, "typed", user="ada")
    await call.ok("chat.delete", token=token, channel=ops, ts=typed.ts)
    assert await call.error("chat.delete", channel=ops, ts=message["ts"]) == "cant_delete_message"


async def test_a_persons_token_opens_direct_messages_of_its_own(call: Caller, slack) -> None:
    bob = slack.workspace.user("bob").id
    token = person(Stage(slack, call))
    answer = await call.ok("chat.postMessage", token=token, channel=bob, text="hi")
    members = slack.workspace.channel(answer["channel"]).members
    assert set(members) == {bob, slack.workspace.user("ada").id}


async def test_other_bots_mention_the_bot_too_but_not_in_direct_messages(
    slack, ops: str, heard: Events
) -> None:
    mention = f"<@{slack.bot_user_id}> look"
    slack.workspace.say(ops, mention, subtype="bot_message", bot_id="B1", username="alarm")
    assert [event["type"] for event in heard] == ["message", "app_mention"]
    assert (heard[1]["bot_id"], heard[1]["subtype"]) == ("B1", "bot_message")
    heard.clear()
    slack.workspace.say(slack.workspace.add_im("ada"), mention)
    assert "app_mention" not in [event["type"] for event in heard]
