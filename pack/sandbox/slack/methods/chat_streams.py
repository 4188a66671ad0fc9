"""``chat.startStream``, ``chat.appendStream`` and ``chat.stopStream``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.kit.naming import block_id
from pack.sandbox.slack.methods.chat_authors import (
    READ_ONLY,
    author_fields,
    custom_author,
    find_destination,
    read_thread,
)
from pack.sandbox.slack.methods.chat_content import (
    MARKDOWN_TEXT,
    default_blocks,
    read_metadata,
    refuse_long_blocks,
)
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.streams import STREAMING_STATE, Stream, StreamingState
from pack.sandbox.slack.world.timeline import Message

_MOST_BLOCKS = 50
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "markdown_text": ("text",),
    "plan_update": ("title",),
    "task_update": ("id", "title"),
}
_TASK_STATES = ("pending", "in_progress", "complete", "error")


def start_stream(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.startStream``; in channels it has to be said who is to read along."""
    channel = find_destination(api, arguments["channel"], anywhere=False)
    if channel.kind is not Kind.DIRECT:
        _check_recipient(api, arguments)
    chunks = _read_chunks(api, arguments)
    thread_ts = read_thread(channel, arguments)
    custom = custom_author(api, arguments)
    first = Stream(Message("", channel.id, ""), 0, arguments.get("task_display_mode") == "plan")
    for chunk in chunks:
        first.add(chunk)
    blocks = _blocks_of(first)
    state = {STREAMING_STATE: StreamingState.IN_PROGRESS.value}
    message = api.workspace.post(
        channel,
        _text_of(first, blocks),
        user=None if custom else api.user_id,
        thread_ts=thread_ts,
        subtype="bot_message" if custom else None,
        fields={**author_fields(api), **custom, **({"blocks": blocks} if blocks else {}), **state},
    )
    stream = api.world.streams.start(channel, message, as_plan=first.as_plan)
    stream.parts = first.parts
    return {"channel": channel.id, "ts": message.ts}


def append_stream(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.appendStream``; others than the recipient see it when the stream is stopped."""
    channel, stream = _find_stream(api, arguments)
    chunks = _read_chunks(api, arguments)
    if not chunks:
        raise Refusal("no_text")
    _extend(stream, chunks, [])
    return {"channel": channel.id, "ts": stream.message.ts}


def stop_stream(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.stopStream``: the message is whole, and everybody is told."""
    channel, stream = _find_stream(api, arguments)
    chunks = _read_chunks(api, arguments)
    below = _read_blocks(api, arguments.get("blocks"))
    refuse_long_blocks(below)
    metadata = read_metadata(arguments.get("metadata"))
    message = stream.message
    text, blocks = _extend(stream, chunks, below)
    if metadata:
        message.metadata = metadata
    api.world.streams.stop(channel, message.ts)
    completed = {STREAMING_STATE: StreamingState.COMPLETED.value}
    api.workspace.amend(channel, message.ts, text, blocks=blocks or None, **completed)
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json(metadata=True)}


def _check_recipient(api: Api, arguments: Arguments) -> None:
    for name in ("recipient_team_id", "recipient_user_id"):
        if not arguments.get(name):
            raise Refusal(f"missing_{name}")
    if arguments["recipient_user_id"] not in api.workspace.users:
        raise Refusal("user_not_found")
    if arguments["recipient_team_id"] != api.app.team_id:
        raise Refusal("team_not_found")


def _find_stream(api: Api, arguments: Arguments) -> tuple[Channel, Stream]:
    channel = api.visible(arguments["channel"])
    message = channel.timeline.get(str(arguments["ts"]))
    if message is None:
        raise Refusal("message_not_found")
    if message.fields.get("bot_id") != api.app.bot_id:
        raise Refusal("message_not_owned_by_app")
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if not api.workspace.may_post(api.user_id, channel):
        raise Refusal(READ_ONLY)
    stream = api.world.streams.find(channel, message.ts)
    if stream is None:
        raise Refusal("message_not_in_streaming_state")
    return channel, stream


def _read_chunks(api: Api, arguments: Arguments) -> list[dict[str, Json]]:
    """Return the chunks of a call; ``markdown_text`` counts as the first."""
    markdown = str(arguments.get("markdown_text") or "")
    if len(markdown) > MARKDOWN_TEXT:
        raise Refusal("msg_too_long")
    given = arguments.get("chunks")
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else None
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_chunks") from error
    if given is not None and not isinstance(given, list):
        raise Refusal("invalid_chunks")
    first: list[dict[str, Json]] = [{"type": "markdown_text", "text": markdown}] if markdown else []
    return [*first, *(_read_chunk(api, chunk) for chunk in given or [])]


