"""``chat.update`` and ``chat.delete``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.kit.attachments import read_attachments
from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.methods.chat_authors import is_own
from pack.sandbox.slack.methods.chat_content import (
    default_blocks,
    is_plain,
    read_markdown,
    read_metadata,
    read_text,
    wording,
)
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.file_objects import File, Share
from pack.sandbox.slack.world.files import SHARES_SECONDS
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.streams import STREAMING_STATE, StreamingState
from pack.sandbox.slack.world.timeline import Message
from pack.sandbox.slack.world.wording import rewrite

UPDATE_TEXT = 4_000
_EMPTY = (None, "")


def update_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.update``: only messages of one's own, and no text over 4,000 characters.

    What is updated with blocks is not marked as edited (Slack's page).
    """
    channel, message = _own_message(api, arguments, "cant_update_message")
    if channel.is_archived:
        raise Refusal("is_inactive")
    if message.fields.get(STREAMING_STATE) == StreamingState.IN_PROGRESS.value:
        raise Refusal("streaming_state_conflict")
    broadcast = _read_broadcast(message, arguments)
    text, fields = _read_changes(api, message, arguments)
    files = _read_files(api, arguments)
    if text is None and not fields and not broadcast and files is None:
        raise Refusal("no_text")
    metadata = read_metadata(arguments.get("metadata"))
    if broadcast:
        message.subtype, message.root = "thread_broadcast", channel.timeline.get(message.thread_ts or "")
    if files is not None:
        fields["files"] = _share(api, channel, message, files) or None
    marked = arguments.get("blocks") in (*_EMPTY, "[]", [])
    who = api.user_id
    api.workspace.edit(channel, message.ts, text, by=who, metadata=metadata, marked=marked, **fields)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.as_json(metadata=True),
    }


def delete_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.delete``: only messages of one's own."""
    channel, message = _own_message(api, arguments, "cant_delete_message")
    api.workspace.delete(channel, message.ts)
    return {"channel": channel.id, "ts": message.ts}


def _own_message(api: Api, arguments: Arguments, refusal: str) -> tuple[Channel, Message]:
    channel = api.visible(arguments["channel"])
    message = channel.timeline.get(arguments["ts"])
    if message is None:
        raise Refusal("message_not_found")
    if not is_own(api, message):
        raise Refusal(refusal)
    return channel, message


def _read_changes(api: Api, message: Message, arguments: Arguments) -> tuple[str | None, dict[str, Json]]:
    """Return the new text (None: as it was) and the fields that change (None: taken away).

    Blocks that are not given stay when there is no text either, and blocks without a text bring their own;
    attachments that are not given stay always.
    """
    text, markdown = read_text(arguments), read_markdown(arguments)
    if len(text) > UPDATE_TEXT:
        raise Refusal("msg_too_long")
    fields: dict[str, Json] = {}
    written = markdown or (
        rewrite(text, wording(api.world, arguments, people=True)) if text.strip() else None
    )
    if arguments.get("blocks") not in _EMPTY or written is not None:
        blocks = read_blocks(arguments.get("blocks"), api.shows_file) or []
        _refuse_mismatch(message, blocks)
        if blocks and written is None:
            written = to_text(blocks)[:UPDATE_TEXT]
        shown = written if written is not None else message.text
        blocks = blocks or default_blocks(shown, markdown=bool(markdown), plain=is_plain(arguments))
        fields["blocks"] = blocks or None
    if arguments.get("attachments") not in _EMPTY:
        fields["attachments"] = read_attachments(arguments["attachments"], api.shows_file) or None
    after = {**message.fields, **fields}
    if not (written or message.text or after.get("blocks") or after.get("attachments")):
        raise Refusal("no_text")
    return written, fields


def _refuse_mismatch(message: Message, blocks: list[dict[str, Json]]) -> None:
    """Refuse to take what a person wrote by hand out of rich text."""
    typed = "client_msg_id" in message.fields
    if typed and blocks and not any(block["type"] == "rich_text" for block in blocks):
        raise Refusal("block_mismatch")


def _read_broadcast(message: Message, arguments: Arguments) -> bool:
    """Say whether an older reply is to be shown in the channel too."""
    if not arguments.get("reply_broadcast") or message.subtype == "thread_broadcast":
        return False
    if not message.is_reply or message.subtype not in (None, "bot_message"):
        raise Refusal("cant_broadcast_message")
    if any(arguments.get(name) for name in ("text", "markdown_text", "blocks", "attachments")):
        raise Refusal("no_dual_broadcast_content_update")
    return True


def _read_files(api: Api, arguments: Arguments) -> list[File] | None:
    """Return the files that the message is to have from now on; None: those that it has."""
    if arguments.get("file_ids") is None:
        return None
    found = [api.world.files.find(str(file_id)) for file_id in arguments["file_ids"]]
    files = [file for file in found if file is not None]
    if len(files) < len(found):
        raise Refusal("file_not_found")
    if any(file.deleted for file in files):
        raise Refusal("file_deleted")
    return files


def _share(api: Api, channel: Channel, message: Message, files: list[File]) -> list[dict[str, Json]]:
    """Share files in a message that is there already; returns what the message says of them."""
    for file in files:
        if not any((share.channel, share.ts) == (channel.id, message.ts) for share in file.shares):
            shown_at = api.world.clock.monotonic() + SHARES_SECONDS
            file.shares.append(Share(channel.id, message.ts, shown_at))
    return [file.as_message_part(api.app, is_public=api.world.files.places.is_public(file)) for file in files]


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.delete": Simulated(
            delete_message,
            ("cant_delete_message", "channel_not_found", "message_not_found"),
            differs="An admin's token deletes no messages of others.",
        ),
        "chat.update": Simulated(
            update_message,
            (
                "block_mismatch",
                "cant_broadcast_message",
                "cant_update_message",
                "channel_not_found",
                "file_deleted",
                "file_not_found",
                "invalid_attachments",
                "invalid_blocks",
                "invalid_blocks_format",
                "invalid_metadata_format",
                "invalid_metadata_schema",
                "is_inactive",
                "markdown_text_conflict",
                "message_not_found",
                "metadata_too_large",
                "msg_blocks_too_long",
                "msg_too_long",
                "no_dual_broadcast_content_update",
                "no_text",
                "streaming_state_conflict",
                "too_many_attachments",
            ),
            differs="There is no window after which messages cannot be edited; as_user changes nothing.",
        ),
    }
)
