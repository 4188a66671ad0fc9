"""Situations in which Slack Connect is refused."""

from __future__ import annotations

from typing import Any

from pack.sandbox.slack.world.invites import LIFETIME, Invite
from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

EMAIL = "x@other.example"


def ops(stage: Stage) -> str:
    """Return the ID of a channel that the bot is in."""
    workspace = stage.slack.workspace
    known = workspace.has_channel("ops")
    return (workspace.channel("ops") if known else workspace.add_channel("ops", bot=True)).id


def sent(stage: Stage) -> Invite:
    """Return an invite that was sent."""
    workspace = stage.slack.workspace
    bot = workspace.user(stage.slack.bot_user_id)
    return stage.slack.world.connections.send(workspace.channel(ops(stage)), EMAIL, bot)


def accepted(stage: Stage) -> tuple[str, str]:
    """Return the ID of an invite that another workspace has accepted, and that workspace's."""
    connections, invite = stage.slack.world.connections, sent(stage)
    team = connections.other_team("Other")
    connections.accept_elsewhere(invite, team)
    return invite.id, team.id


def received(stage: Stage) -> str:
    """Return the ID of an invite from another workspace."""
    connections = stage.slack.world.connections
    return connections.receive(connections.other_team("Other"), "theirs", "ada@example.com").id


def requested(stage: Stage) -> str:
    """Return the ID of a member's request."""
    workspace = stage.slack.workspace
    channel, ada = workspace.channel(ops(stage)), workspace.user("ada")
    return stage.slack.world.connections.request(channel, EMAIL, ada).id


PREFIX = "conversations."
FURTHER: dict[str, dict[str, str]] = {
    "acceptSharedInvite": {"invite_id": "I0", "channel_name": "theirs"},
    "approveSharedInvite": {"invite_id": "I0"},
    "declineSharedInvite": {"invite_id": "I0"},
    "inviteShared": {"channel": "C0NOWHERE", "emails": EMAIL},
    "listConnectInvites": {},
    "requestSharedInvite.approve": {"invite_id": "I0"},
    "requestSharedInvite.deny": {"invite_id": "I0"},
    "requestSharedInvite.list": {},
    "externalInvitePermissions.set": {"channel": "C0", "target_team": "T0", "action": "upgrade"},
}


def _add_forbidden(name: str, further: dict[str, str]) -> None:
    @situations(PREFIX + name, "restricted_action")
    async def _connecting_is_kept_to_admins(stage: Stage) -> dict[str, Any]:
        stage.slack.workspace.preferences.manage_connections = False
        return await stage.call(PREFIX + name, **further)

    if name in ("acceptSharedInvite", "approveSharedInvite", "declineSharedInvite", "inviteShared"):

        @situations(PREFIX + name, "not_paid")
        async def _a_workspace_without_a_plan(stage: Stage) -> dict[str, Any]:
            stage.slack.workspace.preferences.paid = False
            return await stage.call(PREFIX + name, **further)

    if "invite_id" in further:

        @situations(PREFIX + name, "invite_not_found")
        async def _an_invite_that_does_not_exist(stage: Stage) -> dict[str, Any]:
            return await stage.call(PREFIX + name, **further)


for _name, _further in FURTHER.items():
    _add_forbidden(_name, _further)


# --- sending -----------------------------------------------------------------------------------------


async def _invite(stage: Stage, channel: str, **further: Any) -> dict[str, Any]:
    return await stage.call("conversations.inviteShared", channel=channel, **(further or {"emails": EMAIL}))


@situations("conversations.inviteShared", "already_in_channel")
async def _inviting_a_member(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ops(stage), user_ids=stage.slack.workspace.user("ada").id)


@situations("conversations.inviteShared", "cannot_share_mandatory_channel")
async def _sharing_general(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.general)


@situations("conversations.inviteShared", "channel_archived")
async def _sharing_an_archived_channel(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.workspace.add_channel("old", bot=True, archived=True).id)


