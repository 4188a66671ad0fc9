"""Making, renaming and archiving channels, their topics; ``bots.info``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel, Kind

_NAME_LENGTH = 80
_TOPIC_LENGTH = 250
_ALLOWED = re.compile(r"[\w\-]+\Z")


def create_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.create``; the bot is the channel's first member."""
    private = bool(arguments.get("is_private"))
    api.require_managing(Kind.PRIVATE if private else Kind.PUBLIC)
    name = _checked_name(arguments["name"])
    if api.workspace.has_channel(name):
        raise Refusal("name_taken")
    channel = api.workspace.add_channel(name, private=private, members=[api.user_id])
    return {"channel": channel.as_json(api.user_id)}


def rename_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.rename``."""
    channel = _managed(api, arguments)
    if channel.is_archived:
        raise Refusal("is_archived")
    name = _checked_name(arguments["name"])
    api.workspace.rename(channel, name, by=api.user_id)
    return {"channel": channel.as_json(api.user_id)}


def archive_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.archive``."""
    channel = _managed(api, arguments)
    if channel.is_general:
        raise Refusal("cant_archive_general")
    api.workspace.archive(channel, by=api.user_id)
    return {}


def unarchive_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.unarchive``."""
    channel = _managed(api, arguments, member=False)
    api.workspace.unarchive(channel, by=api.user_id)
    return {}


def set_topic(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.setTopic``."""
    channel = _described(api, arguments, "topic")
    api.workspace.set_topic(channel, arguments["topic"], by=api.user_id)
    return {"channel": channel.as_json(api.user_id)}


def set_purpose(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.setPurpose``."""
    channel = _described(api, arguments, "purpose")
    api.workspace.set_purpose(channel, arguments["purpose"], by=api.user_id)
    return {"channel": channel.as_json(api.user_id)}


def describe_bot(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bots.info``."""
    wanted = arguments.get("bot")
    for user in api.workspace.users.values():
        if user.is_bot and user.bot_id == wanted:
            bot = {
                "id": user.bot_id,
                "deleted": user.deleted,
                "name": user.name,
                "updated": user.updated,
                "app_id": user.app_id,
                "user_id": user.id,
                "icons": {},
            }
            return {"bot": bot}
    raise Refusal("bot_not_found")


def _managed(api: Api, arguments: Arguments, *, member: bool = True) -> Channel:
    channel = api.visible(arguments["channel"])
    if channel.kind in (Kind.DIRECT, Kind.GROUP_DIRECT):
        raise Refusal("method_not_supported_for_channel_type")
    api.require_managing(channel.kind)
    if member and not api.is_member(channel):
        raise Refusal("not_in_channel")
    return channel


def _described(api: Api, arguments: Arguments, what: str) -> Channel:
    channel = api.visible(arguments["channel"])
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if len(arguments[what]) > _TOPIC_LENGTH:
        raise Refusal("too_long")
    return channel


def _checked_name(name: str) -> str:
    if len(name) > _NAME_LENGTH:
        raise Refusal("invalid_name_maxlength")
    if not _ALLOWED.match(name) or name != name.lower():
        raise Refusal("invalid_name_specials")
    if not name.strip("-_"):
        raise Refusal("invalid_name_punctuation")
    return name


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "bots.info": Simulated(describe_bot),
        "conversations.archive": Simulated(archive_channel),
        "conversations.create": Simulated(create_channel),
        "conversations.rename": Simulated(rename_channel),
        "conversations.setPurpose": Simulated(set_purpose),
        "conversations.setTopic": Simulated(set_topic),
        "conversations.unarchive": Simulated(unarchive_channel),
    }
)
