"""``chat.postMessage``, ``chat.update``, ``chat.delete``, ``chat.meMessage`` and ``chat.getPermalink``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.timeline import Message

TEXT_KEPT = 40_000
_UPDATE_TEXT = 4_000
_MARKDOWN_TEXT = 12_000
_MOST_ATTACHMENTS = 100
_METADATA_BYTES = 16_384
_TS = re.compile(r"\d{1,12}\.\d{1,6}\Z")
_EVENT_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def post_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.postMessage``."""
    channel = _destination(api, arguments["channel"])
    if channel.is_archived:
        raise Refusal("is_archived")
    if arguments.get("as_user"):
        raise Refusal("as_user_not_supported")
    content = _read_content(arguments)
    thread_ts = arguments.get("thread_ts") or None
    if thread_ts is not None and not _TS.match(thread_ts):
        raise Refusal("invalid_thread_ts")
    custom = _custom_author(api, arguments)
    broadcast = thread_ts is not None and bool(arguments.get("reply_broadcast"))
    fields = {**_bot_fields(api), **custom, **content.fields}
    message = api.workspace.post(
        channel,
        content.text,
        user=None if custom else api.app.bot_user_id,
        thread_ts=thread_ts,
        subtype="bot_message" if custom else ("thread_broadcast" if broadcast else None),
        fields=fields,
        metadata=content.metadata,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_json(metadata=True)}


def update_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.update``: only the bot's own messages, and no text over 4,000 characters."""
    channel, message = _own_message(api, arguments, "cant_update_message")
    if len(arguments.get("text") or "") > _UPDATE_TEXT:
        raise Refusal("msg_too_long")
    content = _read_content(arguments)
    if content.metadata is not None:
        message.metadata = content.metadata
    api.workspace.edit(channel, message.ts, content.text, **content.fields)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.as_json(metadata=True),
    }


def delete_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.delete``: only the bot's own messages."""
    channel, message = _own_message(api, arguments, "cant_delete_message")
    api.workspace.delete(channel, message.ts)
    return {"channel": channel.id, "ts": message.ts}


def me_message(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.meMessage``."""
    channel = api.visible(arguments["channel"])
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    message = api.workspace.post(
        channel, arguments["text"], user=api.app.bot_user_id, subtype="me_message", fields=_bot_fields(api)
    )
    return {"channel": channel.id, "ts": message.ts}


def find_permalink(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.getPermalink``."""
    channel = api.visible(arguments["channel"])
    message = channel.timeline.get(arguments["message_ts"])
    if message is None:
        raise Refusal("message_not_found")
    return {"channel": channel.id, "permalink": permalink(api, channel, message)}


def permalink(api: Api, channel: Channel, message: Message) -> str:
    """Return the address of a message; a reply's names its thread too."""
    link = f"{api.app.team_url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else link


class _Content:
    """What a message is to say, checked."""

    def __init__(self, text: str, fields: dict[str, Json], metadata: dict[str, Json] | None) -> None:
        self.text = text
        self.fields = fields
        self.metadata = metadata


def _destination(api: Api, reference: str) -> Channel:
    """Find where to post: an ID, a name (of what the bot can see), or a user's ID for a direct message."""
    workspace = api.workspace
    user = workspace.users.get(reference)
    if user is not None:
        if user.id == api.app.bot_user_id:
            raise Refusal("channel_not_found")
        return workspace.add_im(user)
    try:
        channel = api.visible(workspace.channel(reference).id)
    except Refusal as refusal:
        raise Refusal("channel_not_found") from refusal
    public = channel.kind is Kind.PUBLIC and "chat:write.public" in api.scopes
    if not api.is_member(channel) and not public:
        raise Refusal("not_in_channel")
    return channel


def _read_content(arguments: Arguments) -> _Content:
    text = arguments.get("text") or ""
    markdown = arguments.get("markdown_text") or ""
    if markdown and (text or arguments.get("blocks")):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > _MARKDOWN_TEXT:
        limit = f"[ERROR] must be less than {_MARKDOWN_TEXT + 1} characters [json-pointer:/markdown_text]"
        raise Refusal("invalid_arguments", messages=[limit])
    fields: dict[str, Json] = {}
    blocks = read_blocks(arguments.get("blocks"))
    if blocks:
        fields["blocks"] = [_with_id(block, index) for index, block in enumerate(blocks)]
    attachments = _read_attachments(arguments.get("attachments"))
    if attachments:
        fields["attachments"] = attachments
    if not (text or markdown).strip() and not fields:
        raise Refusal("no_text")
    return _Content((text or markdown)[:TEXT_KEPT], fields, _read_metadata(arguments.get("metadata")))


def _with_id(block: dict[str, Json], index: int) -> dict[str, Json]:
    return block if block.get("block_id") else {**block, "block_id": encode_number(index + 1)[:5]}


def _read_attachments(value: Json) -> list[dict[str, Json]]:
    """Read attachments; what is no list of objects is passed over in silence, as Slack does."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if not isinstance(value, list):
        return []
    attachments = [item for item in value if isinstance(item, dict)]
    if len(attachments) > _MOST_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    fallback = "[no preview available]"
    return [
        {"id": number, "fallback": item.get("text") or fallback, **item}
        for number, item in enumerate(attachments, start=1)
    ]


def _read_metadata(value: Json) -> dict[str, Json] | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_metadata_format") from error
    if not isinstance(value, dict):
        raise Refusal("invalid_metadata_format")
    kind, payload = value.get("event_type"), value.get("event_payload")
    if not isinstance(kind, str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not _EVENT_TYPE.match(kind):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(payload)) > _METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}


def _custom_author(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Return the fields of a name or icon of one's own; without its scope they are ignored."""
    if "chat:write.customize" not in api.scopes:
        return {}
    custom: dict[str, Json] = {}
    if arguments.get("username"):
        custom["username"] = arguments["username"]
    if arguments.get("icon_emoji"):
        custom["icons"] = {"emoji": arguments["icon_emoji"]}
    elif arguments.get("icon_url"):
        custom["icons"] = {"image_48": arguments["icon_url"]}
    if custom:
        custom.setdefault("username", api.app.name)
    return custom


def _bot_fields(api: Api) -> dict[str, Json]:
    return {
        "bot_id": api.app.bot_id,
        "app_id": api.app.app_id,
        "team": api.app.team_id,
        "bot_profile": api.app.bot_profile(),
    }


def _own_message(api: Api, arguments: Arguments, refusal: str) -> tuple[Channel, Message]:
    channel = api.visible(arguments["channel"])
    message = channel.timeline.get(arguments["ts"])
    if message is None:
        raise Refusal("message_not_found")
    if message.fields.get("bot_id") != api.app.bot_id:
        raise Refusal(refusal)
    return channel, message


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.delete": Simulated(delete_message),
        "chat.getPermalink": Simulated(find_permalink),
        "chat.meMessage": Simulated(me_message),
        "chat.postMessage": Simulated(post_message, ("is_archived",)),
        "chat.update": Simulated(update_message),
    }
)
