"""Slack Connect with one workspace: what is sent, received and asked for, and the events of it."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.shapes.connecting import INVITE_RECEIVED, INVITE_REQUESTED
from tests.sandbox.slack.shapes.matching import keeps


@pytest.fixture
def told(slack: SimulatedSlack) -> list[dict[str, Any]]:
    """Everything that the bot may be told of from now on, in order."""
    events: list[dict[str, Any]] = []
    slack.workspace.listen(lambda one: events.append(one.event) if one.to_bot else None)
    return events


@pytest.fixture
def post(slack: SimulatedSlack, session):
    async def posting(path: str, **body: Any) -> dict[str, Any]:
        async with session.post(f"{slack.url}/sandbox/{path}", json=body) as response:
            answer = await response.json()
            assert answer["ok"], answer
            return answer

    return posting


async def test_an_invite_is_sent_accepted_and_approved(call: Caller, slack, post, told) -> None:
    ops = slack.workspace.add_channel("ops", bot=True)
    told.clear()
    sent = await call.ok("conversations.inviteShared", channel=ops.id, emails="x@other.example")
    (pending,) = (await call.ok("conversations.listConnectInvites"))["invites"]
    assert (pending["direction"], pending["status"], pending["invite"]["id"]) == (
        "outgoing",
        "sent",
        sent["invite_id"],
    )
    team = (await post("accept-connect-invite", invite_id=sent["invite_id"], team="Other Works"))["team_id"]
    waiting = (await call.ok("conversations.info", channel=ops.id))["channel"]
    assert (waiting["is_pending_ext_shared"], waiting["pending_connected_team_ids"]) == (True, [team])
    await call.ok("conversations.approveSharedInvite", invite_id=sent["invite_id"], target_team=team)
    shared = (await call.ok("conversations.info", channel=ops.id))["channel"]
    assert (shared["is_ext_shared"], shared["is_pending_ext_shared"]) == (True, False)
    assert shared["shared_team_ids"] == [slack.team_id, team]
    assert [event["type"] for event in told] == [
        "shared_channel_invite_accepted",
        "shared_channel_invite_approved",
        "channel_shared",
    ]
    assert told[-1]["connected_team_id"] == team
    assert (await call.ok("conversations.listConnectInvites"))["invites"] == []
    await call.ok(
        "conversations.externalInvitePermissions.set", channel=ops.id, target_team=team, action="upgrade"
    )
    assert slack.workspace.channel(ops.id).connected == {team: True}


async def test_an_invite_from_elsewhere_is_accepted_or_declined(call: Caller, slack, post, told) -> None:
    first = await post("receive-connect-invite", team="Other", channel_name="theirs")
    second = await post("receive-connect-invite", team="Other", channel_name="more")
    assert first["team_id"] == second["team_id"]
    assert [event["type"] for event in told] == ["shared_channel_invite_received"] * 2
    keeps(told[0], INVITE_RECEIVED)
    answer = await call.ok(
        "conversations.acceptSharedInvite", invite_id=first["invite_id"], channel_name="with-other"
    )
    assert answer["channel_id"] == told[0]["channel"]["id"]
    channel = slack.workspace.channel(answer["channel_id"])
    assert (channel.name, channel.connected) == ("with-other", {first["team_id"]: False})
    told.clear()
    await call.ok("conversations.declineSharedInvite", invite_id=second["invite_id"])
    assert [event["type"] for event in told] == ["shared_channel_invite_declined"]
    assert (await call.ok("conversations.listConnectInvites"))["invites"] == []


async def test_a_member_asks_for_an_invite(call: Caller, slack, post, told) -> None:
    slack.workspace.add_channel("ops", bot=True)
    told.clear()
    first = await post("request-connect-invite", channel="ops", email="x@other.example", user="bob")
    second = await post("request-connect-invite", channel="ops", email="y@other.example")
    assert [event["type"] for event in told] == ["shared_channel_invite_requested"] * 2
    keeps(told[0], INVITE_REQUESTED)
    listed = await call.ok("conversations.requestSharedInvite.list", limit=1)
    assert [request["id"] for request in listed["invite_requests"]] == [first["invite_id"]]
    cursor = listed["response_metadata"]["next_cursor"]
    rest = await call.ok("conversations.requestSharedInvite.list", limit=1, cursor=cursor)
    assert [request["id"] for request in rest["invite_requests"]] == [second["invite_id"]]
    approved = await call.ok("conversations.requestSharedInvite.approve", invite_id=first["invite_id"])
    (invite,) = (await call.ok("conversations.listConnectInvites"))["invites"]
    assert invite["invite"]["id"] == approved["invite_id"]
    assert invite["invite"]["recipient_email"] == "x@other.example"
    await call.ok("conversations.requestSharedInvite.deny", invite_id=second["invite_id"])
    assert (await call.ok("conversations.requestSharedInvite.list"))["invite_requests"] == []
    everything = await call.ok(
        "conversations.requestSharedInvite.list", include_approved="1", include_denied="1"
    )
    assert len(everything["invite_requests"]) == 2
