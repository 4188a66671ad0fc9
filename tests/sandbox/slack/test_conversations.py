"""Listing, describing, joining and leaving conversations, and reading what was said."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller


async def pages(call: Caller, method: str, key: str, **arguments: object) -> list[list[dict[str, object]]]:
    found, cursor = [], ""
    while True:
        answer = await call.ok(method, cursor=cursor, **arguments)
        found.append(answer[key])
        cursor = answer.get("response_metadata", {}).get("next_cursor", "")
        if not cursor:
            return found


async def test_a_new_app_is_in_none_of_the_default_channels(call: Caller) -> None:
    assert (await call.ok("users.conversations", types="public_channel,private_channel,im,mpim"))[
        "channels"
    ] == []
    listed = (await call.ok("conversations.list", types="public_channel,private_channel"))["channels"]
    assert [(channel["name"], channel["is_member"]) for channel in listed] == [
        ("general", False),
        ("random", False),
        ("deployments", False),
    ]


async def test_a_private_channel_exists_only_for_its_members(call: Caller, slack) -> None:
    secret = slack.workspace.channel("incidents")
    for method in (
        "conversations.info",
        "conversations.join",
        "conversations.history",
        "conversations.members",
    ):
        assert await call.error(method, channel=secret.id) == "channel_not_found"
    slack.workspace.invite_bot("incidents")
    described = (await call.ok("conversations.info", channel=secret.id, include_num_members="true"))[
        "channel"
    ]
    assert (described["is_private"], described["is_member"], described["num_members"]) == (True, True, 3)
    error = await call.error("conversations.join", channel=secret.id)
    assert error == "method_not_supported_for_channel_type"


async def test_lists_come_in_pages(call: Caller, slack) -> None:
    for number in range(7):
        slack.workspace.add_channel(f"team-{number}", archived=number == 1)
    found = await pages(call, "conversations.list", "channels", limit=3)
    assert [len(page) for page in found] == [3, 3, 3, 1]
    assert len({channel["id"] for page in found for channel in page}) == 10
    shorter = await pages(call, "conversations.list", "channels", limit=3, exclude_archived="true")
    assert [len(page) for page in shorter] == [3, 2, 3, 1]
    assert await call.error("conversations.list", cursor="bm9uc2Vuc2U6MQ==") == "invalid_cursor"
    assert await call.error("conversations.list", cursor="%%%") == "invalid_cursor"
    assert await call.error("conversations.list", limit=1001) == "invalid_limit"
    assert await call.error("conversations.list", types="public_channel,secret") == "invalid_types"


async def test_members_come_in_pages(call: Caller, slack) -> None:
    channel = slack.workspace.add_channel("ops", bot=True)
    found = await pages(call, "conversations.members", "members", channel=channel.id, limit=3)
    assert [len(page) for page in found] == [3, 1]
    assert found[1] == [slack.bot_user_id]


async def test_joining_twice_is_a_warning(call: Caller, slack) -> None:
    channel = slack.workspace.channel("general")
    first = await call.ok("conversations.join", channel=channel.id)
    assert first["channel"]["is_member"]
    assert "warning" not in first
    second = await call.ok("conversations.join", channel=channel.id)
    assert second["warning"] == "already_in_channel"
    assert second["response_metadata"]["warnings"] == ["already_in_channel"]
    mine = (await call.ok("users.conversations"))["channels"]
    assert [found["id"] for found in mine] == [channel.id]
    assert "is_member" not in mine[0]


async def test_leaving_has_its_refusals(call: Caller, slack) -> None:
    workspace = slack.workspace
    ops = workspace.add_channel("ops")
    lonely = workspace.add_channel("lonely", members=[], bot=True)
    old = workspace.add_channel("old", bot=True)
    workspace.archive("old")
    workspace.invite_bot("general")
    assert await call("conversations.leave", channel=ops.id) == {"ok": False, "not_in_channel": True}
    assert (
        await call.error("conversations.leave", channel=workspace.channel("general").id)
        == "cant_leave_general"
    )
    assert await call.error("conversations.leave", channel=lonely.id) == "last_member"
    assert await call.error("conversations.leave", channel=old.id) == "is_archived"
    assert await call.error("conversations.leave", channel="C0NOWHERE") == "channel_not_found"
    assert await call.error("conversations.join", channel=old.id) == "is_archived"
    workspace.invite_bot("ops")
    assert await call("conversations.leave", channel=ops.id) == {"ok": True}
    assert slack.bot_user_id not in ops.members


async def test_the_bot_can_invite_and_remove_others(call: Caller, slack) -> None:
    workspace = slack.workspace
    ops = workspace.add_channel("ops", members=["ada"], bot=True)
    bob, ada = workspace.user("bob").id, workspace.user("ada").id
    await call.ok("conversations.invite", channel=ops.id, users=bob)
    assert bob in ops.members
    answer = await call("conversations.invite", channel=ops.id, users=f"{ada},U0NOBODY,{slack.bot_user_id}")
    assert [fault["error"] for fault in answer["errors"]] == [
        "already_in_channel",
        "user_not_found",
        "cant_invite_self",
    ]
    await call.ok("conversations.kick", channel=ops.id, user=bob)
    assert bob not in ops.members
    assert await call.error("conversations.kick", channel=ops.id, user=bob) == "not_in_channel"
    assert await call.error("conversations.kick", channel=ops.id, user=slack.bot_user_id) == "cant_kick_self"
    assert await call.error("conversations.kick", channel=ops.id) == "user_not_found"


async def test_direct_messages_are_opened_once(call: Caller, slack) -> None:
    ada, bob = slack.workspace.user("ada").id, slack.workspace.user("bob").id
    first = await call.ok("conversations.open", users=ada)
    assert set(first["channel"]) == {"id"}
    again = await call.ok("conversations.open", users=ada, return_im="true")
    assert again["already_open"]
    assert (again["channel"]["id"], again["channel"]["user"]) == (first["channel"]["id"], ada)
    several = await call.ok("conversations.open", users=f"{ada},{bob}", return_im="1")
    assert several["channel"]["is_mpim"]
    assert await call.error("conversations.open", users="U0NOBODY") == "user_not_found"
    assert await call.error("conversations.open") == "users_list_not_supplied"
    kinds = await call.ok("users.conversations", types="im,mpim")
    assert len(kinds["channels"]) == 2


async def test_history_is_newest_first_and_bounded_by_time(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    said = [slack.workspace.say("ops", f"m{number}", user="ada") for number in range(7)]
    found = await pages(call, "conversations.history", "messages", channel=ops.id, limit=3)
    assert [[message["text"] for message in page] for page in found] == [
        ["m6", "m5", "m4"],
        ["m3", "m2", "m1"],
        ["m0"],
    ]

    async def texts(**bounds: str) -> list[str]:
        answer = await call.ok("conversations.history", channel=ops.id, **bounds)
        return [message["text"] for message in answer["messages"]]

    assert await texts(oldest=said[4].ts) == ["m6", "m5"]
    assert await texts(oldest=said[4].ts, inclusive="true") == ["m6", "m5", "m4"]
    assert await texts(latest=said[1].ts) == ["m0"]
    assert await texts(latest=said[1].ts, oldest=said[1].ts, inclusive="1") == ["m1"]
    assert await texts(oldest="0", latest=said[6].ts) == ["m5", "m4", "m3", "m2", "m1", "m0"]
    between = await pages(
        call, "conversations.history", "messages", channel=ops.id, limit=2, oldest=said[1].ts
    )
    assert [[message["text"] for message in page] for page in between] == [
        ["m3", "m2"],
        ["m5", "m4"],
        ["m6"],
    ]
    assert await texts(oldest=said[4].ts, inclusive="true", limit="1") == ["m4"]
    for bounds in ({"oldest": "0"}, {"oldest": said[1].ts, "latest": "now"}):
        assert await texts(**bounds, limit="1") == ["m6"], "the newest, unless oldest stands alone"
    assert await call.error("conversations.history", channel=ops.id, oldest="then") == "invalid_ts_oldest"
    assert await call.error("conversations.history", channel=ops.id, latest="x") == "invalid_ts_latest"


async def test_history_of_a_channel_that_the_bot_is_not_in_is_closed(call: Caller, slack) -> None:
    general = slack.workspace.channel("general")
    slack.workspace.say("general", "hi", user="ada")
    assert await call.error("conversations.history", channel=general.id) == "not_in_channel"


async def test_replies_come_in_pages_after_their_root(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    root = slack.workspace.say("ops", "root", user="ada")
    for number in range(4):
        slack.workspace.say("ops", f"r{number}", user="bob", thread_ts=root.ts)
    found = await pages(call, "conversations.replies", "messages", channel=ops.id, ts=root.ts, limit=2)
    assert [[message["text"] for message in page] for page in found] == [["root", "r0"], ["r1", "r2"], ["r3"]]
    assert await call.error("conversations.replies", channel=ops.id, ts="1.2") == "thread_not_found"
    assert await call.error("conversations.replies", channel=ops.id, ts="") == "thread_not_found"


async def test_timestamps_only_grow(slack) -> None:
    said = [slack.workspace.say("general", "x", user="ada").ts for _ in range(500)]
    assert all(earlier < later for earlier, later in pairwise(said))


@pytest.mark.parametrize("scoped", [True, False])
async def test_an_address_is_only_shown_with_its_scope(session, scoped: bool) -> None:
    scopes = ["users:read", "users:read.email"] if scoped else ["users:read"]
    async with SimulatedSlack(scopes=scopes) as slack:
        ada = slack.workspace.add_user(
            "ada", real_name="Ada King", email="ada@analytical.example", title="Countess"
        )
        call = Caller(slack, session)
        user = (await call.ok("users.info", user=ada.id))["user"]
        assert (user["name"], user["real_name"]) == ("ada", "Ada King")
        profile = user["profile"]
        assert (profile["first_name"], profile["last_name"], profile["title"]) == ("Ada", "King", "Countess")
        assert profile.get("email") == ("ada@analytical.example" if scoped else None)
        listed = (await call.ok("users.list"))["members"]
        assert any("email" in member["profile"] for member in listed) is scoped


async def test_users_are_listed_with_bots_and_in_pages(call: Caller, slack) -> None:
    members = (await call.ok("users.list"))["members"]
    assert {"ada", "bob", "carol", "flyte", "slackbot"} == {member["name"] for member in members}
    bot = next(member for member in members if member["id"] == slack.bot_user_id)
    assert bot["is_bot"]
    assert bot["profile"]["bot_id"] == slack.bot_id
    found = await pages(call, "users.list", "members", limit=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert await call.error("users.info", user="U0NOBODY") == "user_not_found"
    assert (await call.ok("users.lookupByEmail", email="BOB@example.com"))["user"]["name"] == "bob"
    assert await call.error("users.lookupByEmail", email="x@example.com") == "users_not_found"


async def test_reactions_are_counted_by_user(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    message = slack.workspace.say("ops", "ship it?", user="ada")
    where = {"channel": ops.id, "timestamp": message.ts}
    slack.workspace.react("ops", message.ts, "+1", user="bob")
    await call.ok("reactions.add", name="+1", **where)
    assert await call.error("reactions.add", name=":+1:", **where) == "already_reacted"
    assert await call.error("reactions.add", name="no such!", **where) == "invalid_name"
    assert await call.error("reactions.add", name="eyes") == "no_item_specified"
    assert await call.error("reactions.add", name="eyes", channel=ops.id, timestamp="x") == "bad_timestamp"
    assert (
        await call.error("reactions.add", name="eyes", channel=ops.id, timestamp="1.2") == "message_not_found"
    )
    found = (await call.ok("reactions.get", **where))["message"]
    bob = slack.workspace.user("bob").id
    assert found["reactions"] == [{"name": "+1", "users": [bob, slack.bot_user_id], "count": 2}]
    await call.ok("reactions.remove", name="+1", **where)
    assert await call.error("reactions.remove", name="+1", **where) == "no_reaction"


async def test_a_canvas_is_begun_with_markdown_sent_as_text(call: Caller, slack) -> None:
    channel = slack.workspace.add_channel("ops", bot=True).id
    document = {"type": "markdown", "markdown": "# Ops"}
    for broken in ("# Ops", {"type": "html", "markdown": ""}):
        refused = await call.error(
            "conversations.canvases.create", channel_id=channel, document_content=broken
        )
        assert refused == "invalid_arguments"
    made = await call.ok("conversations.canvases.create", channel_id=channel, document_content=document)
    described = (await call.ok("conversations.info", channel=channel))["channel"]
    assert described["properties"]["canvas"]["file_id"] == made["canvas_id"]
