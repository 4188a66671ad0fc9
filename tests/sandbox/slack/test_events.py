"""What the app is told of: which events, of which shape, and which not."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.speech import reword
from tests.sandbox.slack.caller import Caller


class Told(list):
    def __init__(self, slack: SimulatedSlack) -> None:
        super().__init__()
        self._slack = slack

    def take(self) -> list[dict[str, Any]]:
        waiting = self._slack.faults.unacknowledged
        seen = len(self)
        self.extend(envelope.payload["event"] for envelope in waiting[seen:])
        return self[seen:]


@pytest.fixture
def told(slack: SimulatedSlack) -> Told:
    """The inner events that go to the app, in order."""
    return Told(slack)


async def test_only_what_the_bot_can_see_is_told(slack, told) -> None:
    slack.workspace.say("general", "not for the bot", user="ada")
    slack.workspace.react("general", slack.workspace.messages("general")[0].ts, "eyes", user="bob")
    assert told.take() == []
    slack.workspace.add_im("ada")
    slack.workspace.say(slack.workspace.add_im("ada"), "for the bot")
    event = told.take()[-1]
    assert event["channel_type"] == "im"
    assert event["user"] == slack.workspace.user("ada").id


async def test_what_the_bot_itself_does_is_told_like_everything_else(slack, told, session) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    told.take()
    answer = await Caller(slack, session).ok("chat.postMessage", channel=ops.id, text="mine")
    await Caller(slack, session).ok("reactions.add", channel=ops.id, timestamp=answer["ts"], name="tada")
    message, reaction = told.take()
    assert (message["bot_id"], message["user"], message["ts"]) == (
        slack.bot_id,
        slack.bot_user_id,
        answer["ts"],
    )
    assert (reaction["user"], reaction["item_user"]) == (slack.bot_user_id, slack.bot_user_id)


@pytest.mark.parametrize(
    ("subtype", "extra"),
    [
        ("file_share", {"files": [{"id": "F0", "name": "graph.png"}], "upload": False}),
        ("me_message", {}),
        ("bot_message", {"bot_id": "B0OTHER", "username": "jenkins"}),
    ],
)
async def test_subtypes_carry_their_own_fields(slack, told, subtype: str, extra: dict[str, object]) -> None:
    slack.workspace.add_channel("ops", bot=True)
    told.take()
    slack.workspace.say("ops", "x", subtype=subtype, **extra)
    (event,) = told.take()
    assert event["subtype"] == subtype
    assert extra.items() <= event.items()
    assert ("user" in event) is (subtype != "bot_message")


async def test_a_thread_broadcast_names_its_root(slack, told) -> None:
    slack.workspace.add_channel("ops", bot=True)
    root = slack.workspace.say("ops", "root", user="ada")
    told.take()
    slack.workspace.say("ops", "all", user="bob", thread_ts=root.ts, subtype="thread_broadcast")
    (event,) = told.take()
    assert (event["subtype"], event["thread_ts"], event["root"]["ts"]) == (
        "thread_broadcast",
        root.ts,
        root.ts,
    )


async def test_edits_and_deletions_carry_both_versions(slack, told) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    message = slack.workspace.say("ops", "frist", user="ada")
    told.take()
    slack.workspace.edit("ops", message.ts, "first")
    slack.workspace.delete("ops", message.ts)
    changed, deleted = told.take()
    assert (changed["subtype"], changed["hidden"], changed["channel"]) == ("message_changed", True, ops.id)
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("first", "frist")
    assert changed["message"]["ts"] == message.ts != changed["ts"]
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)
    assert deleted["previous_message"]["text"] == "first"


async def test_reactions_name_the_message_and_its_author_where_there_is_one(slack, told) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    hers = slack.workspace.say("ops", "x", user="ada")
    nobodys = slack.workspace.say("ops", "x", subtype="bot_message", bot_id="B0OTHER")
    told.take()
    slack.workspace.react("ops", hers.ts, "eyes", user="bob")
    slack.workspace.unreact("ops", hers.ts, "eyes", user="bob")
    slack.workspace.react("ops", nobodys.ts, "eyes", user="bob")
    added, removed, other = told.take()
    bob = slack.workspace.user("bob").id
    assert added["type"] == "reaction_added"
    assert (added["user"], added["reaction"], added["item_user"]) == (bob, "eyes", hers.user)
    assert added["item"] == {"type": "message", "channel": ops.id, "ts": hers.ts}
    assert removed["type"] == "reaction_removed"
    assert "item_user" not in other


async def test_an_invitation_and_a_kick_of_the_bot_are_told(slack, told) -> None:
    ops = slack.workspace.add_channel("ops")
    secret = slack.workspace.channel("incidents")
    told.take()
    slack.workspace.invite_bot("ops", by="bob")
    slack.workspace.kick_bot("ops", by="bob")
    slack.workspace.say("ops", "gone?", user="ada")
    slack.workspace.invite_bot("incidents")
    slack.workspace.kick_bot("incidents")
    from_slackbot = {"user": "USLACKBOT"}.items()
    joined, said, left, *private = (event for event in told.take() if not from_slackbot <= event.items())
    bob = slack.workspace.user("bob").id
    assert (joined["type"], joined["user"], joined["inviter"]) == (
        "member_joined_channel",
        slack.bot_user_id,
        bob,
    )
    assert (joined["channel"], joined["channel_type"]) == (ops.id, "C")
    assert (said["type"], said["subtype"]) == ("message", "channel_join")
    assert (left["type"], left["channel"], left["actor_id"]) == ("channel_left", ops.id, bob)
    assert [event["type"] for event in private] == ["member_joined_channel", "message", "group_left"]
    assert private[-1]["channel"] == secret.id


async def test_others_coming_and_going_is_told(slack, told) -> None:
    slack.workspace.add_channel("ops", members=["ada"], bot=True)
    told.take()
    slack.workspace.join("ops", "bob")
    slack.workspace.leave("ops", "bob")
    assert [event.get("subtype", event["type"]) for event in told.take()] == [
        "member_joined_channel",
        "channel_join",
        "channel_leave",
        "member_left_channel",
    ]
    assert slack.workspace.join("ops", "ada") is False
    assert slack.workspace.leave("ops", "bob") is False
    assert told.take() == []


async def test_changes_of_public_channels_are_told_wherever_the_bot_is(slack, told) -> None:
    slack.workspace.add_channel("ops")
    slack.workspace.rename("ops", "operations")
    slack.workspace.archive("operations")
    slack.workspace.unarchive("operations")
    created, renamed, archived, unarchived = told.take()
    assert (created["type"], created["channel"]["name"]) == ("channel_created", "ops")
    assert (renamed["type"], renamed["channel"]["name"]) == ("channel_rename", "operations")
    assert archived["type"] == "channel_archive"
    assert isinstance(archived["channel"], str)
    assert unarchived["type"] == "channel_unarchive"
    slack.workspace.add_channel("closed", private=True)
    slack.workspace.rename("closed", "shut")
    assert told.take() == []


async def test_a_mention_is_told_twice(slack, told) -> None:
    slack.workspace.add_channel("ops", bot=True)
    told.take()
    slack.workspace.say("ops", f"<@{slack.bot_user_id}> status", user="ada")
    assert [event["type"] for event in told.take()] == ["message", "app_mention"]
    slack.events.subscriptions.discard("app_mention")
    slack.workspace.say("ops", f"<@{slack.bot_user_id}> status", user="ada")
    assert [event["type"] for event in told.take()] == ["message"]


async def test_a_mention_is_told_again_whenever_its_message_is_edited(slack, told) -> None:
    slack.workspace.add_channel("ops", bot=True)
    message = slack.workspace.say("ops", "nobody", user="ada")
    told.take()
    for text in (f"<@{slack.bot_user_id}> now", f"<@{slack.bot_user_id}> again"):
        slack.workspace.edit("ops", message.ts, text)
        changed, mention = told.take()
        assert changed["subtype"] == "message_changed"
        assert (mention["type"], mention["text"], mention["ts"]) == ("app_mention", text, message.ts)
        assert mention["edited"] == changed["message"]["edited"]
    slack.workspace.amend("ops", message.ts, attachments=[])
    slack.workspace.edit("ops", message.ts, "nobody")
    assert [event["type"] for event in told.take()] == ["message", "message"]


async def test_who_invites_the_bot_after_a_mention_is_heard(slack, told) -> None:
    first = slack.workspace.say("random", f"<@{slack.bot_user_id}> come", user="ada")
    slack.workspace.say("random", "please", user="ada")
    slack.workspace.say("general", f"<@{slack.bot_user_id}> come", user="bob")
    assert told.take() == []
    slack.workspace.invite_bot("random", by="ada")
    slack.workspace.invite_bot("general", by="ada")
    mentions = [event for event in told.take() if event["type"] == "app_mention"]
    assert [(event["ts"], event["user"]) for event in mentions] == [(first.ts, first.user)]
    slack.workspace.kick_bot("random", by="ada")
    slack.workspace.invite_bot("random", by="ada")
    assert "app_mention" not in [event["type"] for event in told.take()], "told once"


async def test_what_nobody_known_says_comes_from_a_webhook(slack, told, call: Caller) -> None:
    slack.workspace.add_channel("ops", bot=True)
    told.take()
    slack.workspace.say("ops", f"<@{slack.bot_user_id}> down", subtype="bot_message")
    for event in told.take():
        assert (event["subtype"], event["username"]) == ("bot_message", "incoming-webhook")
        assert "user" not in event
        described = (await call.ok("bots.info", bot=event["bot_id"]))["bot"]
        assert (described["id"], described["name"]) == (event["bot_id"], event["username"])
        assert "user_id" not in described


async def test_slackbot_tells_the_bot_who_removed_it(slack, told) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    ada = slack.workspace.user("ada").id
    told.take()
    slack.workspace.kick_bot("ops", by="ada")
    left, written = told.take()
    assert (left["type"], left["actor_id"]) == ("channel_left", ada)
    assert {key: written[key] for key in written if key not in ("ts", "event_ts", "channel")} == {
        "type": "message",
        "channel_type": "im",
        "user": "USLACKBOT",
        "team": slack.app.team_id,
        "text": f"You have been removed from #ops by <@{ada}>",
    }
    slack.workspace.join(ops, slack.bot_user_id)
    told.take()
    slack.workspace.leave(ops, slack.bot_user_id)
    assert "im" not in [event.get("channel_type") for event in told.take()], "it went by itself"


async def test_a_persons_edit_names_workspaces_and_none_is_told_that_changes_nothing(slack, told) -> None:
    slack.workspace.add_channel("ops", bot=True)
    message = slack.workspace.say("ops", "first", user="ada")
    told.take()
    reword(slack.workspace, message, "first")
    assert told.take() == []
    assert message.edited is None
    reword(slack.workspace, message, "second")
    (changed,) = told.take()
    team = slack.app.team_id
    assert (changed["message"]["source_team"], changed["message"]["user_team"]) == (team, team)
    assert "source_team" not in message.as_json()


async def test_who_is_deactivated_neither_speaks_nor_reacts(slack) -> None:
    said = slack.workspace.say("general", "bye", user="bob")
    direct = slack.workspace.add_im("bob")
    slack.workspace.react("general", said.ts, "wave", user="bob")
    slack.workspace.deactivate("bob")
    acts = (
        lambda: slack.workspace.say("general", "boo", user="bob"),
        lambda: slack.workspace.say(direct, "boo"),
        lambda: slack.workspace.react("general", said.ts, "eyes", user="bob"),
        lambda: slack.workspace.unreact("general", said.ts, "wave", user="bob"),
    )
    for act in acts:
        with pytest.raises(Refusal, match="user_is_deactivated"):
            act()
    assert slack.workspace.user("bob").id not in slack.workspace.channel("general").members


async def test_without_the_scope_nothing_is_told() -> None:
    async with SimulatedSlack(scopes=["channels:read", "channels:history"]) as slack:
        told = Told(slack)
        slack.workspace.add_channel("ops", bot=True)
        slack.workspace.add_channel("closed", private=True, bot=True)
        told.take()
        message = slack.workspace.say("ops", "heard", user="ada")
        slack.workspace.say("closed", "not heard", user="ada")
        slack.workspace.react("ops", message.ts, "eyes", user="ada")
        assert [event["text"] for event in told.take()] == ["heard"]
