"""Reading what was said: a channel's messages and a thread's replies, page by page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import decode_cursor, encode_cursor, page_limit
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

_TIME = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?\Z")
_BEGINNING = "0000000000.000000"
_LONGEST_HISTORY = 999
_REPLIES_AT_ONCE = 1_000
_FREE_PLAN_SECONDS = 90 * 24 * 3_600
"""How far back a workspace without a paid plan can look."""


def list_messages(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.history``: a page newest first, the newest page first.

    With ``oldest`` and without ``latest`` the page next to ``oldest`` comes first, and newer ones after it.
    """
    channel = _readable(api, arguments)
    if not _may_read(api, channel):
        raise Refusal("not_in_channel")
    oldest, latest = _bound(arguments, "oldest"), _bound(arguments, "latest")
    inclusive = bool(arguments.get("inclusive"))
    forward = oldest > _BEGINNING and not arguments.get("latest")
    start = _next_ts(arguments["cursor"]) if arguments.get("cursor") else ""
    if not start:
        found = channel.timeline.between(oldest, latest, inclusive=inclusive)
    elif forward:
        found = channel.timeline.between(start, "", inclusive=True)
    else:
        found = channel.timeline.between(oldest, start, inclusive=True)
        found = [message for message in found if inclusive or message.ts > oldest]
    shown = _within_plan(api, found)
    limit = min(page_limit(arguments, refuse=False), _LONGEST_HISTORY)
    answer = _message_page(shown[::-1] if forward else shown, limit, arguments)
    if forward:
        answer["messages"].reverse()
    answer |= {
        "pin_count": len(api.world.pins.of(channel)),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    answer |= {name: arguments[name] for name in ("oldest", "latest") if arguments.get(name)}
    if len(shown) < len(found):
        answer["is_limited"] = True
    return answer


def list_replies(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.replies``: the root, then its replies, oldest first; a reply finds itself."""
    channel = _readable(api, arguments)
    if not _may_read(api, channel):
        raise Refusal("channel_not_found")
    root = channel.timeline.get(arguments["ts"])
    if root is None or not _within_plan(api, [root]):
        raise Refusal("thread_not_found")
    oldest, latest = _bound(arguments, "oldest"), _bound(arguments, "latest")
    inclusive = bool(arguments.get("inclusive"))
    replies = [
        reply for reply in channel.timeline.thread(root.ts) if _within(reply.ts, oldest, latest, inclusive)
    ]
    start = _next_ts(arguments["cursor"]) if arguments.get("cursor") else ""
    replies = [reply for reply in replies if reply.ts >= start]
    thread = replies if start else [root, *replies]
    asked = arguments.get("limit")
    limit = _REPLIES_AT_ONCE if asked is None else page_limit(arguments, refuse=False)
    return _message_page(thread, limit, arguments)


def _readable(api: Api, arguments: Arguments) -> Channel:
    channel = api.visible(arguments["channel"])
    api.require(channel.kind.scope("history"))
    return channel


def _may_read(api: Api, channel: Channel) -> bool:
    """Say whether the caller may read there: people also read public channels that they are not in."""
    return api.is_member(channel) or (not channel.private and api.grant.kind is TokenKind.USER)


def _within_plan(api: Api, messages: list[Message]) -> list[Message]:
    if api.workspace.preferences.paid:
        return messages
    first = f"{api.workspace.seconds() - _FREE_PLAN_SECONDS}.000000"
    return [message for message in messages if message.ts >= first]


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
        "conversations.history": Simulated(
            list_messages,
            errors=(
                "channel_not_found",
                "invalid_cursor",
                "invalid_ts_latest",
                "invalid_ts_oldest",
                "not_in_channel",
            ),
            differs=(
                "with oldest alone the page next to oldest comes first and its cursor leads to newer ones; "
                "Slack's older pages and its example for one message have it so, of cursors it says nothing"
            ),
        ),
        "conversations.replies": Simulated(
            list_replies,
            errors=(
                "channel_not_found",
                "invalid_cursor",
                "invalid_ts_latest",
                "invalid_ts_oldest",
                "thread_not_found",
            ),
        ),
    }
)
