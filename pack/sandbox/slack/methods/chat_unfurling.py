"""``chat.unfurl``: the app's previews below the links in a message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.methods.chat_authors import author_fields
from pack.sandbox.slack.methods.chat_content import default_blocks
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.notices import urls_of
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.timeline import Message

_ASKING = ("user_auth_message", "user_auth_url", "user_auth_blocks")
_FALLBACK = "[no preview available]"


def unfurl(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``chat.unfurl``: a second preview of an address takes the place of the first."""
    channel, message = _find_message(api, arguments)
    asking = arguments.get("user_auth_required") or any(arguments.get(name) for name in _ASKING)
    unfurls = _read_unfurls(arguments.get("unfurls"), needed=not asking)
    if not api.world.notices.unfurl_domains:
        raise Refusal("cannot_find_service")
    previews = [_preview(api, message, url, unfurl) for url, unfurl in unfurls.items()]
    if asking:
        _ask_to_authenticate(api, channel, message, arguments)
    if previews:
        _attach(api, channel, message, previews)
    return {}


def _find_message(api: Api, arguments: Arguments) -> tuple[Channel, Message]:
    channel_id, ts = _find_place(api, arguments)
    try:
        channel = api.visible(channel_id)
    except Refusal as refusal:
        raise Refusal("cannot_find_channel") from refusal
    message = channel.timeline.get(ts)
    if message is None:
        raise Refusal("cannot_find_message")
    return channel, message


def _find_place(api: Api, arguments: Arguments) -> tuple[str, str]:
    unfurl_id, source = arguments.get("unfurl_id"), arguments.get("source")
    if unfurl_id or source:
        if not source:
            raise Refusal("missing_source")
        if not unfurl_id:
            raise Refusal("missing_unfurl_id")
        place = api.world.notices.place_of(unfurl_id)
        if place is None:
            raise Refusal("invalid_unfurl_id")
        return place
    for name in ("channel", "ts"):
        if not arguments.get(name):
            raise Refusal(f"missing_{name}")
    return arguments["channel"], arguments["ts"]


def _read_unfurls(value: Json, *, needed: bool) -> dict[str, Json]:
    if value is None or value == "":
        if needed:
            raise Refusal("missing_unfurls")
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise Refusal("invalid_unfurls_format") from error
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise Refusal("invalid_unfurls_format")
    return value


def _preview(api: Api, message: Message, url: str, unfurl: Json) -> dict[str, Json]:
    if not isinstance(unfurl, dict):
        raise Refusal("cannot_parse_attachment")
    if url.replace("&amp;", "&") not in urls_of(message):
        raise Refusal("cannot_unfurl_message")
    if api.world.notices.domain_of(url) is None:
        raise Refusal("cannot_unfurl_url")
    preview = {
        "from_url": url,
        "fallback": unfurl.get("fallback") or unfurl.get("text") or _FALLBACK,
        **unfurl,
    }
    if unfurl.get("blocks"):
        try:
            preview["blocks"] = read_blocks(unfurl["blocks"], api.shows_file)
        except Refusal as refusal:
            raise Refusal("cannot_parse_attachment", messages=refusal.messages) from refusal
    return preview | {
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": api.app.app_id,
        "bot_id": api.app.bot_id,
    }


def _attach(api: Api, channel: Channel, message: Message, previews: list[dict[str, Json]]) -> None:
    urls = {preview["app_unfurl_url"] for preview in previews}
    kept = [one for one in message.fields.get("attachments", []) if one.get("app_unfurl_url") not in urls]
    attachments = [{**one, "id": number} for number, one in enumerate([*kept, *previews], start=1)]
    api.workspace.amend(channel, message.ts, attachments=attachments)


def _ask_to_authenticate(api: Api, channel: Channel, message: Message, arguments: Arguments) -> None:
    """Show the author of the message an invitation that nobody else sees."""
    author = api.workspace.users.get(message.user or "")
    if author is None or author.is_bot:
        raise Refusal("cannot_auth_user")
    text = (
        arguments.get("user_auth_message")
        or f"{api.app.name} asks you to sign in: its links can be previewed."
    )
    if arguments.get("user_auth_url"):
        text = f"{text} <{arguments['user_auth_url']}>"
    try:
        blocks = read_blocks(arguments.get("user_auth_blocks"), api.shows_file)
    except Refusal as refusal:
        raise Refusal("cannot_parse_attachment", messages=refusal.messages) from refusal
    invitation = Message(
        ts=api.workspace.new_ts(),
        channel=channel.id,
        text=text,
        user=api.app.bot_user_id,
        thread_ts=message.thread_ts,
        fields={"is_ephemeral": True, **author_fields(api), "blocks": blocks or default_blocks(text)},
    )
    api.world.ephemerals.show(invitation, author.id)


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "chat.unfurl": Simulated(
            unfurl,
            (
                "cannot_auth_user",
                "cannot_find_channel",
                "cannot_find_message",
                "cannot_find_service",
                "cannot_parse_attachment",
                "cannot_unfurl_message",
                "cannot_unfurl_url",
                "invalid_source",
                "invalid_unfurl_id",
                "invalid_unfurls_format",
                "missing_channel",
                "missing_source",
                "missing_ts",
                "missing_unfurl_id",
                "missing_unfurls",
            ),
            differs=(
                "Links in a message that is still being written (source composer) cause no events; "
                "work object metadata is passed over."
            ),
        ),
    }
)