@situations("conversations.inviteShared", "channel_not_found")
async def _sharing_what_is_not_there(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, "C0NOWHERE")


@situations("conversations.inviteShared", "connection_limit_exceeded_pending")
async def _inviting_twice(stage: Stage) -> dict[str, Any]:
    await _invite(stage, ops(stage))
    return await _invite(stage, ops(stage))


@situations("conversations.inviteShared", "invalid_channel_type")
async def _sharing_a_direct_message(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.workspace.add_im("ada").id)


@situations("conversations.inviteShared", "invalid_email")
async def _an_address_that_is_none(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ops(stage), emails="nobody")


@situations("conversations.inviteShared", "not_in_channel")
async def _sharing_where_the_bot_is_not(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, stage.slack.workspace.channel("random").id)


@situations("conversations.inviteShared", "recipients_not_specified")
async def _inviting_nobody(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ops(stage), external_limited="true")


@situations("conversations.inviteShared", "too_many_emails")
async def _inviting_two_at_once(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ops(stage), emails=f"{EMAIL},y@other.example")


@situations("conversations.inviteShared", "user_not_found")
async def _inviting_an_unknown_user(stage: Stage) -> dict[str, Any]:
    return await _invite(stage, ops(stage), user_ids="U0NOBODY")


# --- accepting ---------------------------------------------------------------------------------------


async def _accept(stage: Stage, invite: str, name: str = "theirs", **further: str) -> dict[str, Any]:
    return await stage.call(
        "conversations.acceptSharedInvite", invite_id=invite, channel_name=name, **further
    )


@situations("conversations.acceptSharedInvite", "invite_from_same_org")
async def _accepting_an_own_invite(stage: Stage) -> dict[str, Any]:
    return await _accept(stage, sent(stage).id)


@situations("conversations.acceptSharedInvite", "invite_used")
async def _accepting_twice(stage: Stage) -> dict[str, Any]:
    invite = received(stage)
    assert (await _accept(stage, invite))["ok"]
    return await _accept(stage, invite, "again")


@situations("conversations.acceptSharedInvite", "team_not_found")
async def _accepting_for_another_workspace(stage: Stage) -> dict[str, Any]:
    return await _accept(stage, received(stage), team_id="T0OTHER")


NAMES = {
    "invalid_name_maxlength": "x" * 81,
    "invalid_name_punctuation": "--",
    "invalid_name_required": " ",
    "invalid_name_specials": "Two Words",
    "name_taken": "general",
}


def _add_name(code: str, name: str) -> None:
    @situations("conversations.acceptSharedInvite", code)
    async def _a_name_that_cannot_be(stage: Stage) -> dict[str, Any]:
        return await _accept(stage, received(stage), name)


for _code, _name in NAMES.items():
    _add_name(_code, _name)


# --- approving and declining -------------------------------------------------------------------------


async def _approve(stage: Stage, invite: str, **further: str) -> dict[str, Any]:
    return await stage.call("conversations.approveSharedInvite", invite_id=invite, **further)


async def _decline(stage: Stage, invite: str, **further: str) -> dict[str, Any]:
    return await stage.call("conversations.declineSharedInvite", invite_id=invite, **further)


@situations("conversations.approveSharedInvite", "already_approved")
async def _approving_twice(stage: Stage) -> dict[str, Any]:
    invite, team = accepted(stage)
    await _approve(stage, invite, target_team=team)
    return await _approve(stage, invite, target_team=team)


@situations("conversations.approveSharedInvite", "approval_inactive")
async def _approving_what_was_declined(stage: Stage) -> dict[str, Any]:
    invite, team = accepted(stage)
    await _decline(stage, invite, target_team=team)
    return await _approve(stage, invite, target_team=team)


@situations("conversations.approveSharedInvite", "approval_not_found")
async def _approving_what_nobody_accepted(stage: Stage) -> dict[str, Any]:
    return await _approve(stage, sent(stage).id, target_team="T0OTHER")


