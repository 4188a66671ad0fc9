"""Listing and describing conversations and their members."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json, read_kinds
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind

_LISTING = ("invalid_cursor", "invalid_limit", "invalid_types")


def list_channels(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.list``; archived ones are left out after paging, so pages may be short."""
    kinds = read_kinds(arguments)
    api.require(*(kind.scope("read") for kind in kinds))
    return _channel_page(api, api.visible_channels(kinds), arguments, own=False)


def list_memberships(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.conversations``: where a user (default: the caller) is a member."""
    kinds = read_kinds(arguments)
    api.require(*(kind.scope("read") for kind in kinds))
    user = arguments.get("user") or api.user_id
    if user not in api.workspace.users:
        raise Refusal("invalid_arguments", messages=["[ERROR] no such user [json-pointer:/user]"])
    channels = [channel for channel in api.visible_channels(kinds) if user in channel.members]
    return _channel_page(api, channels, arguments, own=True)


def describe_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.info``; a direct message comes with what the caller has not read of it."""
    channel = api.visible(arguments["channel"])
    api.require(channel.kind.scope("read"))
    described = channel.as_json(
        api.user_id,
        num_members=bool(arguments.get("include_num_members")),
        unread=channel.kind.direct,
        peer_deleted=peer_deleted(api, channel),
    )
    if arguments.get("include_locale"):
        described["locale"] = "en-US"
    return {"channel": described}


def list_members(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.members``."""
    channel = api.visible(arguments["channel"])
    api.require(channel.kind.scope("read"))
    page, following = take_page(
        list(channel.members),
        "user",
        str,
        cursor=arguments.get("cursor", ""),
        limit=page_limit(arguments, refuse=True),
    )
    return {"members": list(page), "response_metadata": {"next_cursor": following}}


def peer_deleted(api: Api, channel: Channel) -> bool:
    """Say whether the other side of a direct message is deactivated."""
    if channel.kind is not Kind.DIRECT:
        return False
    peer = api.workspace.users.get(channel.peer_of(api.user_id))
    return peer is not None and peer.deleted


def _channel_page(api: Api, channels: list[Channel], arguments: Arguments, *, own: bool) -> dict[str, Json]:
    page, following = take_page(
        channels,
        "team",
        lambda channel: channel.id,
        cursor=arguments.get("cursor", ""),
        limit=page_limit(arguments, refuse=True),
    )
    shown = [channel for channel in page if not (arguments.get("exclude_archived") and channel.is_archived)]
    return {
        "channels": [_listed(api, channel, own=own) for channel in shown],
        "response_metadata": {"next_cursor": following},
    }


def _listed(api: Api, channel: Channel, *, own: bool) -> dict[str, Json]:
    """Describe a conversation as lists do: without how far it is read, direct messages uncounted."""
    described = channel.as_json(
        api.user_id,
        membership=not own,
        num_members=not own and not channel.kind.direct,
        peer_deleted=peer_deleted(api, channel),
    )
    described.pop("last_read", None)
    return described


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.info": Simulated(describe_channel, errors=("channel_not_found",)),
        "conversations.list": Simulated(list_channels, errors=_LISTING),
        "conversations.members": Simulated(
            list_members, errors=("channel_not_found", "invalid_cursor", "invalid_limit")
        ),
        "users.conversations": Simulated(
            list_memberships, errors=_LISTING, differs="Nothing is muted: exclude_muted leaves out nothing."
        ),
    }
)
