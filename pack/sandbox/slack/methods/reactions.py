"""``reactions.add``, ``reactions.get``, ``reactions.list`` and ``reactions.remove``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.numbered_pages import take_numbered_page
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.methods.files import find_file
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.permalinks import permalink
from pack.sandbox.slack.world.timeline import Message

_TS = re.compile(r"\d{1,12}\.\d{1,6}\Z")
_ANY_NAME = "every well-formed name is an emoji, standard or not, and an alias is not its emoji"


def find_message(channel: Channel, arguments: Arguments) -> Message:
    """Return the message that the argument ``timestamp`` names.

    Raises:
        Refusal: ``bad_timestamp``, ``message_not_found``.
    """
    if not _TS.match(arguments["timestamp"]):
        raise Refusal("bad_timestamp")
    message = channel.timeline.get(arguments["timestamp"])
    if message is None or message.is_tombstone:
        raise Refusal("message_not_found")
    return message


def add_reaction(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.add``: only messages can be reacted to, by who is in the conversation."""
    if arguments.get("file") or arguments.get("file_comment"):
        raise Refusal("not_reactable")
    channel, message = _item(api, arguments)
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    api.workspace.react(channel, message.ts, arguments["name"], api.user_id)
    return {}


def remove_reaction(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.remove``."""
    if arguments.get("file"):
        find_file(api, arguments)
        raise Refusal("no_reaction")
    channel, message = _item(api, arguments)
    api.workspace.unreact(channel, message.ts, arguments["name"], api.user_id)
    return {}


def describe_reactions(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.get``."""
    if arguments.get("file"):
        return {"type": "file", "file": api.world.files.describe(find_file(api, arguments))}
    channel, message = _item(api, arguments)
    return _describe(api, channel, message)


def list_reactions(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.list``: what a user (default: the caller) reacted to, the newest message first."""
    user = arguments.get("user") or api.user_id
    if user not in api.workspace.users:
        raise Refusal("user_not_found")
    items = [
        (channel, message)
        for channel in api.workspace.channels.values()
        if api.workspace.sees(api.user_id, channel)
        for message in channel.timeline
        if any(user in users for users in message.reactions.values())
    ]
    items.sort(key=lambda item: item[1].ts, reverse=True)
    if not arguments.get("cursor") and not arguments.get("limit"):
        page, paging = take_numbered_page(items, arguments)
        return {
            "items": [_describe(api, *item) for item in page],
            "paging": paging,
            "response_metadata": {"next_cursor": ""},
        }
    shown, following = take_page(
        items,
        "reaction",
        lambda item: f"{item[0].id}-{item[1].ts}",
        cursor=arguments.get("cursor") or "",
        limit=page_limit({"limit": arguments.get("limit") or None}, refuse=False),
    )
    described = [_describe(api, *item) for item in shown]
    return {"items": described, "response_metadata": {"next_cursor": following}}


def _describe(api: Api, channel: Channel, message: Message) -> dict[str, Json]:
    described = {**message.as_json(), "permalink": permalink(api.app, channel, message)}
    return {"type": "message", "channel": channel.id, "message": described}


def _item(api: Api, arguments: Arguments) -> tuple[Channel, Message]:
    if arguments.get("file_comment"):
        raise Refusal("file_comment_not_found")
    if not arguments.get("channel") or not arguments.get("timestamp"):
        raise Refusal("no_item_specified")
    channel = api.visible(arguments["channel"])
    return channel, find_message(channel, arguments)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "reactions.add": Simulated(
            add_reaction,
            (
                "already_reacted",
                "bad_timestamp",
                "channel_not_found",
                "invalid_name",
                "is_archived",
                "message_not_found",
                "no_item_specified",
                "not_in_channel",
                "not_reactable",
                "thread_locked",
                "too_many_emoji",
                "too_many_reactions",
            ),
            differs=_ANY_NAME,
        ),
        "reactions.get": Simulated(
            describe_reactions,
            (
                "bad_timestamp",
                "channel_not_found",
                "file_comment_not_found",
                "file_not_found",
                "message_not_found",
                "no_item_specified",
            ),
            differs="the lists of users are always complete",
        ),
        "reactions.list": Simulated(
            list_reactions,
            ("invalid_cursor", "user_not_found"),
            differs="the lists of users are always complete",
        ),
        "reactions.remove": Simulated(
            remove_reaction,
            (
                "bad_timestamp",
                "channel_not_found",
                "file_comment_not_found",
                "file_not_found",
                "invalid_name",
                "message_not_found",
                "no_item_specified",
                "no_reaction",
                "thread_locked",
            ),
            differs=_ANY_NAME,
        ),
    }
)
