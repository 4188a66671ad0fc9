"""``chat.scheduleMessage``, ``chat.deleteScheduledMessage`` and ``chat.scheduledMessages.list``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.methods.chat_authors import (
    author_fields,
    find_destination,
    may_post_anywhere,
    read_thread,
)
from pack.sandbox.slack.methods.chat_content import Content, read_content
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.schedules import Scheduled

_DAYS_AHEAD = 120
_DAY_SECONDS = 86_400
_TOO_LATE_TO_DELETE_SECONDS = 60


def schedule_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.scheduleMessage``."""
    channel = find_destination(api, arguments["channel"])
    post_at = _read_time(api, arguments["post_at"])
    content = read_content(api, arguments)
    thread_ts = read_thread(channel, arguments, to_all=False)
    if api.world.schedules.is_crowded(channel.id, post_at):
        raise Refusal("restricted_too_many")
    scheduled = _schedule(api, channel, content, thread_ts, post_at, arguments)
    message: dict[str, Json] = {
        "type": "delayed_message",
        "text": scheduled.text,
        "user": api.user_id,
        **scheduled.fields,
    }
    if scheduled.metadata:
        message["metadata"] = scheduled.metadata
    return content.warn(
        {
            "channel": channel.id,
            "scheduled_message_id": scheduled.id,
            "post_at": post_at,
            "message": message,
        }
    )


def delete_scheduled(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.deleteScheduledMessage``; within a minute of its time a message stays."""
    channel = api.visible(arguments["channel"])
    scheduled = api.world.schedules.find(arguments["scheduled_message_id"])
    if scheduled is None or scheduled.channel != channel.id or scheduled.user_id != api.user_id:
        raise Refusal("invalid_scheduled_message_id")
    if api.world.schedules.seconds_left(scheduled) < _TOO_LATE_TO_DELETE_SECONDS:
        raise Refusal("invalid_scheduled_message_id")
    api.world.schedules.remove(scheduled.id)
    return {}


def list_scheduled(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.scheduledMessages.list``: what the caller has scheduled, the next first."""
    channel_id = arguments.get("channel") or None
    if channel_id is not None:
        try:
            api.visible(channel_id)
        except Refusal as refusal:
            raise Refusal("invalid_channel") from refusal
    oldest, latest = _read_bound(arguments, "oldest"), _read_bound(arguments, "latest")
    waiting = [
        one
        for one in api.world.schedules.all()
        if one.user_id == api.user_id
        and channel_id in (None, one.channel)
        and (oldest is None or one.post_at >= oldest)
        and (latest is None or one.post_at <= latest)
    ]
    limit = page_limit(arguments, refuse=False)
    cursor = arguments.get("cursor") or ""
    page, following = take_page(waiting, "scheduled", lambda one: one.id, cursor=cursor, limit=limit)
    return {
        "scheduled_messages": [_describe(one) for one in page],
        "response_metadata": {"next_cursor": following},
    }


def _schedule(
    api: Api, channel: Channel, content: Content, thread_ts: str | None, post_at: int, arguments: Arguments
) -> Scheduled:
    clock = api.world.clock
    scheduled = Scheduled(
        id=api.workspace.new_id("Q"),
        channel=channel.id,
        user_id=api.user_id,
        post_at=post_at,
        created=api.workspace.seconds(),
        due=clock.monotonic() + post_at - clock.now().timestamp(),
        text=content.text,
        author=api.user_id,
        subtype="thread_broadcast" if thread_ts and arguments.get("reply_broadcast") else None,
        thread_ts=thread_ts,
        fields={**author_fields(api), **content.fields},
        metadata=content.metadata,
        anywhere=may_post_anywhere(api),
    )
    api.world.schedules.add(scheduled)
    return scheduled


def _read_time(api: Api, post_at: int) -> int:
    now = api.world.clock.now().timestamp()
    if post_at <= 0:
        raise Refusal("invalid_time")
    if post_at <= now:
        raise Refusal("time_in_past")
    if post_at > now + _DAYS_AHEAD * _DAY_SECONDS:
        raise Refusal("time_too_far")
    return post_at


def _read_bound(arguments: Arguments, name: str) -> float | None:
    value = arguments.get(name)
    if value in (None, ""):
        return None
    try:
        return float(value)
    except ValueError as error:
        message = f"[ERROR] must be a timestamp [json-pointer:/{name}]"
        raise Refusal("invalid_arguments", messages=[message]) from error


def _describe(scheduled: Scheduled) -> dict[str, Json]:
    return {
        "id": scheduled.id,
        "channel_id": scheduled.channel,
        "post_at": scheduled.post_at,
        "date_created": scheduled.created,
        "text": scheduled.text,
    }


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.deleteScheduledMessage": Simulated(
            delete_scheduled, ("channel_not_found", "invalid_scheduled_message_id")
        ),
        "chat.scheduleMessage": Simulated(
            schedule_message,
            (
                "cannot_reply_to_message",
                "channel_not_found",
                "invalid_attachments",
                "invalid_blocks",
                "invalid_blocks_format",
                "invalid_metadata_format",
                "invalid_metadata_schema",
                "invalid_thread_ts",
                "invalid_time",
                "is_archived",
                "markdown_text_conflict",
                "metadata_too_large",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_text",
                "not_in_channel",
                "restricted_action_read_only_channel",
                "restricted_too_many",
                "time_in_past",
                "time_too_far",
                "too_many_attachments",
            ),
            differs="What cannot be posted when it is due is dropped without a notice to its author.",
        ),
        "chat.scheduledMessages.list": Simulated(list_scheduled, ("invalid_channel", "invalid_cursor")),
    }
)