@situations("conversations.approveSharedInvite", "missing_target_team")
async def _approving_without_a_team(stage: Stage) -> dict[str, Any]:
    return await _approve(stage, accepted(stage)[0])


@situations("conversations.declineSharedInvite", "approval_inactive")
async def _declining_what_was_approved(stage: Stage) -> dict[str, Any]:
    invite, team = accepted(stage)
    await _approve(stage, invite, target_team=team)
    return await _decline(stage, invite, target_team=team)


@situations("conversations.declineSharedInvite", "approval_not_found")
async def _declining_another_team(stage: Stage) -> dict[str, Any]:
    return await _decline(stage, accepted(stage)[0], target_team="T0OTHER")


@situations("conversations.declineSharedInvite", "inactive_invite")
async def _declining_when_it_is_over(stage: Stage) -> dict[str, Any]:
    invite = received(stage)
    stage.slack.clock.advance(LIFETIME)
    return await _decline(stage, invite)


@situations("conversations.declineSharedInvite", "missing_target_team")
async def _declining_without_a_team(stage: Stage) -> dict[str, Any]:
    return await _decline(stage, accepted(stage)[0])


# --- permissions and requests ------------------------------------------------------------------------


async def _permit(stage: Stage, channel: str, team: str = "T0OTHER") -> dict[str, Any]:
    return await stage.call(
        "conversations.externalInvitePermissions.set", channel=channel, target_team=team, action="upgrade"
    )


@situations("conversations.externalInvitePermissions.set", "channel_not_found")
async def _permitting_in_no_channel(stage: Stage) -> dict[str, Any]:
    return await _permit(stage, "C0NOWHERE")


@situations("conversations.externalInvitePermissions.set", "not_supported")
async def _permitting_in_a_channel_of_ones_own(stage: Stage) -> dict[str, Any]:
    return await _permit(stage, ops(stage))


@situations("conversations.externalInvitePermissions.set", "invalid_action")
async def _a_right_that_is_none(stage: Stage) -> dict[str, Any]:
    given = {"channel": stage.general, "target_team": "T0", "action": "sidegrade"}
    return await stage.call("conversations.externalInvitePermissions.set", **given)


@situations("conversations.externalInvitePermissions.set", "invalid_target_team")
async def _permitting_a_stranger(stage: Stage) -> dict[str, Any]:
    invite, team = accepted(stage)
    await _approve(stage, invite, target_team=team)
    return await _permit(stage, ops(stage))


def _add_request(what: str, message: Any) -> None:
    method = f"conversations.requestSharedInvite.{what}"

    @situations(method, "invite_already_approved")
    async def _it_was_approved(stage: Stage) -> dict[str, Any]:
        request = requested(stage)
        await stage.call.ok("conversations.requestSharedInvite.approve", invite_id=request)
        return await stage.call(method, invite_id=request)

    @situations(method, "invite_already_denied")
    async def _it_was_denied(stage: Stage) -> dict[str, Any]:
        request = requested(stage)
        await stage.call.ok("conversations.requestSharedInvite.deny", invite_id=request)
        return await stage.call(method, invite_id=request)

    @situations(method, "invite_expired")
    async def _it_is_too_late(stage: Stage) -> dict[str, Any]:
        request = requested(stage)
        stage.slack.clock.advance(LIFETIME)
        return await stage.call(method, invite_id=request)

    @situations(method, "message_too_long")
    async def _too_much_is_said(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, invite_id=requested(stage), message=message)


_add_request("approve", {"text": "x" * 561})
_add_request("deny", "x" * 561)


@situations("conversations.requestSharedInvite.approve", "channel_not_found")
async def _approving_into_no_channel(stage: Stage) -> dict[str, Any]:
    return await stage.call(
        "conversations.requestSharedInvite.approve", invite_id=requested(stage), channel_id="C0NOWHERE"
    )


@situations("conversations.requestSharedInvite.list", "invalid_cursor")
async def _a_page_of_requests_that_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("conversations.requestSharedInvite.list", cursor="x")
