"""Joining, leaving, inviting, removing, and opening direct messages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind

_MOST_PEERS = 8
_DIRECT = (Kind.DIRECT, Kind.GROUP_DIRECT)


def join_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.join``: public channels only."""
    channel = api.visible(arguments["channel"])
    if channel.kind is not Kind.PUBLIC:
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
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
    if len(channel.members) == 1:
        raise Refusal("last_member")
    api.workspace.leave(channel, api.user_id)
    return {}


def invite_users(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.invite``: all of the users, or none and the reason for each."""
    channel = api.visible(arguments["channel"])
    _refuse_direct(channel)
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    users = _listed(arguments["users"])
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
    api.workspace.leave(channel, user, by=api.user_id)
    return {}


def open_direct(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.open``: a direct message with one user, or with up to eight."""
    if arguments.get("channel"):
        channel = api.visible(arguments["channel"])
        if channel.kind not in _DIRECT:
            raise Refusal("method_not_supported_for_channel_type")
        return _opened(api, channel, arguments, existed=True)
    peers = _listed(arguments.get("users") or "")
    if not peers:
        raise Refusal("users_list_not_supplied")
    if len(peers) > _MOST_PEERS:
        raise Refusal("too_many_users")
    for peer in peers:
        _refuse_peer(api, peer)
    api.require("im:write" if len(peers) == 1 else "mpim:write")
    known = len(api.workspace.channels)
    if arguments.get("prevent_creation") and not _has_direct(api, peers):
        raise Refusal("channel_not_found")
    made = api.workspace.add_im(peers[0]) if len(peers) == 1 else api.workspace.add_mpim(peers)
    return _opened(api, made, arguments, existed=len(api.workspace.channels) == known)


def _opened(api: Api, channel: Channel, arguments: Arguments, *, existed: bool) -> dict[str, Json]:
    full = bool(arguments.get("return_im"))
    described = channel.as_json(api.user_id) if full else {"id": channel.id}
    answer: dict[str, Json] = {"channel": described}
    return {"no_op": True, "already_open": True, **answer} if existed else answer


def _has_direct(api: Api, peers: list[str]) -> bool:
    wanted = {*peers, api.user_id}
    return any(set(channel.members) == wanted for channel in api.visible_channels(_DIRECT))


def _refuse_peer(api: Api, peer: str) -> None:
    user = api.workspace.users.get(peer)
    if user is None or peer == api.user_id:
        raise Refusal("user_not_found")
    if user.deleted:
        raise Refusal("user_disabled")


def _refuse_direct(channel: Channel) -> None:
    if channel.kind in _DIRECT:
        raise Refusal("method_not_supported_for_channel_type")


def _bar(api: Api, channel: Channel, user: str) -> str:
    """Return why a user cannot be invited; empty when it can."""
    if user not in api.workspace.users:
        return "user_not_found"
    if user == api.user_id:
        return "cant_invite_self"
    return "already_in_channel" if user in channel.members else ""


def _listed(users: Json) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in str(users).split(",") if part.strip()))


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.invite": Simulated(invite_users),
        "conversations.join": Simulated(join_channel),
        "conversations.kick": Simulated(remove_user),
        "conversations.leave": Simulated(leave_channel),
        "conversations.open": Simulated(open_direct),
    }
)
