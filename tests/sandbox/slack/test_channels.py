"""Channels as the bot makes and changes them, and further refusals of membership and blocks."""

from __future__ import annotations

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller


async def test_a_channel_is_made_renamed_described_archived_and_brought_back(call: Caller, slack) -> None:
    made = (await call.ok("conversations.create", name="incident-7", is_private="true"))["channel"]
    assert (made["is_private"], made["is_member"], made["creator"]) == (True, True, slack.bot_user_id)
    where = {"channel": made["id"]}
    renamed = (await call.ok("conversations.rename", name="incident-8", **where))["channel"]
    assert (renamed["name"], renamed["previous_names"]) == ("incident-8", ["incident-7"])
    topic = (await call.ok("conversations.setTopic", topic="database", **where))["channel"]["topic"]
    assert topic["value"] == "database"
    purpose = (await call.ok("conversations.setPurpose", purpose="fix it", **where))["channel"]["purpose"]
    assert purpose["value"] == "fix it"
    await call.ok("conversations.archive", **where)
    assert await call.error("conversations.archive", **where) == "already_archived"
    assert await call.error("conversations.rename", name="x", **where) == "is_archived"
    assert await call.error("conversations.setTopic", topic="x", **where) == "is_archived"
    assert await call.error("conversations.archive", **where) == "already_archived"
    slack.workspace.unarchive(made["id"])
    assert await call.error("conversations.unarchive", **where) == "not_archived"
    assert (await call.ok("conversations.info", **where))["channel"]["is_member"], "a private one keeps them"


async def test_a_public_channel_that_is_archived_has_no_members_any_more(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True, members=["ada", "bob"])
    slack.workspace.say("ops", "x", user="ada")
    where = {"channel": ops.id}
    await call.ok("conversations.archive", **where)
    assert (await call.ok("conversations.members", **where))["members"] == []
    seen = (await call.ok("conversations.info", **where))["channel"]
    assert (seen["is_member"], seen["is_archived"]) == (False, True)
    assert await call.error("conversations.history", **where) == "not_in_channel"
    assert await call.error("chat.postMessage", text="x", **where) == "is_archived"
    assert await call.error("conversations.unarchive", **where) == "not_in_channel"
    ada, scopes = slack.workspace.user("ada").id, ["channels:write", "channels:read"]
    token = slack.world.grants.issue(TokenKind.USER, ada, scopes).token
    await call.ok("conversations.unarchive", token=token, **where)
    assert (await call.ok("conversations.members", **where))["members"] == [ada]
    await call.ok("conversations.join", **where)
    assert [one["text"] for one in (await call.ok("conversations.history", **where))["messages"]][-1] == "x"


async def test_topics_are_escaped_like_every_text(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True, purpose="R&D")
    assert ops.purpose == "R&amp;D"
    for method, what in (("conversations.setTopic", "topic"), ("conversations.setPurpose", "purpose")):
        answer = await call.ok(method, channel=ops.id, **{what: "<prod> R&D"})
        assert answer["channel"][what]["value"] == "&lt;prod&gt; R&amp;D"
        said = slack.workspace.messages(ops)[-1]
        assert said.fields[what] in said.text
        assert said.text.endswith(": &lt;prod&gt; R&amp;D")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("general", "name_taken"),
        ("Upper", "invalid_name_specials"),
        ("two words", "invalid_name_specials"),
        ("--", "invalid_name_punctuation"),
        ("x" * 81, "invalid_name_maxlength"),
    ],
)
async def test_names_have_rules(call: Caller, name: str, error: str) -> None:
    assert await call.error("conversations.create", name=name) == error


async def test_only_members_change_a_channel(call: Caller, slack) -> None:
    general = slack.workspace.channel("general").id
    for method, argument in (("rename", "name"), ("setTopic", "topic"), ("setPurpose", "purpose")):
        error = await call.error(f"conversations.{method}", channel=general, **{argument: "x"})
        assert error == "not_in_channel"
    slack.workspace.invite_bot("general")
    assert await call.error("conversations.archive", channel=general) == "cant_archive_general"
    assert await call.error("conversations.rename", channel=general, name="else") == "not_authorized"
    assert await call.error("conversations.setTopic", channel=general, topic="x" * 251) == "too_long"


