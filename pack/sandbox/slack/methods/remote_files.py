"""``files.remote.*``: files that lie elsewhere, registered by the app."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.paging import page_limit, take_page
from pack.sandbox.slack.methods.file_uploads import sender_fields
from pack.sandbox.slack.methods.files import find_file, select_files
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.file_objects import File
from pack.sandbox.slack.world.filetypes import type_of_name
from pack.sandbox.slack.world.objects import Channel

_LONGEST_TITLE = 255
_LONGEST_ID = 255
_NO_PREVIEWS = "preview images and search texts are not looked at"


def add_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.add``."""
    _check_url(arguments["external_url"], "invalid_arguments")
    if len(arguments["external_id"]) > _LONGEST_ID:
        raise Refusal("invalid_external_id")
    if len(arguments["title"]) > _LONGEST_TITLE:
        raise Refusal("bad_title")
    file = api.world.files.add_remote(
        api.user_id,
        arguments["external_id"],
        arguments["external_url"],
        arguments["title"],
        arguments.get("filetype") or "",
    )
    return {"file": api.world.files.describe(file)}


def describe_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.info``."""
    return {"file": api.world.files.describe(_find(api, arguments))}


def list_files(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.list``, the newest first."""
    files = [file for file in select_files(api, arguments) if file.is_remote]
    page, following = take_page(
        files,
        "file",
        lambda file: file.id,
        cursor=arguments.get("cursor", ""),
        limit=page_limit(arguments, refuse=False),
    )
    described = [api.world.files.describe(file) for file in page]
    return {"files": described, "response_metadata": {"next_cursor": following}}


def share_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.share``; one of the two names of the file is enough, and ``file`` goes first."""
    if arguments.get("file"):
        arguments = {**arguments, "external_id": ""}
    file = _find(api, arguments)
    named = [part.strip() for part in arguments["channels"].split(",") if part.strip()]
    if not named:
        raise Refusal("channel_not_found")
    channels = [_channel(api, one) for one in dict.fromkeys(named)]
    for channel in channels:
        api.world.files.share([file], channel, api.user_id, fields=sender_fields(api))
    return {"file": api.world.files.describe(file)}


def update_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.update``."""
    file = _find(api, arguments, neither="file_not_found", both="")
    title, filetype = arguments.get("title") or "", arguments.get("filetype") or ""
    if arguments.get("external_url"):
        _check_url(arguments["external_url"], "invalid_url")
    if len(title) > _LONGEST_TITLE:
        raise Refusal("invalid_title")
    if filetype and filetype != "binary" and type_of_name(f"_.{filetype}").filetype == "binary":
        raise Refusal("invalid_type")
    api.world.files.change_remote(
        file, title=title, external_url=arguments.get("external_url") or "", filetype=filetype
    )
    return {"file": api.world.files.describe(file)}


def remove_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.remote.remove``."""
    api.world.files.delete(_find(api, arguments))
    return {}


def _find(
    api: Api, arguments: Arguments, *, neither: str = "invalid_args", both: str = "too_many_ids"
) -> File:
    """Return the remote file by Slack's ID (``file``) or the app's own (``external_id``)."""
    file_id, external_id = arguments.get("file"), arguments.get("external_id")
    if not file_id and not external_id:
        raise Refusal(neither)
    if file_id and external_id and both:
        raise Refusal(both)
    file = find_file(api, arguments) if file_id else api.world.files.find_remote(str(external_id))
    if file is None or not file.is_remote:
        raise Refusal("file_not_found")
    return file


def _channel(api: Api, named: str) -> Channel:
    channel = api.visible(named)
    if not api.is_member(channel):
        raise Refusal("not_in_channel")
    return channel


def _check_url(url: str, code: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.netloc)
    except ValueError:
        good = False
    if not good:
        raise Refusal(code, messages=["[ERROR] must be a web address [json-pointer:/external_url]"])


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "files.remote.add": Simulated(add_file, ("bad_title", "invalid_external_id"), differs=_NO_PREVIEWS),
        "files.remote.info": Simulated(describe_file, ("file_not_found", "invalid_args", "too_many_ids")),
        "files.remote.list": Simulated(list_files, ("invalid_cursor",)),
        "files.remote.remove": Simulated(remove_file, ("file_not_found", "invalid_args", "too_many_ids")),
        "files.remote.share": Simulated(
            share_file, ("channel_not_found", "file_not_found", "invalid_args", "not_in_channel")
        ),
        "files.remote.update": Simulated(
            update_file,
            ("file_not_found", "invalid_title", "invalid_type", "invalid_url"),
            differs=_NO_PREVIEWS,
        ),
    }
)
