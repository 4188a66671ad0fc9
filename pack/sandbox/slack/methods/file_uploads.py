"""``files.getUploadURLExternal`` and ``files.completeUploadExternal``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.kit.blocks import read_blocks
from pack.sandbox.slack.kit.rich_text import from_text
from pack.sandbox.slack.methods.chat_authors import author_fields, custom_author, is_bot
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.files import SHARES_SECONDS
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.uploads import TICKET_SECONDS, Ticket

_MOST_CHANNELS = 100
_CHANNEL_ID = re.compile(r"^[CGDZ][A-Z0-9]{8,}$")


def announce_upload(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.getUploadURLExternal``."""
    files = api.world.files
    ticket = files.uploads.announce(
        files.new_id(),
        api.user_id,
        arguments["filename"],
        arguments["length"],
        host=api.host,
        alt_txt=arguments.get("alt_txt") or "",
        snippet_type=arguments.get("snippet_type") or "",
    )
    return {"upload_url": f"http://{api.host}/upload/v1/{ticket.secret}", "file_id": ticket.file_id}


def complete_upload(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.completeUploadExternal``: all files stand in one message per channel.

    Nothing is done unless everything can be. ``channel_id`` is a conversation's ID and nothing else, whereas
    ``channels`` also takes users' IDs.
    """
    wanted = _read_items(arguments["files"])
    tickets = [(_ticket(api, file_id), title) for file_id, title in wanted]
    channels = _channels(api, arguments)
    fields = _message_fields(api, arguments)
    files = api.world.files
    for ticket, _ in tickets:
        files.uploads.rules.check_type(ticket.kind)
    made = [files.complete(ticket, title) for ticket, title in tickets]
    if not channels:
        for file in made:
            files.keep_private(file)
    for channel in channels:
        files.share(
            made,
            channel,
            api.user_id,
            arguments.get("initial_comment") or "",
            thread_ts=arguments.get("thread_ts") or None,
            fields=fields,
        )
    return {"files": [files.describe(file) for file in made]}


def read_channels(api: Api, named: list[str], code: str) -> list[Channel]:
    """Return conversations by their IDs, or by users' IDs, each once, when the caller may share files there.

    Raises:
        Refusal: the given code for an unknown one, ``not_in_channel``, ``posting_to_channel_denied``.
    """
    return list({channel.id: channel for channel in (_channel(api, one, code) for one in named)}.values())


def sender_fields(api: Api) -> dict[str, Json]:
    """Return what a message with files says of its sender: the app, or nothing but the team for a person."""
    return author_fields(api) if is_bot(api) else {"team": api.app.team_id}


def _channel(api: Api, named: str, code: str) -> Channel:
    user = api.workspace.users.get(named)
    try:
        if user is not None and user.id != api.user_id:
            channel = api.workspace.add_im(user, api.user_id)
        else:
            channel = api.visible(named)
    except Refusal as refusal:
        raise Refusal(code) from refusal
    if channel.is_archived:
        raise Refusal("posting_to_channel_denied")
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    if not api.workspace.may_post(api.user_id, channel):
        raise Refusal("posting_to_channel_denied")
    return channel


def _read_items(items: list[Json]) -> list[tuple[str, str | None]]:
    wanted = [_read_item(index, item) for index, item in enumerate(items)]
    known = {file_id for file_id, _ in wanted}
    if not wanted or len(known) < len(wanted):
        message = "[ERROR] must name one file or several, each once [json-pointer:/files]"
        raise Refusal("invalid_arguments", messages=[message])
    return wanted


def _read_item(index: int, item: Json) -> tuple[str, str | None]:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        message = f"[ERROR] missing required field: id [json-pointer:/files/{index}]"
        raise Refusal("invalid_arguments", messages=[message])
    title = item.get("title")
    return item["id"], title if isinstance(title, str) else None


def _ticket(api: Api, file_id: str) -> Ticket:
    ticket = api.world.files.uploads.of_file(file_id)
    if ticket is None or not ticket.uploaded:
        raise Refusal("file_not_found")
    if ticket.user != api.user_id:
        raise Refusal("access_denied")
    return ticket


def _channels(api: Api, arguments: Arguments) -> list[Channel]:
    single = str(arguments.get("channel_id") or "")
    if single and not _CHANNEL_ID.fullmatch(single):
        fault = f"input must match regex pattern: {_CHANNEL_ID.pattern} [json-pointer:/channel_id]"
        raise Refusal("invalid_arguments", messages=[f"[ERROR] {fault}"])
    several = [part.strip() for part in (arguments.get("channels") or "").split(",") if part.strip()]
    if len(several) > _MOST_CHANNELS:
        raise Refusal("channels_limit_exceeded")
    found = read_channels(api, [single] if single else [], "channel_not_found")
    found += read_channels(api, several, "invalid_channel")
    return list({channel.id: channel for channel in found}.values())


def _message_fields(api: Api, arguments: Arguments) -> dict[str, Json]:
    fields = sender_fields(api) | custom_author(api, arguments)
    try:
        blocks = from_text(arguments.get("initial_comment") or "") or read_blocks(
            arguments.get("blocks"), api.shows_file
        )
    except Refusal as refusal:
        raise Refusal("invalid_blocks", messages=refusal.messages, **refusal.details) from refusal
    return fields | ({"blocks": blocks} if blocks else {})


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "files.completeUploadExternal": Simulated(
            complete_upload,
            (
                "access_denied",
                "channel_not_found",
                "channels_limit_exceeded",
                "file_not_found",
                "file_type_not_allowed",
                "file_uploads_except_images_disabled",
                "invalid_blocks",
                "invalid_channel",
                "not_in_channel",
                "posting_to_channel_denied",
            ),
            differs=(
                "the message is posted at once; the file tells of it and of its type "
                f"{SHARES_SECONDS:g} s later (Slack: a moment); no file at all, or one named twice, is "
                "invalid_arguments, which is not known of Slack"
            ),
        ),
        "files.getUploadURLExternal": Simulated(
            announce_upload,
            (
                "alt_txt_too_large",
                "file_type_not_allowed",
                "file_upload_size_restricted",
                "file_uploads_disabled",
                "file_uploads_except_images_disabled",
                "missing_argument",
                "snippet_too_large",
                "storage_limit_reached",
                "unknown_snippet_type",
            ),
            differs=f"the upload address holds for {TICKET_SECONDS / 60:g} min; Slack does not say how long",
        ),
    }
)
