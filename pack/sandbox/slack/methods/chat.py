"""All methods of ``chat.*``; here ``chat.getPermalink``, the others in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.methods import (
    chat_changes,
    chat_posting,
    chat_schedules,
    chat_streams,
    chat_unfurling,
)
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.permalinks import permalink

_MODULES = (chat_changes, chat_posting, chat_schedules, chat_streams, chat_unfurling)


def find_permalink(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.getPermalink``."""
    channel = api.visible(arguments["channel"])
    message = channel.timeline.get(arguments["message_ts"])
    if message is None:
        raise Refusal("message_not_found")
    return {"channel": channel.id, "permalink": permalink(api.app, channel, message)}


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.getPermalink": Simulated(find_permalink, ("channel_not_found", "message_not_found")),
        **{name: declared for module in _MODULES for name, declared in module.METHODS.items()},
    }
)
