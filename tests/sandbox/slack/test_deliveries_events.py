"""The Events API: subscriptions, scopes, people's tokens, the hourly limit, the wrapping."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.event_types import EVENT_SCOPES, EVERYTHING
from pack.sandbox.slack.world.grants import TokenKind
from tests.clock import FakeClock


def taken(slack: SimulatedSlack) -> list[dict[str, Any]]:
    """Return what waits for the app, and forget it."""
    payloads = [envelope.payload for envelope in slack.faults.unacknowledged]
    slack.sockets.envelopes.reset()
    return payloads


def kinds(slack: SimulatedSlack) -> list[str]:
    return [payload["event"]["type"] for payload in taken(slack)]


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    channel = slack.workspace.add_channel("ops", bot=True, members=["ada"]).id
    taken(slack)
    return channel


def test_the_types_are_those_of_the_events_api_with_their_scopes() -> None:
    assert EVENT_SCOPES["reaction_added"] == ("reactions:read",)
    assert EVENT_SCOPES["app_mention"] == ("app_mentions:read",)
    assert EVENT_SCOPES["channel_archive"] == ("channels:read",)
    assert EVENT_SCOPES["app_home_opened"] == ()
    assert not EVENT_SCOPES.keys() & {"hello", "user_typing", "presence_change", "url_verification"}
    assert "message.im" in EVENT_SCOPES
    assert "message.im" not in EVERYTHING


async def test_messages_are_told_by_the_kind_of_conversation(slack: SimulatedSlack, ops: str) -> None:
    slack.workspace.add_channel("closed", private=True, bot=True)
    taken(slack)
    slack.events.subscribe(["message.groups"])
    slack.workspace.say("ops", "public", user="ada")
    slack.workspace.say("closed", "private", user="ada")
    assert [payload["event"]["text"] for payload in taken(slack)] == ["private"]
    slack.events.subscribe(["message"])
    slack.workspace.say("ops", "public", user="ada")
    assert kinds(slack) == ["message"]


async def test_a_type_that_is_none_cannot_be_subscribed_to(slack: SimulatedSlack) -> None:
    with pytest.raises(ValueError, match="user_typing"):
        slack.events.subscribe(["message", "user_typing"])
    assert slack.events.subscriptions == EVERYTHING


async def test_an_event_without_a_scope_of_its_own_needs_that_of_its_type(slack: SimulatedSlack) -> None:
    grant = slack.world.grants.bot
    event = {"type": "team_rename", "name": "New", "event_ts": slack.workspace.new_ts()}
    slack.workspace.emit(event, None, None, to_bot=True)
    grant.scopes = grant.scopes - {"team:read"}
    slack.workspace.emit(event, None, None, to_bot=True)
    assert kinds(slack) == ["team_rename"]


async def test_what_is_of_no_channel_is_told_without_one_in_its_context(slack: SimulatedSlack) -> None:
    event = {"type": "team_rename", "name": "New", "event_ts": "1700000000.000100"}
    slack.workspace.emit(event, None, "team:read", to_bot=True)
    (payload,) = taken(slack)
    context = json.loads(base64.b64decode(payload["event_context"].removeprefix("4-")))
    assert context == {"et": "team_rename", "tid": slack.team_id, "aid": slack.app_id}
    assert payload["event_time"] == 1_700_000_000
    assert payload["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": slack.team_id,
            "user_id": slack.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]


async def test_a_token_that_holds_no_more_is_told_of_nothing_but_its_end(
    slack: SimulatedSlack, ops: str
) -> None:
    slack.world.grants.bot.refusal = "token_revoked"
    slack.workspace.say("ops", "anybody?", user="ada")
    gone = {
        "type": "tokens_revoked",
        "tokens": {"bot": [slack.bot_user_id]},
        "event_ts": slack.workspace.new_ts(),
    }
    slack.workspace.emit(gone, None, None, to_bot=True)
    assert kinds(slack) == ["tokens_revoked"]


async def test_on_behalf_of_a_person_the_app_is_told_what_that_person_sees(slack: SimulatedSlack) -> None:
    slack.workspace.add_channel("hers", private=True, members=["ada"])
    slack.workspace.add_channel("his", private=True, members=["bob"])
    taken(slack)
    ada = slack.workspace.user("ada").id
    slack.world.grants.issue(TokenKind.USER, ada, ["groups:history"])
    slack.events.subscribe(["message.groups"], for_users=True)
    slack.workspace.say("hers", "for ada", user="ada")
    slack.workspace.say("his", "not for ada", user="bob")
    (payload,) = taken(slack)
    assert payload["event"]["text"] == "for ada"
    (authorization,) = payload["authorizations"]
    assert (authorization["user_id"], authorization["is_bot"]) == (ada, False)


async def test_a_file_that_stands_nowhere_is_told_of_to_its_owner_alone(slack: SimulatedSlack) -> None:
    ada, bob = (slack.workspace.user(name).id for name in ("ada", "bob"))
    slack.world.grants.issue(TokenKind.USER, ada, ["files:read"])
    slack.events.subscribe(["file_created", "file_change", "file_deleted"], for_users=True)
    files = slack.world.files
    for owner in (bob, ada):
        ticket = files.uploads.announce(files.new_id(), owner, "diary.txt", 4, host="")
        with files.store.writing(ticket.file_id) as stream:
            stream.write(b"dear")
        ticket.uploaded = True
        file = files.complete(ticket, None)
        files.keep_private(file)
        files.delete(file)
    told = [payload["event"] for payload in taken(slack)]
    assert {event["user_id"] for event in told} == {ada}
    assert {event["type"] for event in told} == {"file_created", "file_deleted"}


async def test_what_bot_and_person_see_is_told_once_as_the_bot(slack: SimulatedSlack, ops: str) -> None:
    slack.world.grants.issue(TokenKind.USER, slack.workspace.user("ada").id, ["channels:history"])
    slack.events.subscribe(["message.channels"], for_users=True)
    slack.workspace.say("ops", "both", user="ada")
    (payload,) = taken(slack)
    assert payload["authorizations"][0]["is_bot"] is True


async def test_the_feed_bears_events_about_whole_users_and_about_nothing(slack: SimulatedSlack) -> None:
    watching = slack.feed.subscribe()
    ada = slack.workspace.user("ada")
    for subject in ({"user": ada.as_json()}, {"item": None}, {}):
        slack.workspace.emit({"type": "user_change", **subject}, None, None, to_bot=True)
    assert (await anext(aiter(watching)))["userName"] == "ada"
    assert kinds(slack) == ["user_change"] * 3
    slack.feed.unsubscribe(watching)


async def test_above_the_hourly_limit_the_app_is_told_of_the_limit_once_a_minute() -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock, limits=True) as slack:
        assert slack.events.hourly_limit == 30_000
        slack.workspace.add_channel("ops", bot=True)
        taken(slack)
        slack.events.reset()
        slack.events.hourly_limit = 3
        for number in range(6):
            slack.workspace.say("ops", str(number), user="ada")
        *told, limited = taken(slack)
        assert [payload["event"]["text"] for payload in told] == ["0", "1", "2"]
        minute = int(clock.now().timestamp()) // 60 * 60
        assert limited == {
            "token": limited["token"],
            "type": "app_rate_limited",
            "team_id": slack.team_id,
            "minute_rate_limited": minute,
            "api_app_id": slack.app_id,
        }
        assert slack.events.withheld == 3
        await clock.advance(61)
        slack.workspace.say("ops", "6", user="ada")
        assert [payload["type"] for payload in taken(slack)] == ["app_rate_limited"]
        await clock.advance(3_600)
        slack.workspace.say("ops", "7", user="ada")
        assert [payload["event"]["text"] for payload in taken(slack)] == ["7"]


async def test_without_limits_there_is_none_on_events(slack: SimulatedSlack) -> None:
    assert slack.events.hourly_limit is None


async def test_beginning_anew_subscribes_to_everything_and_forgets_what_waits(
    slack: SimulatedSlack, ops: str
) -> None:
    slack.events.subscribe([])
    slack.workspace.say("ops", "unheard", user="ada")
    assert taken(slack) == []
    slack.events.subscribe(["message"])
    slack.workspace.say("ops", "heard", user="ada")
    slack.reset()
    assert slack.faults.unacknowledged == []
    assert slack.events.subscriptions == EVERYTHING
