"""Opening and closing direct messages, and how far somebody has read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.channels import caller
from pack.sandbox.slack.methods.conversations import peer_deleted
from pack.sandbox.slack.methods.membership import listed
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.directory import SLACKBOT
from pack.sandbox.slack.world.objects import Channel, Kind

_MOST_PEERS = 8
_TIMESTAMP = re.compile(r"\d{1,12}(\.\d{1,6})?\Z")


def open_direct(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.open``: a direct message with one user, or with up to eight."""
    if arguments.get("channel"):
        return _reopen(api, arguments)
    peers = listed(arguments.get("users") or "")
    if not peers:
        raise Refusal("users_list_not_supplied")
    if len(peers) > _MOST_PEERS:
        raise Refusal("too_many_users")
    for peer in peers:
        _refuse_peer(api, peer, alone=len(peers) == 1)
    api.require("im:write" if len(peers) == 1 else "mpim:write")
    if arguments.get("prevent_creation") and api.workspace.direct_between([api.user_id, *peers]) is None:
        raise Refusal("channel_not_found")
    channel, was_open = api.workspace.open_direct(peers, api.user_id)
    return _opened(api, channel, arguments, was_open=was_open)


def close_direct(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.close``: it leaves the caller's list, what was said stays."""
    channel = _direct(api, arguments)
    if api.workspace.close_direct(channel, api.user_id):
        return {}
    return {"no_op": True, "already_closed": True}


def mark_read(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.mark``."""
    channel = api.visible(arguments["channel"])
    api.require_managing(channel.kind)
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if not _TIMESTAMP.match(arguments["ts"]):
        raise Refusal("invalid_timestamp")
    api.workspace.mark(channel, api.user_id, arguments["ts"])
    return {}


def _reopen(api: Api, arguments: Arguments) -> dict[str, Json]:
    channel = _direct(api, arguments)
    was_open = api.user_id not in channel.closed_by
    if not was_open:
        api.workspace.reopen(channel, caller(api))
    return _opened(api, channel, arguments, was_open=was_open)


def _opened(api: Api, channel: Channel, arguments: Arguments, *, was_open: bool) -> dict[str, Json]:
    described: dict[str, Json] = {"id": channel.id}
    if arguments.get("return_im"):
        described = channel.as_json(api.user_id, unread=True, peer_deleted=peer_deleted(api, channel))
    answer: dict[str, Json] = {"channel": described}
    return {"no_op": True, "already_open": True, **answer} if was_open else answer


def _direct(api: Api, arguments: Arguments) -> Channel:
    channel = api.visible(arguments["channel"])
    if not channel.kind.direct:
        raise Refusal("method_not_supported_for_channel_type")
    api.require_managing(channel.kind)
    return channel


def _refuse_peer(api: Api, peer: str, *, alone: bool) -> None:
    """Refuse who cannot be written to; a bot has no direct message with itself or with another bot."""
    who, user = caller(api), api.workspace.users.get(peer)
    if user is None or (peer == api.user_id and (who.is_bot or not alone)):
        raise Refusal("user_not_found")
    if user.deleted:
        raise Refusal("user_disabled")
    if alone and who.is_bot and (user.is_bot or user.id == SLACKBOT):
        raise Refusal("cannot_dm_bot")
    if who.is_guest and user.id != who.id and not _share_channel(api, peer):
        raise Refusal("user_not_visible")


def _share_channel(api: Api, peer: str) -> bool:
    channels = api.visible_channels((Kind.PUBLIC, Kind.PRIVATE))
    return any(peer in channel.members and api.is_member(channel) for channel in channels)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.close": Simulated(
            close_direct,
            errors=("channel_not_found", "method_not_supported_for_channel_type"),
            differs="A closed direct message stays out of the list when something is said in it.",
        ),
        "conversations.mark": Simulated(
            mark_read, errors=("channel_not_found", "invalid_timestamp", "not_in_channel")
        ),
        "conversations.open": Simulated(
            open_direct,
            errors=(
                "cannot_dm_bot",
                "channel_not_found",
                "method_not_supported_for_channel_type",
                "too_many_users",
                "user_disabled",
                "user_not_found",
                "user_not_visible",
                "users_list_not_supplied",
            ),
        ),
    }
)
