"""Making, renaming and archiving channels, their topics and their canvas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import Channel, Kind, User

_NAME_LENGTH = 80
_TOPIC_LENGTH = 250
_ALLOWED = re.compile(r"[\w\-]+\Z")
NAME_CODES = (
    "invalid_name_maxlength",
    "invalid_name_punctuation",
    "invalid_name_required",
    "invalid_name_specials",
)
"""The codes of :func:`checked_name`."""


def create_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.create``; the caller is the channel's first member."""
    private = bool(arguments.get("is_private"))
    api.require_managing(Kind.PRIVATE if private else Kind.PUBLIC)
    name = checked_name(arguments["name"])
    refuse_unless_allowed(api, private=private)
    if api.workspace.has_channel(name):
        raise Refusal("name_taken")
    channel = api.workspace.create(name, api.user_id, private=private)
    return {"channel": {**channel.as_json(api.user_id, unread=True), "priority": 0}}


def rename_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.rename``; open to who made the channel, and to admins."""
    channel = _managed(api, arguments)
    if channel.is_archived:
        raise Refusal("is_archived")
    if channel.creator != api.user_id and not caller(api).may_administer:
        raise Refusal("not_authorized")
    name = checked_name(arguments["name"])
    api.workspace.rename(channel, name, by=api.user_id)
    return {"channel": channel.as_json(api.user_id)}


def archive_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.archive``."""
    channel = _managed(api, arguments, member=False)
    if channel.is_archived:
        raise Refusal("already_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if channel.is_general:
        raise Refusal("cant_archive_general")
    who = caller(api)
    if who.is_guest or not (api.workspace.preferences.archive_channels or who.may_administer):
        raise Refusal("restricted_action")
    api.workspace.archive(channel, by=api.user_id)
    return {}


def unarchive_channel(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.unarchive``: people only, a bug that Slack's page warns of."""
    channel = _managed(api, arguments, member=False)
    if channel.is_archived and api.grant.kind is not TokenKind.USER:
        raise Refusal("not_in_channel")
    api.workspace.unarchive(channel, by=api.user_id)
    return {}


def set_topic(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.setTopic``."""
    channel = _described(api, arguments, "topic")
    api.workspace.set_topic(channel, arguments["topic"], by=api.user_id)
    return {"channel": channel.as_json(api.user_id, unread=True)}


def set_purpose(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.setPurpose``."""
    channel = _described(api, arguments, "purpose")
    api.workspace.set_purpose(channel, arguments["purpose"], by=api.user_id)
    return {"channel": channel.as_json(api.user_id, unread=True)}


def create_canvas(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``conversations.canvases.create``: a channel has one canvas."""
    preferences = api.workspace.preferences
    content = arguments.get("document_content")
    if content is not None and not _is_markdown(content):
        message = "[ERROR] must be a markdown document [json-pointer:/document_content]"
        raise Refusal("invalid_arguments", messages=[message])
    if not preferences.canvases:
        raise Refusal("canvas_disabled_user_team")
    if caller(api).is_guest:
        raise Refusal("restricted_action")
    channel = api.workspace.channels.get(arguments["channel_id"])
    if channel is None or not api.is_member(channel) or channel.is_archived:
        raise Refusal("channel_canvas_creation_failed")
    if channel.canvas:
        taken = "channel_canvas_already_exists" if preferences.paid else "free_team_canvas_tab_already_exists"
        raise Refusal(taken)
    channel.canvas = api.workspace.new_id("F")
    return {"canvas_id": channel.canvas}


def checked_name(name: str) -> str:
    """Return a channel's name as it was given, if it can be one.

    Raises:
        Refusal: one of :data:`NAME_CODES`.
    """
    if not name.strip():
        raise Refusal("invalid_name_required")
    if len(name) > _NAME_LENGTH:
        raise Refusal("invalid_name_maxlength")
    if not _ALLOWED.match(name) or name != name.lower():
        raise Refusal("invalid_name_specials")
    if not name.strip("-_"):
        raise Refusal("invalid_name_punctuation")
    return name


def refuse_unless_allowed(api: Api, *, private: bool) -> None:
    """Refuse unless the workspace lets the caller make channels of this kind.

    Raises:
        Refusal: ``restricted_action``.
    """
    preferences = api.workspace.preferences
    allowed = preferences.create_private_channels if private else preferences.create_public_channels
    who = caller(api)
    if who.is_guest or not (allowed or who.may_administer):
        raise Refusal("restricted_action")


def caller(api: Api) -> User:
    """Return the user that acts."""
    return api.workspace.user(api.user_id)


def _is_markdown(content: Json) -> bool:
    """Say whether it is a document of markdown, as it is in a JSON body or as a JSON text."""
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return False
    return (
        isinstance(content, dict)
        and content.get("type") == "markdown"
        and isinstance(content.get("markdown"), str)
    )


def _managed(api: Api, arguments: Arguments, *, member: bool = True) -> Channel:
    channel = api.visible(arguments["channel"])
    if channel.kind.direct:
        raise Refusal("method_not_supported_for_channel_type")
    api.require_managing(channel.kind)
    if member and not api.is_member(channel):
        raise Refusal("not_in_channel")
    return channel


def _described(api: Api, arguments: Arguments, what: str) -> Channel:
    channel = api.visible(arguments["channel"])
    api.require_managing(channel.kind, "topic")
    if channel.is_archived:
        raise Refusal("is_archived")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if caller(api).is_guest:
        raise Refusal("user_is_restricted")
    if len(arguments[what]) > _TOPIC_LENGTH:
        raise Refusal("too_long")
    return channel


_DESCRIBING = ("channel_not_found", "is_archived", "not_in_channel", "too_long", "user_is_restricted")

METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "conversations.archive": Simulated(
            archive_channel,
            errors=(
                "already_archived",
                "cant_archive_general",
                "channel_not_found",
                "method_not_supported_for_channel_type",
                "not_in_channel",
                "restricted_action",
            ),
        ),
        "conversations.canvases.create": Simulated(
            create_canvas,
            errors=(
                "canvas_disabled_user_team",
                "channel_canvas_already_exists",
                "channel_canvas_creation_failed",
                "free_team_canvas_tab_already_exists",
                "restricted_action",
            ),
            differs="The channel has a canvas from then on, whose content nobody can read or change.",
        ),
        "conversations.create": Simulated(
            create_channel, errors=(*NAME_CODES, "name_taken", "restricted_action")
        ),
        "conversations.rename": Simulated(
            rename_channel,
            errors=(
                "channel_not_found",
                *NAME_CODES,
                "is_archived",
                "method_not_supported_for_channel_type",
                "name_taken",
                "not_authorized",
                "not_in_channel",
            ),
        ),
        "conversations.setPurpose": Simulated(set_purpose, errors=_DESCRIBING),
        "conversations.setTopic": Simulated(set_topic, errors=_DESCRIBING),
        "conversations.unarchive": Simulated(
            unarchive_channel,
            errors=(
                "channel_not_found",
                "method_not_supported_for_channel_type",
                "not_archived",
                "not_in_channel",
            ),
        ),
    }
)