async def test_direct_messages_cannot_be_managed(call: Caller, slack) -> None:
    im = slack.workspace.add_im("ada").id
    for method in ("archive", "leave", "join"):
        error = await call.error(f"conversations.{method}", channel=im)
        assert error == "method_not_supported_for_channel_type"
    bob = slack.workspace.user("bob").id
    for method, argument in (("invite", "users"), ("kick", "user")):
        error = await call.error(f"conversations.{method}", channel=im, **{argument: bob})
        assert error == "method_not_supported_for_channel_type"
    described = (await call.ok("conversations.info", channel=im, include_locale="1"))["channel"]
    assert (described["is_im"], described["locale"]) == (True, "en-US")
    assert (await call.ok("conversations.open", channel=im))["already_open"]
    general = slack.workspace.channel("general").id
    error = await call.error("conversations.open", channel=general)
    assert error == "method_not_supported_for_channel_type"


async def test_opening_has_its_refusals(call: Caller, slack) -> None:
    gone = slack.workspace.add_user("gone", deleted=True)
    many = [slack.workspace.add_user(f"user-{number}").id for number in range(9)]
    assert await call.error("conversations.open", users=gone.id) == "user_disabled"
    assert await call.error("conversations.open", users=",".join(many)) == "too_many_users"
    error = await call.error("conversations.open", users=many[0], prevent_creation="true")
    assert error == "channel_not_found"


async def test_inviting_and_removing_have_their_refusals(call: Caller, slack) -> None:
    workspace = slack.workspace
    general, ada = workspace.channel("general").id, workspace.user("ada").id
    old = workspace.add_channel("old", bot=True, archived=True).id
    assert await call.error("conversations.invite", channel=general, users=ada) == "not_in_channel"
    assert await call.error("conversations.invite", channel=old, users=ada) == "is_archived"
    workspace.invite_bot("general")
    assert await call.error("conversations.invite", channel=general, users=",") == "no_user"
    assert await call.error("conversations.kick", channel=general, user=ada) == "cant_kick_from_general"
    dora = workspace.add_user("dora").id
    answer = await call.ok("conversations.invite", channel=general, users=f"{ada},{dora}", force="true")
    assert [fault["error"] for fault in answer["errors"]] == ["already_in_channel"]
    assert dora in workspace.channel("general").members


async def test_managing_needs_the_scope_of_the_kind(session) -> None:
    async with SimulatedSlack(scopes=["channels:manage", "channels:read"]) as slack:
        call = Caller(slack, session)
        assert (await call.ok("conversations.create", name="open"))["channel"]["name"] == "open"
        answer = await call("conversations.create", name="closed", is_private="true")
        assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:write")


async def test_bots_and_the_team_are_described(call: Caller, slack) -> None:
    assert (await call.ok("bots.info", bot=slack.bot_id))["bot"]["user_id"] == slack.bot_user_id
    assert await call.error("bots.info", bot="B0NOBODY") == "bot_not_found"
    assert (await call.ok("team.info"))["team"]["id"] == slack.team_id
    assert await call.error("team.info", team="T0OTHER") == "team_not_found"


async def test_a_rate_limit_is_kept_for_each_channel(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        call = Caller(slack, session)
        one, two = (slack.workspace.add_channel(name, bot=True).id for name in ("one", "two"))
        slack.faults.limit("chat.postMessage", calls=1, seconds=1, by_channel=True)
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        await call.ok("chat.postMessage", channel=one, text="x")
        await call.ok("chat.postMessage", channel=two, text="x")
        form = {"channel": one, "text": "y"}
        async with session.post(slack.api_url + "chat.postMessage", data=form, headers=headers) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
        await clock.advance(1)
        await call.ok("chat.postMessage", channel=one, text="z")
        assert [message.text for message in slack.workspace.messages(one)] == ["x", "z"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"type": "section", "fields": "x"}, "must provide an array [json-pointer:/blocks/0/fields]"),
        (
            {"type": "section", "text": {"type": "mrkdwn"}},
            "missing required field: text [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "section", "text": {"type": "mrkdwn", "text": 1}},
            "must provide a string [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "markdown", "text": "x" * 12_001},
            "must be less than 12001 characters [json-pointer:/blocks/0/text]",
        ),
        ({"type": "context", "elements": "x"}, "must provide an array [json-pointer:/blocks/0/elements]"),
        (
            {"type": "context", "elements": ["x"]},
            "must provide an object [json-pointer:/blocks/0/elements/0]",
        ),
        (
            {"type": "actions", "elements": [{}]},
            "missing required field: type [json-pointer:/blocks/0/elements/0]",
        ),
        (
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        ({"type": "input"}, "missing required field: label [json-pointer:/blocks/0]"),
    ],
)
async def test_further_bad_blocks_are_pointed_at(call: Caller, slack, block, message) -> None:
    channel = slack.workspace.add_channel("ops", bot=True).id
    answer = await call("chat.postMessage", channel=channel, blocks=[block])
    assert answer["error"] == "invalid_blocks"
    assert f"[ERROR] {message}" in answer["response_metadata"]["messages"]
