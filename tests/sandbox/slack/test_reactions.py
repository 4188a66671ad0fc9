"""Reactions to messages."""

from __future__ import annotations

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.uploading import following, upload


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


async def test_reactions_come_back_with_the_message_in_order(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    message = slack.workspace.say(general, "hello", user="ada")
    target = {"channel": general, "timestamp": message.ts}
    await call.ok("reactions.add", name=":wave:", **target)
    await call.ok("reactions.add", name="+1::skin-tone-3", **target)
    slack.workspace.react(general, message.ts, "wave", "bob")
    answer = await call.ok("reactions.get", full=True, **target)
    assert (answer["type"], answer["channel"]) == ("message", general)
    bob = slack.workspace.user("bob").id
    assert answer["message"]["reactions"] == [
        {"name": "wave", "users": [slack.bot_user_id, bob], "count": 2},
        {"name": "+1::skin-tone-3", "users": [slack.bot_user_id], "count": 1},
    ]
    assert answer["message"]["permalink"].startswith("https://")
    await call.ok("reactions.remove", name="+1::skin-tone-3", **target)
    (reaction,) = (await call.ok("reactions.get", **target))["message"]["reactions"]
    assert reaction["name"] == "wave"


async def test_the_app_is_told_whose_message_it_was(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    message = slack.workspace.say(general, "hello", user="ada")
    target = {"channel": general, "timestamp": message.ts}
    socket = await connect()
    await call.ok("reactions.add", name="eyes", **target)
    await call.ok("reactions.remove", name="eyes", **target)
    added, (removed,) = await following(socket, "reaction_added", 1)
    assert removed["type"] == "reaction_removed"
    for event in (added, removed):
        assert (event["user"], event["item_user"]) == (slack.bot_user_id, slack.workspace.user("ada").id)
        assert event["item"] == {"type": "message", "channel": general, "ts": message.ts}


async def test_what_somebody_reacted_to_is_listed_page_by_page(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    bob = slack.workspace.user("bob").id
    for number in range(3):
        message = slack.workspace.say(general, f"{number}")
        slack.workspace.react(general, message.ts, "eyes", "bob")
    hidden = slack.workspace.say("incidents", "psst", user="carol")
    slack.workspace.react("incidents", hidden.ts, "eyes", "bob")
    assert (await call.ok("reactions.list"))["items"] == []
    listed = await call.ok("reactions.list", user=bob, count=2, page=2)
    assert [item["message"]["text"] for item in listed["items"]] == ["0"]
    assert listed["paging"] == {"count": 2, "total": 3, "page": 2, "pages": 2}
    first = await call.ok("reactions.list", user=bob, limit=2)
    assert [item["message"]["text"] for item in first["items"]] == ["2", "1"]
    cursor = first["response_metadata"]["next_cursor"]
    last = await call.ok("reactions.list", user=bob, limit=2, cursor=cursor)
    assert [item["message"]["text"] for item in last["items"]] == ["0"]
    assert last["response_metadata"]["next_cursor"] == ""


async def test_a_person_reacts_by_a_token_of_its_own(slack: SimulatedSlack, call: Caller) -> None:
    carol = slack.workspace.user("carol").id
    token = slack.world.grants.issue(TokenKind.USER, carol, {"reactions:write"}).token
    message = slack.workspace.say("incidents", "down", user="ada")
    target = {"channel": message.channel, "timestamp": message.ts}
    await call.ok("reactions.add", token=token, name="fire", **target)
    assert message.reactions == {"fire": [carol]}


async def test_a_locked_thread_says_so_and_opens_again(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    root = slack.workspace.say(general, "settled")
    slack.workspace.say(general, "really?", thread_ts=root.ts)
    for locked in (True, False):
        body = {"channel": general, "ts": root.ts, "locked": locked}
        async with call.session.post(f"{slack.url}/sandbox/lock-thread", json=body) as response:
            assert (await response.json())["ok"]
        assert root.as_json()["is_locked"] is locked
    await call.ok("reactions.add", name="eyes", channel=general, timestamp=root.ts)


async def test_a_file_has_no_reactions_of_its_own(call: Caller, general: str) -> None:
    file_id = await upload(call, channel_id=general)
    answer = await call.ok("reactions.get", file=file_id)
    assert (answer["type"], answer["file"]["id"]) == ("file", file_id)
    assert await call.error("reactions.remove", name="eyes", file=file_id) == "no_reaction"
