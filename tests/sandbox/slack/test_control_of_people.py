"""Control actions by which channels and people appear and change, and the events that the app gets."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.grants import TokenKind
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import open_socket
from tests.sandbox.slack.situations.declared import Stage, person


@pytest.fixture
def post(slack: SimulatedSlack, session: aiohttp.ClientSession):
    async def posting(path: str, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{path}", json=body) as response:
            answer = await response.json()
            assert (response.status == 200) is answer["ok"], answer
            return answer

    return posting


@pytest.fixture
def told(slack: SimulatedSlack):
    """Everything that the bot may be told of from now on, in order."""
    events: list[dict[str, Any]] = []
    slack.workspace.listen(lambda one: events.append(one.event) if one.to_bot else None)
    return events


def kinds(told: list[dict[str, Any]]) -> list[str]:
    """Return the types of what was told, service messages by their subtype; and forget it."""
    found = [event.get("subtype") or event["type"] for event in told]
    told.clear()
    return found


async def test_a_channel_appears_changes_and_goes(call: Caller, post, told) -> None:
    made = (await post("create-channel", name="#ops", members=["ada"], bot=True, topic="calm"))["channel"]
    assert (made["name"], len(made["members"]), made["topic"]["value"]) == ("ops", 2, "calm")
    assert kinds(told) == ["channel_created"]
    await post("join", channel="ops", user="bob")
    assert kinds(told) == ["member_joined_channel", "channel_join"]
    assert (await post("leave", channel="ops", user="bob"))["changed"]
    assert kinds(told) == ["channel_leave", "member_left_channel"]
    await post("set-topic", channel="ops", text="busy", by="ada")
    await post("set-purpose", channel=made["id"], text="watch")
    await post("rename-channel", channel="ops", name="operations")
    assert kinds(told) == ["channel_topic", "channel_purpose", "channel_rename", "channel_name"]
    await post("archive", channel="operations")
    await post("unarchive", channel="operations")
    assert kinds(told) == ["channel_archive", "channel_archive", "channel_unarchive"]
    await post("invite", channel="operations")
    assert kinds(told) == ["member_joined_channel", "channel_join"]
    await post("restrict-posting", channel="operations")
    await post("make-private", channel="operations")
    assert kinds(told) == ["channel_posting_permissions", "channel_convert_to_private"]
    seen = (await call.ok("conversations.info", channel=made["id"]))["channel"]
    assert (seen["is_private"], seen["previous_names"]) == (True, ["ops"])
    assert seen["properties"]["posting_restricted_to"]["type"] == ["admin", "owner"]
    await post("delete-channel", channel="operations")
    assert kinds(told) == ["group_deleted"]
    assert await call.error("conversations.info", channel=made["id"]) == "channel_not_found"


async def test_only_admins_post_where_posting_is_restricted(slack, call: Caller, post) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    channel = slack.workspace.channel("general").id
    ada = slack.workspace.user("ada").id
    token = slack.world.grants.issue(TokenKind.USER, ada, ("chat:write",)).token
    await post("restrict-posting", channel="general")
    refused = "restricted_action_read_only_channel"
    assert await call.error("chat.postMessage", token=token, channel=channel, text="mine") == refused
    assert (await post("say", channel="general", text="mine"))["error"] == refused
    slack.workspace.change_user("ada", is_admin=True)
    await call.ok("chat.postMessage", token=token, channel=channel, text="mine")
    await post("say", channel="general", text="mine")
    await post("restrict-posting", channel="general", read_only=False)
    await call.ok("chat.postMessage", channel=channel, text="everybody's")


async def test_a_person_makes_a_channel_and_invites(slack, post, told) -> None:
    made = (await post("create-channel", name="plans", by="carol", members=["bob"], bot=True))["channel"]
    names = [slack.workspace.users[member].name for member in made["members"]]
    assert names == ["carol", "bob", "flyte"]
    assert made["creator"] == slack.workspace.user("carol").id
    assert kinds(told) == ["channel_created", "member_joined_channel", "channel_join"]
    archived = (await post("create-channel", name="past", archived=True))["channel"]
    assert archived["is_archived"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("create-channel", {"name": "Two Words"}, "invalid_name_specials"),
        ("create-channel", {"name": "x", "members": ["nobody"]}, "user_not_found"),
        ("archive", {"channel": "nowhere"}, "channel_not_found"),
        ("delete-channel", {"channel": "general"}, "cant_delete_general"),
        ("make-private", {"channel": "general"}, "cant_convert_general"),
        ("close-direct", {"channel": "general", "user": "ada"}, "invalid_arguments"),
        ("add-user", {"name": "ada"}, "invalid_arguments"),
        ("add-user", {"name": "dora", "tz": "Moon/Crater"}, "invalid_arguments"),
        ("change-user", {"user": "ada", "name": "bob"}, "name_taken"),
        ("set-quiet-hours", {"user": "ada", "starts": 5}, "invalid_arguments"),
        ("save-user-group", {"handle": "here"}, "forbidden_handle"),
        ("set-preferences", {"largest_channel": 0}, "invalid_arguments"),
    ],
)
async def test_what_makes_no_sense_is_refused(post, path: str, body: dict[str, Any], error: str) -> None:
    answer = await post(path, **body)
    assert (answer["error"], bool(answer["message"])) == (error, True)


async def test_direct_messages_are_opened_by_the_bot_and_between_people(call, slack, post, told) -> None:
    opened = await post("open-direct", users=["ada"])
    assert kinds(told) == ["im_created", "im_open"]
    assert (await post("open-direct", users=["ada"])) == {**opened, "already_open": True}
    group = (await post("open-direct", users=["ada", "bob"]))["channel"]
    assert kinds(told) == ["group_open"]
    assert (await call.ok("conversations.close", channel=group)) == {"ok": True}
    assert (await call.ok("conversations.close", channel=group))["already_closed"]
    assert kinds(told) == ["group_close"]
    between = (await post("open-direct", users=["ada"], owner="bob"))["channel"]
    assert await call.error("conversations.info", channel=between) == "channel_not_found"
    bob = person(Stage(slack, call), "bob")
    seen = (await call.ok("conversations.info", token=bob, channel=between))["channel"]
    assert seen["user"] == slack.workspace.user("ada").id
    assert kinds(told) == []


async def test_what_is_unread_is_counted_for_each_person(call, slack, post) -> None:
    channel = (await post("open-direct", users=["ada"]))["channel"]
    said = [slack.workspace.say(channel, f"m{number}", user="ada") for number in range(3)]
    seen = (await call.ok("conversations.info", channel=channel))["channel"]
    assert (seen["unread_count"], seen["latest"]["ts"]) == (3, said[2].ts)
    await call.ok("conversations.mark", channel=channel, ts=said[1].ts)
    seen = (await call.ok("conversations.info", channel=channel))["channel"]
    assert (seen["unread_count_display"], seen["last_read"]) == (1, said[1].ts)
    ada = person(Stage(slack, call))
    assert (await call.ok("conversations.info", token=ada, channel=channel))["channel"]["unread_count"] == 0


async def test_people_appear_change_and_go(call: Caller, slack, post, told) -> None:
    dora = (await post("add-user", name="dora", real_name="Dora Weiss", tz="Europe/Vienna"))["user"]
    assert (dora["tz"], dora["tz_offset"] in (3_600, 7_200)) == ("Europe/Vienna", True)
    assert kinds(told) == ["team_join"]
    await post("change-user", user="dora", status_text="away", status_emoji=":palm_tree:")
    assert kinds(told) == ["user_change", "user_profile_changed", "user_status_changed"]
    await post("change-user", user=dora["id"], huddle_state="in_a_huddle")
    assert kinds(told) == ["user_change", "user_profile_changed", "user_huddle_changed"]
    changed = (await post("change-user", user="dora", last_name="Stern", role="guest"))["user"]
    assert (changed["real_name"], changed["is_restricted"]) == ("Dora Stern", True)
    token = person(Stage(slack, call), "dora")
    told.clear()
    await post("deactivate-user", user="dora")
    assert kinds(told) == ["user_change"]
    gone = (await call.ok("users.info", user=dora["id"]))["user"]
    assert (gone["deleted"], "tz" in gone, "is_admin" in gone) == (True, False, False)
    assert await call.error("auth.test", token=token) == "account_inactive"
    assert not (await post("reactivate-user", user="dora"))["user"]["deleted"]


async def test_presence_and_quiet_hours_are_told(call: Caller, slack, post, told) -> None:
    ada = slack.workspace.user("ada").id
    assert (await call.ok("users.getPresence", user=ada))["presence"] == "active"
    assert (await post("set-presence", user="ada", online=False))["presence"] == "away"
    assert await call.ok("users.getPresence", user=ada) == {"ok": True, "presence": "away"}
    own = await call.ok("users.getPresence")
    assert (own["presence"], own["online"], own["manual_away"]) == ("active", True, False)
    await call.ok("users.setPresence", presence="away")
    assert (await call.ok("users.getPresence"))["presence"] == "away"
    now = slack.workspace.seconds()
    told.clear()
    await post("set-quiet-hours", user="ada", starts=now, ends=now + 600, snooze_minutes=5)
    assert kinds(told) == ["dnd_updated_user", "dnd_updated_user"]
    status = await call.ok("dnd.info", user=ada)
    assert (status["dnd_enabled"], status["next_dnd_end_ts"]) == (True, now + 600)
    assert "snooze_enabled" not in status
    token = person(Stage(slack, call))
    assert (await call.ok("dnd.info", token=token))["snooze_remaining"] in range(290, 301)
    await call.ok("dnd.endSnooze", token=token)
    await call.ok("dnd.endDnd", token=token)
    several = await call.ok("dnd.teamInfo", users=f"{ada},U0NOBODY")
    nothing = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
    assert several["users"] == {ada: nothing}


async def test_user_groups_are_made_and_told(call: Caller, slack, post, told) -> None:
    made = (await post("save-user-group", handle="@oncall", users=["ada"], channels=["general"]))["usergroup"]
    assert (made["handle"], made["user_count"], made["prefs"]["channels"]) == (
        "oncall",
        1,
        [slack.workspace.channel("general").id],
    )
    assert kinds(told) == ["subteam_created"]
    await post("save-user-group", handle="oncall", users=["bob", "flyte"])
    changed = next(event for event in told if event["type"] == "subteam_members_changed")
    assert (changed["added_users_count"], changed["removed_users_count"]) == (2, 1)
    assert kinds(told)[-3:] == ["subteam_updated", "subteam_members_changed", "subteam_self_added"]
    listed = (await call.ok("usergroups.list", include_users="1"))["usergroups"]
    assert [group["users"] for group in listed] == [[slack.workspace.user("bob").id, slack.bot_user_id]]
    assert "user_count" not in listed[0]
    assert (await call.ok("usergroups.users.list", usergroup=made["id"]))["users"] == listed[0]["users"]
    bob = slack.workspace.user("bob").id
    await call.ok("usergroups.users.update", usergroup=made["id"], users=bob)
    await call.ok("usergroups.update", usergroup=made["id"], name="On call")
    disabled = await call.ok("usergroups.disable", usergroup=made["id"])
    assert disabled["usergroup"]["deleted_by"] == slack.bot_user_id
    assert (await call.ok("usergroups.list"))["usergroups"] == []
    assert (await call.ok("usergroups.enable", usergroup=made["id"]))["usergroup"]["date_delete"] == 0


async def test_the_team_is_renamed_and_a_reset_takes_it_back(call: Caller, slack, post, told) -> None:
    before = slack.world.app.team_name
    await post("rename-team", name="Northern Works", domain="northern")
    assert kinds(told) == ["team_rename", "team_domain_change"]
    described = (await call.ok("team.info"))["team"]
    assert (described["name"], described["domain"]) == ("Northern Works", "northern")
    await post("set-preferences", paid=False)
    await post("reset")
    assert (slack.world.app.team_name, slack.workspace.preferences.paid) == (before, True)
    assert kinds(told) == []


async def test_a_person_changes_the_own_profile_and_picture(call: Caller, slack, session) -> None:
    token = person(Stage(slack, call))
    answer = await call.ok(
        "users.profile.set",
        token=token,
        profile={"status_text": "reading", "fields": {"Xf01": {"value": "Vienna", "alt": ""}}},
    )
    profile = answer["profile"]
    assert (answer["username"], profile["status_emoji"]) == ("ada", ":speech_balloon:")
    one = await call.ok("users.profile.set", token=token, name="title", value="Captain")
    assert one["profile"]["title"] == "Captain"
    shown = await call.ok("users.profile.get", user=slack.workspace.user("ada").id, include_labels="true")
    assert shown["profile"]["fields"] == {"Xf01": {"value": "Vienna", "alt": "", "label": "Xf01"}}
    form = aiohttp.FormData()
    form.add_field("image", b"\x89PNG\r\n\x1a\n...", filename="me.png", content_type="image/png")
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(slack.api_url + "users.setPhoto", data=form, headers=headers) as response:
        photo = (await response.json())["profile"]
    assert photo["is_custom_image"]
    assert photo["image_72"].startswith("https://")
    await call.ok("users.deletePhoto", token=token)
    assert not slack.workspace.user("ada").photo


async def test_identity_tells_what_its_scopes_allow(call: Caller, slack) -> None:
    ada = slack.workspace.user("ada")
    grants = slack.world.grants
    bare = grants.issue(TokenKind.USER, ada.id, {"identity.basic"}).token
    whole = grants.issue(
        TokenKind.USER, ada.id, {"identity.basic", "identity.email", "identity.avatar", "identity.team"}
    ).token
    stranger = grants.issue(TokenKind.USER, ada.id, {"identity.email"}).token
    assert (await call("users.identity", token=stranger))["needed"] == "identity.basic"
    team = {"id": slack.team_id}
    assert await call.ok("users.identity", token=bare) == {
        "ok": True,
        "user": {"name": ada.real_name, "id": ada.id},
        "team": team,
    }
    told = await call.ok("users.identity", token=whole)
    assert (told["user"]["email"], "image_24" in told["user"]) == (ada.email, True)
    assert told["team"]["name"] == slack.world.app.team_name


async def test_a_guest_sees_its_own_channels_and_those_in_them(call: Caller, slack) -> None:
    workspace = slack.workspace
    guest = workspace.add_user("guest", is_restricted=True)
    shared = workspace.add_channel("shared", members=["guest", "ada"])
    token = person(Stage(slack, call), "guest")
    listed = (await call.ok("conversations.list", token=token))["channels"]
    assert [channel["id"] for channel in listed] == [shared.id]
    people = {member["name"] for member in (await call.ok("users.list", token=token))["members"]}
    assert (people >= {"ada", "guest"}, "bob" in people) == (True, False)
    assert guest.id in shared.members


async def test_people_read_public_channels_that_they_are_not_in(call: Caller, slack) -> None:
    away = slack.workspace.add_channel("away", members=["bob"])
    said = slack.workspace.say("away", "hello", user="bob")
    token = person(Stage(slack, call))
    found = (await call.ok("conversations.history", token=token, channel=away.id))["messages"]
    assert [message["ts"] for message in found] == [said.ts]
    replies = await call.ok("conversations.replies", token=token, channel=away.id, ts=said.ts)
    assert len(replies["messages"]) == 1


async def test_a_workspace_without_a_plan_shows_ninety_days(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        call = Caller(slack, session)
        ops = slack.workspace.add_channel("ops", bot=True)
        old = slack.workspace.say("ops", "old", user="ada")
        slack.clock.advance(91 * 24 * 3_600)
        new = slack.workspace.say("ops", "new", user="ada")
        slack.workspace.preferences.paid = False
        answer = await call.ok("conversations.history", channel=ops.id)
        assert ([message["ts"] for message in answer["messages"]], answer["is_limited"]) == ([new.ts], True)
        assert await call.error("conversations.replies", channel=ops.id, ts=old.ts) == "thread_not_found"


@pytest.mark.parametrize("scoped", [True, False])
async def test_events_carry_an_address_only_with_its_scope(session, scoped: bool) -> None:
    scopes = ["users:read", "users:read.email"] if scoped else ["users:read"]
    async with SimulatedSlack(scopes=scopes) as slack:
        socket = await open_socket(slack, session)
        slack.workspace.add_user("dora")
        event = await socket.event()
        assert (event["type"], event["user"]["name"]) == ("team_join", "dora")
        assert event["user"]["profile"].get("email") == ("dora@example.com" if scoped else None)
        await socket.socket.close()


async def test_nobody_acts_whose_account_is_deactivated(slack, session, post) -> None:
    said = await post("say", channel="general", text="hello", user="bob")
    opened = await post("open-direct", users=["ada"], owner="carol")
    await post("deactivate-user", user="bob")
    there = {"channel": "general", "ts": said["ts"]}
    for action, body in (
        ("say", {"channel": "general", "text": "x", "user": "bob"}),
        ("edit", {**there, "text": "x"}),
        ("edit", {**there, "text": "x", "user": "@bob"}),
        ("delete", there),
        ("react", {**there, "name": "eyes", "user": slack.workspace.user("bob").id}),
        ("invite", {"channel": "random", "by": "bob"}),
        ("kick", {"channel": "random", "user": "ada", "by": "bob"}),
        ("slash", {"channel": "general", "command": "x", "user": "bob"}),
        ("click", {"element": "x", "user": "bob"}),
        ("submit", {"user": "bob"}),
        ("shortcut", {"callback_id": "x", "user": "bob"}),
        ("upload", {"name": "a.txt", "content": "x", "user": "bob"}),
        ("pin", {**there, "user": "bob"}),
        ("open-home", {"user": "bob"}),
        ("open-direct", {"users": ["ada"], "owner": "bob"}),
        ("join", {"channel": "random", "user": "bob"}),
        ("mark-read", {"channel": opened["channel"], "user": "bob"}),
        ("rename-channel", {"channel": "random", "name": "other", "by": "bob"}),
    ):
        async with session.post(f"{slack.url}/sandbox/{action}", json=body) as answer:
            told = await answer.json()
        assert (answer.status, told.get("error")) == (400, "user_is_deactivated"), action
    await post("kick", channel="general", user="bob")
    await post("reactivate-user", user="bob")
    assert (await post("say", channel="general", text="back", user="bob"))["ok"]
