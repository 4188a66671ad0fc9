"""Listing and describing conversations, their members and their messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json, read_kinds
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import decode_cursor, encode_cursor, page_limit, take_page
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

_TIME = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?\Z")


def list_channels(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.list``; archived ones are left out after paging, so pages may be short."""
    kinds = read_kinds(arguments)
    api.require(*(kind.scope("read") for kind in kinds))
    return _channel_page(api, api.visible_channels(kinds), arguments, own=False)


def list_memberships(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``users.conversations``: where a user (default: the bot) is a member."""
    kinds = read_kinds(arguments)
    api.require(*(kind.scope("read") for kind in kinds))
    user = arguments.get("user") or api.user_id
    if user not in api.workspace.users:
        raise Refusal("invalid_arguments", messages=["[ERROR] no such user [json-pointer:/user]"])
    channels = [channel for channel in api.visible_channels(kinds) if user in channel.members]
    return _channel_page(api, channels, arguments, own=True)


def describe_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.info``."""
    channel = api.visible(arguments["channel"])
    api.require(channel.kind.scope("read"))
    count = bool(arguments.get("include_num_members"))
    described = channel.as_json(api.user_id, num_members=count)
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


def list_messages(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.history``, newest first."""
    channel = _readable(api, arguments)
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    oldest, latest = _bound(arguments, "oldest"), _bound(arguments, "latest")
    inclusive = bool(arguments.get("inclusive"))
    if arguments.get("cursor"):
        found = channel.timeline.between(oldest, _next_ts(arguments["cursor"]), inclusive=True)
        found = [message for message in found if inclusive or message.ts > oldest]
    else:
        found = channel.timeline.between(oldest, latest, inclusive=inclusive)
    limit = page_limit(arguments, refuse=False)
    answer = _message_page(found, limit, arguments)
    answer |= {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
    if arguments.get("latest"):
        answer["latest"] = arguments["latest"]
    return answer


def list_replies(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.replies``: the root, then its replies, oldest first; a reply finds itself."""
    channel = _readable(api, arguments)
    if not api.is_member(channel):
        raise Refusal("channel_not_found")
    root = channel.timeline.get(arguments["ts"])
    if root is None:
        raise Refusal("thread_not_found")
    oldest, latest = _bound(arguments, "oldest"), _bound(arguments, "latest")
    inclusive = bool(arguments.get("inclusive"))
    replies = [
        reply for reply in channel.timeline.thread(root.ts) if _within(reply.ts, oldest, latest, inclusive)
    ]
    start = _next_ts(arguments["cursor"]) if arguments.get("cursor") else ""
    replies = [reply for reply in replies if reply.ts >= start]
    thread = replies if start else [root, *replies]
    return _message_page(thread, page_limit(arguments, refuse=False), arguments)


def _channel_page(api: Api, channels: list[Channel], arguments: Arguments, *, own: bool) -> dict[str, Json]:
    page, following = take_page(
        channels,
        "team",
        lambda channel: channel.id,
        cursor=arguments.get("cursor", ""),
        limit=page_limit(arguments, refuse=True),
    )
    shown = [channel for channel in page if not (arguments.get("exclude_archived") and channel.is_archived)]
    viewer = api.user_id
    return {
        "channels": [channel.as_json(viewer, membership=not own, num_members=not own) for channel in shown],
        "response_metadata": {"next_cursor": following},
    }


def _readable(api: Api, arguments: Arguments) -> Channel:
    channel = api.visible(arguments["channel"])
    api.require(channel.kind.scope("history"))
    return channel


def _message_page(messages: list[Message], limit: int, arguments: Arguments) -> dict[str, Json]:
    metadata = bool(arguments.get("include_all_metadata"))
    page, rest = messages[:limit], messages[limit:]
    answer: dict[str, Json] = {
        "messages": [message.as_json(metadata=metadata) for message in page],
        "has_more": bool(rest),
    }
    if rest:
        cursor = encode_cursor("next_ts", rest[0].ts.replace(".", ""))
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _next_ts(cursor: str) -> str:
    digits = decode_cursor("next_ts", cursor)
    if not digits.isascii() or not digits.isdigit() or len(digits) <= 6:
        raise Refusal("invalid_cursor")
    return f"{digits[:-6]}.{digits[-6:]}"


def _bound(arguments: Arguments, name: str) -> str:
    """Return a time as a whole ts, empty when it is open.

    Raises:
        Refusal: ``invalid_ts_oldest`` or ``invalid_ts_latest``.
    """
    value = arguments.get(name)
    if not value or (name == "latest" and value == "now"):
        return ""
    found = _TIME.match(value)
    if found is None:
        raise Refusal(f"invalid_ts_{name}")
    return f"{found[1].zfill(10)}.{(found[2] or '').ljust(6, '0')}"


def _within(ts: str, oldest: str, latest: str, inclusive: bool) -> bool:
    if inclusive:
        return (not oldest or ts >= oldest) and (not latest or ts <= latest)
    return (not oldest or ts > oldest) and (not latest or ts < latest)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.history": Simulated(list_messages),
        "conversations.info": Simulated(describe_channel),
        "conversations.list": Simulated(list_channels),
        "conversations.members": Simulated(list_members),
        "conversations.replies": Simulated(list_replies),
        "users.conversations": Simulated(list_memberships),
    }
)
