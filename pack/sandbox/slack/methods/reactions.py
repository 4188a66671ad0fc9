"""``reactions.add``, ``reactions.remove`` and ``reactions.get``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods.chat import permalink
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

_TS = re.compile(r"\d{1,12}\.\d{1,6}\Z")


def add_reaction(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.add``."""
    channel, message = _item(api, arguments)
    if channel.is_archived:
        raise Refusal("is_archived")
    api.workspace.react(channel, message.ts, arguments["name"], api.user_id)
    return {}


def remove_reaction(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.remove``."""
    channel, message = _item(api, arguments)
    api.workspace.unreact(channel, message.ts, arguments["name"], api.user_id)
    return {}


def list_reactions(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``reactions.get``."""
    channel, message = _item(api, arguments)
    described = {**message.as_json(), "permalink": permalink(api, channel, message)}
    return {"type": "message", "channel": channel.id, "message": described}


def _item(api: Api, arguments: Arguments) -> tuple[Channel, Message]:
    if arguments.get("file"):
        raise Refusal("file_not_found")
    if arguments.get("file_comment"):
        raise Refusal("file_comment_not_found")
    if not arguments.get("channel") or not arguments.get("timestamp"):
        raise Refusal("no_item_specified")
    channel = api.visible(arguments["channel"])
    if not _TS.match(arguments["timestamp"]):
        raise Refusal("bad_timestamp")
    message = channel.timeline.get(arguments["timestamp"])
    if message is None:
        raise Refusal("message_not_found")
    return channel, message


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "reactions.add": Simulated(add_reaction),
        "reactions.get": Simulated(list_reactions),
        "reactions.remove": Simulated(remove_reaction),
    }
)
