"""``files.info``, ``files.list``, ``files.delete``, public addresses, and what is left of older methods."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.calls.numbered_pages import take_numbered_page
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.file_objects import File, highlight
from pack.sandbox.slack.world.filetypes import is_kind

_KINDS = frozenset(
    {"all", "spaces", "snippets", "images", "gdocs", "zips", "pdfs", "canvas", "lists", "videos"}
)


def find_file(api: Api, arguments: Arguments, *, deleted: str = "file_not_found") -> File:
    """Return the file that the argument ``file`` names, when the caller may see it.

    Raises:
        Refusal: ``file_not_found``, and for a file that was deleted the code ``deleted``.
    """
    file = api.world.files.find(arguments["file"])
    if file is None:
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal(deleted)
    if not api.world.files.places.is_visible(file, api.user_id):
        raise Refusal("file_not_found")
    return file


def describe_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.info``; a snippet's text comes with it."""
    file = find_file(api, arguments, deleted="file_deleted")
    answer: dict[str, Json] = {"file": api.world.files.describe(file)}
    path = api.world.files.store.path(file.id)
    if file.mode == "snippet" and path is not None:
        text = path.read_text(encoding="utf-8")
        answer |= {
            "content": text,
            "is_truncated": False,
            "content_highlight_html": highlight(text),
            "content_highlight_css": "",
            "content_highlight_html_truncated": False,
        }
    return answer | {"comments": [], "response_metadata": {"next_cursor": ""}}


def list_files(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.list``, the newest first; remote files have a list of their own."""
    user = arguments.get("user")
    if user and user not in api.workspace.users:
        raise Refusal("user_not_found")
    kinds = {kind.strip() for kind in (arguments.get("types") or "all").split(",")}
    if not kinds <= _KINDS:
        raise Refusal("unknown_type")
    found = [
        file
        for file in select_files(api, arguments)
        if not file.is_remote and (not user or file.user == user) and _is_among(file, kinds)
    ]
    page, paging = take_numbered_page(found, arguments)
    return {"files": [api.world.files.describe(file) for file in page], "paging": paging}


def select_files(api: Api, arguments: Arguments) -> list[File]:
    """Return what the caller may see, newest first, by ``channel``, ``ts_from`` and ``ts_to``."""
    files = api.world.files
    earliest = _time(arguments.get("ts_from"), -math.inf)
    latest = _time(arguments.get("ts_to"), math.inf)
    channel = arguments.get("channel")
    return [
        file
        for file in reversed(files.all())
        if earliest <= file.created <= latest
        and files.places.is_visible(file, api.user_id)
        and (not channel or channel in files.places.channels_of(file))
    ]


def delete_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.delete``: everybody can delete its own, and admins and owners all that they see."""
    file = find_file(api, arguments, deleted="file_deleted")
    caller = api.workspace.users.get(api.user_id)
    if file.user != api.user_id and not (caller is not None and caller.may_administer):
        raise Refusal("cant_delete_file")
    api.world.files.delete(file)
    return {}


def publish_file(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.sharedPublicURL``."""
    file = find_file(api, arguments)
    api.world.files.publish(file)
    return {"file": api.world.files.describe(file)}


def revoke_address(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.revokePublicURL``."""
    file = find_file(api, arguments)
    api.world.files.revoke(file)
    return {"file": api.world.files.describe(file)}


def delete_comment(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.comments.delete``: files have had no comments since 2018, so none can be deleted."""
    find_file(api, arguments, deleted="file_deleted")
    raise Refusal("cant_delete")


def upload_as_before(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``files.upload``, which is no more."""
    raise Refusal("method_deprecated")


def _is_among(file: File, kinds: set[str]) -> bool:
    if "all" in kinds:
        return True
    return ("snippets" in kinds and file.mode == "snippet") or any(
        is_kind(file.kind.filetype, kind) for kind in kinds
    )


def _time(given: Json, otherwise: float) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return otherwise
    return seconds if math.isfinite(seconds) else otherwise


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "files.comments.delete": Simulated(
            delete_comment,
            ("cant_delete", "file_deleted", "file_not_found"),
            differs="there are no comments of before 2018, so every one is refused",
        ),
        "files.delete": Simulated(
            delete_file,
            ("cant_delete_file", "file_deleted", "file_not_found"),
            differs="a message whose only file is deleted stays, with the file as a tombstone",
        ),
        "files.info": Simulated(
            describe_file,
            ("file_deleted", "file_not_found"),
            differs="no thumbnails; highlighted text without colours",
        ),
        "files.list": Simulated(
            list_files,
            ("unknown_type", "user_not_found"),
            differs="no file is hidden by a limit; canvases, lists and posts do not exist",
        ),
        "files.revokePublicURL": Simulated(revoke_address, ("file_not_found",)),
        "files.sharedPublicURL": Simulated(
            publish_file,
            ("file_not_found", "not_allowed", "public_file_type_not_allowed", "public_video_not_allowed"),
            differs="the public address is one of the simulator's own, and gives the file itself",
        ),
        "files.upload": Simulated(
            upload_as_before, ("method_deprecated",), differs="always refused, as it is for new apps"
        ),
    }
)
