"""Slack Connect: invites into shared channels, sent and received."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import take_page
from pack.sandbox.slack.methods.channels import NAME_CODES, caller, checked_name
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.invites import Invite, Status, describe_channel

_USUAL_INVITES = 100
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_ALONE = "Nobody is in the other workspace: control actions say what it does."


def invite_shared(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.inviteShared``: one address, or one user."""
    refuse_unless_allowed(api)
    channel = api.visible(arguments["channel"])
    if channel.kind.direct:
        raise Refusal("invalid_channel_type")
    if channel.is_archived:
        raise Refusal("channel_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if channel.is_general:
        raise Refusal("cannot_share_mandatory_channel")
    recipient = _recipient(api, arguments)
    if recipient in channel.members:
        raise Refusal("already_in_channel")
    pending = (invite for invite in api.world.connections.invites() if invite.channel == channel.id)
    if any(one.recipient == recipient and _pending(api, one) for one in pending):
        raise Refusal("connection_limit_exceeded_pending")
    limited = arguments.get("external_limited")
    invite = api.world.connections.send(
        channel, recipient, caller(api), limited=True if limited is None else bool(limited)
    )
    return {"invite_id": invite.id, "is_legacy_shared_channel": False, **link_of(api, invite)}


def accept_shared(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.acceptSharedInvite``: the channel appears under a name of one's own."""
    refuse_unless_allowed(api)
    if arguments.get("team_id") and arguments["team_id"] != api.app.team_id:
        raise Refusal("team_not_found")
    if not arguments.get("invite_id"):
        raise Refusal("invalid_arguments", messages=["[ERROR] missing required field: invite_id"])
    invite = api.world.connections.find(arguments["invite_id"])
    if not invite.incoming:
        raise Refusal("invite_from_same_org")
    if invite.status is Status.ACCEPTED:
        raise Refusal("invite_used")
    if not _pending(api, invite):
        raise Refusal("invite_not_found")
    name = checked_name(arguments["channel_name"])
    if api.workspace.has_channel(name):
        raise Refusal("name_taken")
    private = bool(arguments.get("is_private"))
    channel = api.workspace.create(name, api.user_id, private=private, id=invite.channel)
    api.world.connections.accept(invite, channel, caller(api))
    return {
        "implicit_approval": True,
        "channel_id": channel.id,
        "invite_id": invite.id,
        "can_open_scdm": False,
    }


def approve_shared(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.approveSharedInvite``: what another workspace has accepted."""
    refuse_unless_allowed(api)
    invite = api.world.connections.find(arguments["invite_id"])
    if invite.status is Status.APPROVED:
        raise Refusal("already_approved")
    if invite.status is Status.DECLINED or api.world.connections.expired(invite):
        raise Refusal("approval_inactive")
    api.world.connections.approve(invite, _target(invite, arguments), caller(api))
    return {}


def decline_shared(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.declineSharedInvite``: an invite, or that another workspace accepted one."""
    refuse_unless_allowed(api)
    invite = api.world.connections.find(arguments["invite_id"])
    if invite.status is Status.APPROVED:
        raise Refusal("approval_inactive")
    if not _pending(api, invite):
        raise Refusal("inactive_invite")
    target = invite.team.id if invite.incoming else _target(invite, arguments)
    api.world.connections.decline(invite, target, caller(api))
    return {}


def list_invites(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.listConnectInvites``: those that wait for somebody."""
    if not _allowed(api):
        raise Refusal("restricted_action")
    pending = [invite for invite in api.world.connections.invites() if _pending(api, invite)]
    count = arguments.get("count")
    limit = _USUAL_INVITES if count is None else max(1, count)
    try:
        page, following = take_page(
            pending, "invite", lambda one: one.id, cursor=arguments.get("cursor", ""), limit=limit
        )
    except Refusal as error:
        message = "[ERROR] no such page [json-pointer:/cursor]"
        raise Refusal("invalid_arguments", messages=[message]) from error
    invites = [_listed(api, invite) for invite in page]
    return {"invites": invites, "response_metadata": {"next_cursor": following}}


def set_invite_permissions(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.externalInvitePermissions.set``: whether the other side may invite, too."""
    if not _allowed(api):
        raise Refusal("restricted_action")
    channel = api.visible(arguments["channel"])
    if not channel.connected:
        raise Refusal("not_supported")
    if arguments["target_team"] not in channel.connected:
        raise Refusal("invalid_target_team")
    channel.connected[arguments["target_team"]] = arguments["action"] == "upgrade"
    return {}


def refuse_unless_allowed(api: Api) -> None:
    """Refuse unless plan and admins let the caller connect with others.

    Raises:
        Refusal: ``not_paid``, ``restricted_action``.
    """
    if not api.workspace.preferences.paid:
        raise Refusal("not_paid")
    if not _allowed(api):
        raise Refusal("restricted_action")


def link_of(api: Api, invite: Invite) -> dict[str, str]:
    """Return the address of an invite and the code that confirms it."""
    url = f"https://join.slack.com/share/{invite.id}"
    return {"url": url, "conf_code": invite.id[-6:].rjust(6, "0")}


def _allowed(api: Api) -> bool:
    return api.workspace.preferences.manage_connections or caller(api).may_administer


def _pending(api: Api, invite: Invite) -> bool:
    """Say whether something is still to be done about an invite."""
    over = (Status.APPROVED, Status.DECLINED)
    accepted_here = invite.incoming and invite.status is Status.ACCEPTED
    return invite.status not in over and not accepted_here and not api.world.connections.expired(invite)


def _recipient(api: Api, arguments: Arguments) -> str:
    emails = [str(one) for one in arguments.get("emails") or ()]
    users = [str(one) for one in arguments.get("user_ids") or ()]
    if not emails and not users:
        raise Refusal("recipients_not_specified")
    if len(emails) + len(users) > 1:
        raise Refusal("too_many_emails")
    if emails and not _ADDRESS.match(emails[0]):
        raise Refusal("invalid_email")
    if users and users[0] not in api.workspace.users:
        raise Refusal("user_not_found")
    return (emails or users)[0]


def _target(invite: Invite, arguments: Arguments) -> str:
    """Return the other workspace whose acceptance is meant."""
    target = arguments.get("target_team")
    if not invite.accepted_by:
        raise Refusal("approval_not_found")
    if not target:
        raise Refusal("missing_target_team")
    if target not in invite.accepted_by:
        raise Refusal("approval_not_found")
    return str(target)


def _listed(api: Api, invite: Invite) -> dict[str, Json]:
    channel = api.workspace.channels.get(invite.channel)
    return {
        "direction": "incoming" if invite.incoming else "outgoing",
        "status": invite.status.value,
        "date_last_updated": invite.updated,
        "invite_type": "channel",
        "invite": {**invite.as_json(), "link": link_of(api, invite)["url"]},
        "channel": describe_channel(invite, channel),
        "acceptances": [
            {
                "approval_status": "pending_approval",
                "date_accepted": invite.updated,
                "date_invalid": invite.expires,
                "date_last_updated": invite.updated,
                "accepting_team": team.as_json(),
                "reviews": [],
            }
            for team in invite.accepted_by.values()
        ],
    }


_PERMITTED = ("not_paid", "restricted_action")

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.acceptSharedInvite": Simulated(
            accept_shared,
            errors=tuple(
                sorted(
                    (
                        *NAME_CODES,
                        *_PERMITTED,
                        "invite_from_same_org",
                        "invite_not_found",
                        "invite_used",
                        "name_taken",
                        "team_not_found",
                    )
                )
            ),
            differs=f"{_ALONE} The channel is new and empty, and shared without the host's approval.",
        ),
        "conversations.approveSharedInvite": Simulated(
            approve_shared,
            errors=(
                "already_approved",
                "approval_inactive",
                "approval_not_found",
                "invite_not_found",
                "missing_target_team",
                *_PERMITTED,
            ),
            differs=_ALONE,
        ),
        "conversations.declineSharedInvite": Simulated(
            decline_shared,
            errors=(
                "approval_inactive",
                "approval_not_found",
                "inactive_invite",
                "invite_not_found",
                "missing_target_team",
                *_PERMITTED,
            ),
            differs=_ALONE,
        ),
        "conversations.externalInvitePermissions.set": Simulated(
            set_invite_permissions,
            errors=(
                "channel_not_found",
                "invalid_action",
                "invalid_target_team",
                "not_supported",
                "restricted_action",
            ),
            differs="It is kept, and nobody of the other workspace makes use of it.",
        ),
        "conversations.inviteShared": Simulated(
            invite_shared,
            errors=(
                "already_in_channel",
                "cannot_share_mandatory_channel",
                "channel_archived",
                "channel_not_found",
                "connection_limit_exceeded_pending",
                "invalid_channel_type",
                "invalid_email",
                "not_in_channel",
                "not_paid",
                "recipients_not_specified",
                "restricted_action",
                "too_many_emails",
                "user_not_found",
            ),
            differs=f"{_ALONE} No mail is sent.",
        ),
        "conversations.listConnectInvites": Simulated(
            list_invites, errors=("restricted_action",), differs="Invites into direct messages do not exist."
        ),
    }
)
