"""``chat.postMessage``, ``chat.postEphemeral`` and ``chat.meMessage``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.chat_authors import (
    author_fields,
    custom_author,
    find_destination,
    read_thread,
)
from pack.sandbox.slack.methods.chat_content import (
    TEXT_KEPT,
    default_blocks,
    read_content,
    read_text,
    refuse_long_blocks,
)
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.wording import Wording, rewrite


def post_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.postMessage``: as the bot, or as the person whose token it is."""
    if arguments.get("as_user"):
        raise Refusal("as_user_not_supported")
    channel = find_destination(api, arguments["channel"])
    content = read_content(api, arguments)
    if arguments.get("blocks"):
        refuse_long_blocks(content.fields.get("blocks", []))
    thread_ts = read_thread(channel, arguments)
    custom = custom_author(api, arguments)
    broadcast = thread_ts is not None and bool(arguments.get("reply_broadcast"))
    message = api.workspace.post(
        channel,
        content.text,
        user=None if custom else api.user_id,
        thread_ts=thread_ts,
        subtype="bot_message" if custom else ("thread_broadcast" if broadcast else None),
        fields={**author_fields(api), **custom, **content.fields},
        metadata=content.metadata,
    )
    return content.warn({"channel": channel.id, "ts": message.ts, "message": message.as_json(metadata=True)})


def post_ephemeral(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.postEphemeral``: one member sees the message, and no history has it."""
    channel = find_destination(api, arguments["channel"], anywhere=False, restricted="restricted_action")
    recipient = arguments.get("user") or ""
    if recipient not in channel.members:
        raise Refusal("user_not_in_channel")
    content = read_content(api, {**arguments, "metadata": None}, people=True)
    thread_ts = read_thread(channel, arguments, to_all=False)
    custom = custom_author(api, arguments)
    message = Message(
        ts=api.workspace.new_ts(),
        channel=channel.id,
        text=content.text,
        user=None if custom else api.user_id,
        subtype="bot_message" if custom else None,
        thread_ts=thread_ts,
        fields={"is_ephemeral": True, **author_fields(api), **custom, **content.fields},
    )
    api.world.ephemerals.show(message, recipient)
    return content.warn({"message_ts": message.ts})


def me_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.meMessage``."""
    channel = find_destination(api, arguments["channel"], anywhere=False, restricted="restricted_action")
    text = read_text(arguments)
    if not text.strip():
        raise Refusal("no_text")
    if len(text) > TEXT_KEPT:
        raise Refusal("msg_too_long")
    written = rewrite(text, Wording())
    blocks = default_blocks(written)
    message = api.workspace.post(
        channel,
        written,
        user=api.user_id,
        subtype="me_message",
        fields={**author_fields(api), "blocks": blocks},
    )
    return {"channel": channel.id, "ts": message.ts}


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.meMessage": Simulated(
            me_message,
            (
                "channel_not_found",
                "is_archived",
                "msg_too_long",
                "no_text",
                "not_in_channel",
                "restricted_action",
            ),
        ),
        "chat.postEphemeral": Simulated(
            post_ephemeral,
            (
                "cannot_reply_to_message",
                "channel_not_found",
                "invalid_attachments",
                "invalid_blocks",
                "invalid_blocks_format",
                "invalid_thread_ts",
                "is_archived",
                "markdown_text_conflict",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_text",
                "not_in_channel",
                "restricted_action",
                "too_many_attachments",
                "user_not_in_channel",
            ),
            differs="Work object metadata is passed over.",
        ),
        "chat.postMessage": Simulated(
            post_message,
            (
                "as_user_not_supported",
                "cannot_reply_to_message",
                "channel_not_found",
                "invalid_attachments",
                "invalid_blocks",
                "invalid_blocks_format",
                "invalid_metadata_format",
                "invalid_metadata_schema",
                "invalid_thread_ts",
                "is_archived",
                "markdown_text_conflict",
                "metadata_too_large",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_text",
                "not_in_channel",
                "restricted_action_read_only_channel",
                "restricted_action_thread_locked",
                "too_many_attachments",
            ),
            differs=(
                "Links are not unfurled by crawling them; markdown_text becomes a markdown block as it is; "
                "emoji stay as they were sent; the text that blocks alone bring lacks images and menus; "
                "a reply causes no message_replied event; "
                "the limit over all blocks (msg_blocks_too_long) is an estimate."
            ),
        ),
    }
)
