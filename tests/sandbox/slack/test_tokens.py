"""Tokens: of people too, with scopes of their own, until they expire or are revoked."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller


@pytest.fixture
def post(slack: SimulatedSlack, session):
    async def posting(path: str, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{path}", json=body) as response:
            answer = await response.json()
            assert (response.status == 200) is answer["ok"]
            return answer

    return posting


@pytest.fixture
def heard(slack: SimulatedSlack) -> list[dict[str, Any]]:
    """The events of what happens."""
    events: list[dict[str, Any]] = []
    slack.workspace.listen(lambda occurrence: events.append(occurrence.event))
    return events


async def test_a_persons_token_acts_as_that_person(slack, call: Caller) -> None:
    token, ada = slack.issue_user_token("ada"), slack.workspace.user("ada")
    who = await call.ok("auth.test", token=token)
    assert (who["user_id"], who["user"]) == (ada.id, "ada")
    assert "bot_id" not in who
    await call.ok("chat.postMessage", token=token, channel="#general", text="mine")
    posted = slack.workspace.messages("general")[-1]
    assert (posted.user, posted.text) == (ada.id, "mine")
    listed = await call.ok("users.conversations", token=token, types="private_channel")
    assert [channel["name"] for channel in listed["channels"]] == ["incidents"]
    assert await call.error("apps.connections.open", token=token) == "not_allowed_token_type"


async def test_a_persons_token_has_scopes_of_its_own(slack, call: Caller) -> None:
    token = slack.issue_user_token("bob", ["users:read", "emoji:read"])
    answer = await call("chat.postMessage", token=token, channel="#general", text="x")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert answer["provided"] == call.headers["x-oauth-scopes"] == "emoji:read,users:read"
    assert (await call.ok("emoji.list", token=token))["emoji"]["shipit"] == "alias:squirrel"


async def test_a_revoked_token_is_told_of_and_refused(call: Caller, slack, heard) -> None:
    token, ada = slack.issue_user_token("ada"), slack.workspace.user("ada")
    assert await call("auth.revoke", token=token, test="1") == {"ok": True, "revoked": False}
    assert (await call.ok("auth.test", token=token))["user_id"] == ada.id
    assert await call("auth.revoke", token=token) == {"ok": True, "revoked": True}
    assert await call.error("auth.test", token=token) == "token_revoked"
    assert await call.error("auth.revoke", token=token) == "token_revoked"
    event = heard.pop(0)
    assert (event["type"], event["tokens"]) == ("tokens_revoked", {"oauth": [ada.id], "bot": []})
    await call.ok("auth.revoke")
    event = heard.pop(0)
    assert (event["type"], event["tokens"]) == ("tokens_revoked", {"oauth": [], "bot": [slack.bot_user_id]})
    assert heard.pop(0)["type"] == "app_uninstalled"


async def test_the_token_of_a_person_who_is_gone_is_refused(call: Caller, slack) -> None:
    token = slack.issue_user_token("ada")
    slack.workspace.user("ada").deleted = True
    assert await call.error("auth.test", token=token) == "account_inactive"


async def test_a_revoked_token_for_sockets_is_refused_without_an_event(call: Caller, slack, heard) -> None:
    assert (await call.ok("auth.revoke", token="app"))["revoked"]
    assert await call.error("apps.connections.open", token="app") == "token_revoked"
    assert not heard


async def test_a_token_expires(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        call = Caller(slack, session)
        url = f"{slack.url}/sandbox/issue-token"
        async with session.post(url, json={"kind": "bot", "expires_in": 43_200}) as response:
            token = (await response.json())["token"]
        assert (await call.ok("auth.test", token=token))["expires_in"] == 43_200
        slack.clock.advance(43_199)
        assert (await call.ok("auth.test", token=token))["expires_in"] == 1
        slack.clock.advance(1)
        assert await call.error("auth.test", token=token) == "token_expired"
        assert "expires_in" not in await call.ok("auth.test")


async def test_tokens_are_issued_listed_changed_and_ended_from_another_process(
    slack, call: Caller, post
) -> None:
    issued = await post("issue-token", user="carol", scopes=["chat:write"], token="xoxp-of-carol")
    carol = slack.workspace.user("carol").id
    assert (issued["token"], issued["kind"], issued["user"]) == ("xoxp-of-carol", "user", carol)
    listed = (await post("tokens"))["tokens"]
    assert [token["kind"] for token in listed] == ["bot", "app", "user"]
    assert listed[2]["scopes"] == ["chat:write"]
    assert (await call("users.list", token="xoxp-of-carol"))["error"] == "missing_scope"
    await post("token-scopes", token="xoxp-of-carol", scopes=["users:read"])
    await call.ok("users.list", token="xoxp-of-carol")
    assert (await post("revoke-token", token="xoxp-of-carol", error="account_inactive"))["changed"]
    assert await call.error("auth.test", token="xoxp-of-carol") == "account_inactive"
    slack.reset()
    assert await call.error("auth.test", token="xoxp-of-carol") == "invalid_auth"


async def test_socket_mode_needs_its_scope(call: Caller, post) -> None:
    token = (await post("issue-token", kind="app", scopes=["authorizations:read"]))["token"]
    answer = await call("apps.connections.open", token=token)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "connections:write")
    assert (await call.ok("auth.test", token=token))["app_id"]


async def test_a_token_that_makes_no_sense_is_not_issued(slack, post) -> None:
    assert "needs a user" in (await post("issue-token", kind="user"))["message"]
    assert "needs a user" in (await post("issue-token", kind="bot", user="ada"))["message"]
    assert "already" in (await post("issue-token", user="ada", token=slack.bot_token))["message"]
    assert (await post("issue-token", user="nobody"))["error"] == "user_not_found"
    assert "no such token" in (await post("revoke-token", token="xoxp-unknown"))["message"]
    assert "kind" in (await post("issue-token", kind="robot"))["message"]


async def test_emoji_come_and_go_and_the_app_hears_of_it(slack, call: Caller, post, heard) -> None:
    before = (await call.ok("emoji.list"))["cache_ts"]
    await post("add-emoji", name="deploying", value="https://example.com/deploying.png")
    added = heard.pop(0)
    assert (added["type"], added["subtype"], added["name"]) == ("emoji_changed", "add", "deploying")
    await post("add-emoji", name="ship", value="alias:deploying")
    heard.pop(0)
    listed = await call.ok("emoji.list", include_categories="true")
    assert listed["emoji"]["ship"] == "alias:deploying"
    assert (listed["categories"], listed["cache_ts"] > before) == ([], True)
    await post("remove-emoji", name="deploying")
    removed = heard.pop(0)
    assert (removed["subtype"], removed["names"]) == ("remove", ["deploying", "ship"])
    assert "ship" not in (await call.ok("emoji.list"))["emoji"]
    assert (await post("remove-emoji", name="ship"))["error"] == "emoji_not_found"
    assert (await post("add-emoji", name="Not This"))["error"] == "invalid_name"
    assert (await post("add-emoji", name="bowtie"))["error"] == "name_taken"
    assert (await post("add-emoji", name="x", value="alias:nothing"))["error"] == "emoji_not_found"


async def test_the_workspaces_of_the_app_are_one(call: Caller, slack) -> None:
    (listed,) = (await call.ok("auth.teams.list", include_icon="true"))["teams"]
    assert (listed["id"], listed["icon"]) == (slack.team_id, (await call.ok("team.info"))["team"]["icon"])
    assert listed["icon"]["image_34"].endswith("-34.png")
    assert "icon" not in (await call.ok("auth.teams.list"))["teams"][0]


async def test_a_lasting_token_of_a_person_holds_again_after_a_reset(slack, call) -> None:
    lasting, passing = slack.issue_user_token("ada", lasting=True), slack.issue_user_token("bob")
    slack.world.grants.find(lasting).refusal = "token_revoked"
    slack.reset()
    assert (await call.ok("auth.test", token=lasting))["user"] == "ada"
    assert await call.error("auth.test", token=passing) == "invalid_auth"