def _read_chunk(api: Api, chunk: Json) -> dict[str, Json]:
    if not isinstance(chunk, dict):
        raise Refusal("invalid_chunks")
    kind = str(chunk.get("type"))
    if kind == "blocks":
        return {"type": kind, "blocks": _read_blocks(api, chunk.get("blocks"))}
    if kind not in _TEXTS or not all(isinstance(chunk.get(name), str) for name in _TEXTS[kind]):
        raise Refusal("invalid_chunks")
    if kind == "task_update" and chunk.get("status", "pending") not in _TASK_STATES:
        raise Refusal("invalid_chunks")
    return dict(chunk)


def _read_blocks(api: Api, value: Json) -> list[dict[str, Json]]:
    try:
        return read_blocks(value, api.shows_file) or []
    except Refusal as refusal:
        if refusal.code != "invalid_blocks_format":
            raise
        raise Refusal("invalid_blocks") from refusal


def _extend(
    stream: Stream, chunks: list[dict[str, Json]], below: list[dict[str, Json]]
) -> tuple[str, list[dict[str, Json]]]:
    """Take chunks in; return text and blocks of the message, which holds both from now on."""
    grown = Stream(stream.message, stream.ends, stream.as_plan, [dict(part) for part in stream.parts])
    for chunk in chunks:
        grown.add(chunk)
    blocks = [*_blocks_of(grown), *below]
    if len(blocks) > _MOST_BLOCKS:
        raise Refusal("msg_blocks_too_many")
    stream.parts = grown.parts
    return _text_of(grown, blocks), blocks


def _text_of(stream: Stream, blocks: list[dict[str, Json]]) -> str:
    return stream.text or (to_text(blocks) if blocks else "")


def _blocks_of(stream: Stream) -> list[dict[str, Json]]:
    blocks = list(_parts_as_blocks(stream))
    if len(blocks) > _MOST_BLOCKS:
        raise Refusal("msg_blocks_too_many")
    return blocks


def _parts_as_blocks(stream: Stream) -> Iterator[dict[str, Json]]:
    tasks = [_task(part) for part in stream.parts if part["type"] == "task_update"]
    titles = [part["title"] for part in stream.parts if part["type"] == "plan_update"]
    plan_due = bool(titles) or (stream.as_plan and bool(tasks))
    together = plan_due
    for part in stream.parts:
        kind = part["type"]
        if kind == "markdown_text":
            yield from default_blocks(part["text"], markdown=True)
        elif kind == "blocks":
            yield from part["blocks"]
        elif not together:
            yield _task(part)
        elif plan_due:
            plan_due = False
            title = titles[0] if titles else tasks[-1]["title"]
            yield {"type": "plan", "block_id": block_id("plan"), "title": title, "tasks": tasks}


def _task(chunk: dict[str, Json]) -> dict[str, Json]:
    task: dict[str, Json] = {
        "type": "task_card",
        "block_id": block_id(f"task {chunk['id']}"),
        "task_id": chunk["id"],
        "title": chunk["title"],
        "status": chunk.get("status", "pending"),
    }
    for name in ("details", "output"):
        if chunk.get(name):
            task[name] = default_blocks(chunk[name])[0] if isinstance(chunk[name], str) else chunk[name]
    if chunk.get("sources"):
        task["sources"] = chunk["sources"]
    return task


_OF_OPEN_STREAMS = ("message_not_found", "message_not_in_streaming_state", "message_not_owned_by_app")

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.appendStream": Simulated(
            append_stream,
            (
                "channel_not_found",
                "invalid_blocks",
                "invalid_chunks",
                "is_archived",
                *_OF_OPEN_STREAMS,
                "msg_blocks_too_many",
                "msg_too_long",
                "no_text",
                "not_in_channel",
                "restricted_action_read_only_channel",
            ),
            differs="Nobody can stop a stream from within Slack.",
        ),
        "chat.startStream": Simulated(
            start_stream,
            (
                "cannot_reply_to_message",
                "channel_not_found",
                "invalid_blocks",
                "invalid_chunks",
                "invalid_thread_ts",
                "is_archived",
                "missing_recipient_team_id",
                "missing_recipient_user_id",
                "msg_blocks_too_many",
                "msg_too_long",
                "not_in_channel",
                "restricted_action_read_only_channel",
                "restricted_action_thread_locked",
                "team_not_found",
                "user_not_found",
            ),
            differs="Text becomes a markdown block as it is.",
        ),
        "chat.stopStream": Simulated(
            stop_stream,
            (
                "channel_not_found",
                "invalid_blocks",
                "invalid_chunks",
                "invalid_metadata_format",
                "invalid_metadata_schema",
                "is_archived",
                *_OF_OPEN_STREAMS,
                "metadata_too_large",
                "msg_blocks_too_long",
                "msg_blocks_too_many",
                "msg_too_long",
                "not_in_channel",
                "restricted_action_read_only_channel",
            ),
        ),
    }
)
