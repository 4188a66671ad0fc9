"""``bookmarks.add``, ``bookmarks.edit``, ``bookmarks.list`` and ``bookmarks.remove``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.sandbox.slack.calls.api import Api, Arguments, Json
from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.grants import TokenKind
from pack.sandbox.slack.world.objects import Channel

_TYPES = frozenset({"link", "file"})


def add_bookmark(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bookmarks.add``: a link, or a file with its ID as ``entity_id``."""
    channel = _writable(api, arguments)
    kind = arguments["type"]
    if kind not in _TYPES:
        raise Refusal("invalid_bookmark_type")
    if arguments.get("parent_id"):
        raise Refusal("invalid_parent_type")
    entity_id, link = "", arguments.get("link") or ""
    if kind == "file":
        entity_id = arguments.get("entity_id") or ""
        link = _link_of_file(api, entity_id)
    bookmark = api.world.bookmarks.add(
        channel,
        api.user_id,
        arguments["title"],
        link,
        emoji=arguments.get("emoji") or "",
        entity_id=entity_id,
        app_id=api.app.app_id if api.grant.kind is TokenKind.BOT else "",
    )
    return {"bookmark": bookmark.as_json()}


def edit_bookmark(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bookmarks.edit``: what is not given stays."""
    channel = _writable(api, arguments)
    bookmark = api.world.bookmarks.find(channel, arguments.get("bookmark_id") or "")
    if bookmark.type != "link" and arguments.get("link"):
        raise Refusal("invalid_bookmark_type")
    api.world.bookmarks.edit(
        bookmark,
        api.user_id,
        title=arguments.get("title"),
        link=arguments.get("link"),
        emoji=arguments.get("emoji"),
    )
    return {"bookmark": bookmark.as_json()}


def list_bookmarks(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bookmarks.list``."""
    channel = _readable(api, arguments)
    return {"bookmarks": [bookmark.as_json() for bookmark in api.world.bookmarks.of(channel)]}


def remove_bookmark(api: Api, arguments: Arguments) -> dict[str, Json]:
    """Answer ``bookmarks.remove``."""
    channel = _writable(api, arguments)
    bookmark = api.world.bookmarks.find(channel, arguments.get("bookmark_id") or "")
    api.world.bookmarks.remove(channel, bookmark)
    return {}


def _readable(api: Api, arguments: Arguments) -> Channel:
    channel = api.visible(arguments.get("channel_id") or "")
    if not api.is_member(channel):
        raise Refusal("access_denied")
    return channel


def _writable(api: Api, arguments: Arguments) -> Channel:
    if api.visible(arguments.get("channel_id") or "").is_archived:
        raise Refusal("permission_denied")
    return _readable(api, arguments)


def _link_of_file(api: Api, file_id: str) -> str:
    if not file_id:
        raise Refusal("invalid_entity_id")
    files = api.world.files
    file = files.find(file_id)
    if file is None or file.deleted or not files.places.is_visible(file, api.user_id):
        raise Refusal("file_not_found")
    return str(files.describe(file)["permalink"])


METHODS: Mapping[str, Simulated] = MappingProxyType(
    {
        "bookmarks.add": Simulated(
            add_bookmark,
            (
                "access_denied",
                "channel_not_found",
                "file_not_found",
                "invalid_bookmark_type",
                "invalid_emoji",
                "invalid_entity_id",
                "invalid_link",
                "invalid_parent_type",
                "permission_denied",
                "too_many_bookmarks",
            ),
            differs="the types link and file; no folders, so no parent; the channel is not told in a message",
        ),
        "bookmarks.edit": Simulated(
            edit_bookmark,
            (
                "access_denied",
                "channel_not_found",
                "invalid_bookmark_type",
                "invalid_emoji",
                "invalid_link",
                "not_found",
                "permission_denied",
            ),
        ),
        "bookmarks.list": Simulated(list_bookmarks, ("access_denied", "channel_not_found")),
        "bookmarks.remove": Simulated(
            remove_bookmark, ("access_denied", "channel_not_found", "not_found", "permission_denied")
        ),
    }
)
