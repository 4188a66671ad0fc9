"""Pinning messages."""

from __future__ import annotations

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect
from tests.sandbox.slack.uploading import following


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


async def test_pins_are_listed_newest_first_with_their_messages(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    old, new = slack.workspace.say(general, "old"), slack.workspace.say(general, "new")
    for message in (old, new):
        await call.ok("pins.add", channel=general, timestamp=message.ts)
    items = (await call.ok("pins.list", channel=general))["items"]
    assert [item["message"]["text"] for item in items] == ["new", "old"]
    item = items[0]
    assert (item["type"], item["channel"], item["created_by"]) == ("message", general, slack.bot_user_id)
    assert isinstance(item["created"], int)
    assert item["message"]["pinned_to"] == [general]
    assert item["message"]["permalink"].endswith(f"/archives/{general}/p{new.ts.replace('.', '')}")
    (_, _, shown) = (await call.ok("conversations.history", channel=general, limit=3))["messages"]
    assert shown["pinned_info"] == {
        "channel": general,
        "pinned_by": slack.bot_user_id,
        "pinned_ts": item["created"],
    }


async def test_a_pin_that_is_taken_off_or_whose_message_is_deleted_is_gone(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    first, second = slack.workspace.say(general, "one"), slack.workspace.say(general, "two")
    for message in (first, second):
        await call.ok("pins.add", channel=general, timestamp=message.ts)
    await call.ok("pins.remove", channel=general, timestamp=first.ts)
    assert "pinned_to" not in first.as_json()
    slack.workspace.delete(general, second.ts)
    assert (await call.ok("pins.list", channel=general))["items"] == []
    await call.ok("pins.add", channel=general, timestamp=first.ts)


async def test_the_app_and_the_channel_are_told_of_pins(
    slack: SimulatedSlack, call: Caller, connect: Connect, general: str
) -> None:
    message = slack.workspace.say(general, "look", user="ada")
    ada, bob = slack.workspace.user("ada").id, slack.workspace.user("bob").id
    socket = await connect()
    async with call.session.post(
        f"{slack.url}/sandbox/pin", json={"channel": general, "ts": message.ts, "user": "bob"}
    ) as response:
        assert (await response.json())["ok"]
    added, (told,) = await following(socket, "pin_added", 1)
    assert (added["user"], added["channel_id"], added["item_user"]) == (bob, general, ada)
    assert (added["pin_count"], added["item"]["message"]["ts"]) == (1, message.ts)
    assert (told["subtype"], told["user"]) == ("pinned_item", bob)
    await call.ok("pins.remove", channel=general, timestamp=message.ts)
    removed = await socket.event()
    assert (removed["type"], removed["has_pins"], removed["pin_count"]) == ("pin_removed", False, 0)


async def test_a_person_pins_by_a_token_of_its_own(slack: SimulatedSlack, call: Caller) -> None:
    ada = slack.workspace.user("ada").id
    token = slack.world.grants.issue(TokenKind.USER, ada, {"pins:write", "pins:read"}).token
    message = slack.workspace.say("incidents", "runbook", user="carol")
    target = {"channel": message.channel, "timestamp": message.ts}
    await call.ok("pins.add", token=token, **target)
    (item,) = (await call.ok("pins.list", token=token, channel=message.channel))["items"]
    assert item["created_by"] == ada


async def test_a_pinned_root_that_is_deleted_is_no_longer_pinned(
    slack: SimulatedSlack, call: Caller, general: str
) -> None:
    root = slack.workspace.say(general, "look")
    slack.workspace.say(general, "at what?", thread_ts=root.ts)
    await call.ok("pins.add", channel=general, timestamp=root.ts)
    slack.workspace.delete(general, root.ts)
    assert (await call.ok("pins.list", channel=general))["items"] == []
    assert await call.error("pins.remove", channel=general, timestamp=root.ts) == "message_not_found"
