"""Joining, leaving, inviting and removing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.directory import SLACKBOT
from pack.sandbox.slack.world.objects import Channel, Kind


def join_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.join``: public channels only."""
    channel = api.visible(arguments["channel"])
    if channel.kind is not Kind.PUBLIC:
        raise Refusal("method_not_supported_for_channel_type")
    joined = api.workspace.join(channel, api.user_id)
    answer: dict[str, Json] = {"channel": channel.as_json(api.user_id)}
    return answer if joined else {**answer, "warning": "already_in_channel"}


def leave_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.leave``; who is no member gets an answer that is neither ok nor an error."""
    channel = api.visible(arguments["channel"])
    _refuse_direct(channel)
    api.require_managing(channel.kind)
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("", not_in_channel=True)
    if channel.is_general:
        raise Refusal("cant_leave_general")
    if caller(api).is_guest:
        raise Refusal("user_is_restricted")
    if len(channel.members) == 1:
        raise Refusal("last_member")
    api.workspace.leave(channel, api.user_id)
    return {}


def invite_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.invite``: all of the users, or none and the reason for each.

    With ``force`` those are invited who can be, and the reasons for the others are told.
    """
    channel = api.visible(arguments["channel"])
    _refuse_direct(channel)
    api.require_managing(channel.kind, "invites")
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if caller(api).is_guest:
        raise Refusal("no_permission")
    users = listed(arguments["users"])
    if not users:
        raise Refusal("no_user")
    faults = [
        {"user": user, "ok": False, "error": code} for user in users if (code := _bar(api, channel, user))
    ]
    if faults and not (arguments.get("force") and len(faults) < len(users)):
        raise Refusal(str(faults[0]["error"]), errors=faults)
    barred = {fault["user"] for fault in faults}
    for user in users:
        if user not in barred:
            api.workspace.join(channel, user, inviter=api.user_id)
    answer: dict[str, Json] = {"channel": channel.as_json(api.user_id)}
    return {**answer, "errors": faults} if faults else answer


def remove_user(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.kick``."""
    channel = api.visible(arguments["channel"])
    _refuse_direct(channel)
    api.require_managing(channel.kind)
    user = str(arguments.get("user") or "")
    if user not in api.workspace.users:
        raise Refusal("user_not_found")
    if user == api.user_id:
        raise Refusal("cant_kick_self")
    if channel.is_general:
        raise Refusal("cant_kick_from_general")
    if not api.is_member(channel) or user not in channel.members:
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("not_supported")
    who = caller(api)
    if who.is_guest or not (api.workspace.preferences.remove_members or who.may_administer):
        raise Refusal("restricted_action")
    api.workspace.leave(channel, user, by=api.user_id)
    return {"errors": {}}


def listed(users: Json) -> list[str]:
    """Return the user IDs of a comma-separated text or a list, each once."""
    parts = users if isinstance(users, list) else str(users).split(",")
    return list(dict.fromkeys(text for part in parts if (text := str(part).strip())))


def _refuse_direct(channel: Channel) -> None:
    if channel.kind.direct:
        raise Refusal("method_not_supported_for_channel_type")


def _bar(api: Api, channel: Channel, user: str) -> str:
    """Return why a user cannot be invited; empty when it can."""
    workspace = api.workspace
    invited = workspace.users.get(user)
    if invited is None:
        return "user_not_found"
    if user == api.user_id:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    full = len(channel.members) >= workspace.preferences.largest_channel
    if invited.deleted or invited.id == SLACKBOT or full:
        return "cant_invite"
    elsewhere = (other for other in workspace.channels.values() if not other.kind.direct)
    if invited.is_ultra_restricted and any(user in other.members for other in elsewhere):
        return "ura_max_channels"
    return ""


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.invite": Simulated(
            invite_users,
            errors=(
                "already_in_channel",
                "cant_invite",
                "cant_invite_self",
                "channel_not_found",
                "is_archived",
                "method_not_supported_for_channel_type",
                "no_permission",
                "no_user",
                "not_in_channel",
                "ura_max_channels",
                "user_not_found",
            ),
        ),
        "conversations.join": Simulated(
            join_channel,
            errors=(
                "channel_not_found",
                "is_archived",
                "method_not_supported_for_channel_type",
                "too_many_members",
            ),
        ),
        "conversations.kick": Simulated(
            remove_user,
            errors=(
                "cant_kick_from_general",
                "cant_kick_self",
                "channel_not_found",
                "method_not_supported_for_channel_type",
                "not_in_channel",
                "not_supported",
                "restricted_action",
                "user_not_found",
            ),
        ),
        "conversations.leave": Simulated(
            leave_channel,
            errors=(
                "cant_leave_general",
                "channel_not_found",
                "is_archived",
                "last_member",
                "method_not_supported_for_channel_type",
                "user_is_restricted",
            ),
        ),
    }
)
