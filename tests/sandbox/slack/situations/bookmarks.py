from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

LINK = {"type": "link", "title": "Runbook", "link": "https://example.com/runbook"}
ALL = ("bookmarks.add", "bookmarks.edit", "bookmarks.list", "bookmarks.remove")


async def _bookmark(stage: Stage) -> dict[str, str]:
    """Return channel and ID of a bookmark."""
    added = await stage.call.ok("bookmarks.add", channel_id=stage.general, **LINK)
    return {"channel_id": stage.general, "bookmark_id": added["bookmark"]["id"]}


def _cause_common(method: str) -> None:
    needed = LINK if method == "bookmarks.add" else {}

    @situations(method, "access_denied")
    async def _outside(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, channel_id=stage.slack.workspace.channel("random").id, **needed)

    @situations(method, "channel_not_found")
    async def _no_channel(stage: Stage) -> dict[str, Any]:
        return await stage.call(method, **needed)


for _method in ALL:
    _cause_common(_method)


def _cause_archived(method: str) -> None:
    @situations(method, "permission_denied")
    async def _archived(stage: Stage) -> dict[str, Any]:
        stage.slack.workspace.join("random", stage.slack.bot_user_id)
        stage.slack.workspace.archive("random")
        channel = stage.slack.workspace.channel("random").id
        return await stage.call(method, channel_id=channel, **(LINK if method == "bookmarks.add" else {}))


for _method in ("bookmarks.add", "bookmarks.edit", "bookmarks.remove"):
    _cause_archived(_method)


async def _add(stage: Stage, **changed: str) -> dict[str, Any]:
    return await stage.call("bookmarks.add", channel_id=stage.general, **{**LINK, **changed})


@situations("bookmarks.add", "invalid_bookmark_type")
async def _a_type_that_is_none(stage: Stage) -> dict[str, Any]:
    return await _add(stage, type="folder")


@situations("bookmarks.add", "invalid_emoji")
async def _an_emoji_without_colons(stage: Stage) -> dict[str, Any]:
    return await _add(stage, emoji="tada")


@situations("bookmarks.add", "invalid_link")
async def _a_link_that_is_none(stage: Stage) -> dict[str, Any]:
    return await _add(stage, link="http://[")


@situations("bookmarks.add", "invalid_parent_type")
async def _a_parent(stage: Stage) -> dict[str, Any]:
    return await _add(stage, parent_id="Bk0123")


@situations("bookmarks.add", "invalid_entity_id")
async def _a_file_without_its_id(stage: Stage) -> dict[str, Any]:
    return await _add(stage, type="file")


@situations("bookmarks.add", "file_not_found")
async def _a_file_that_is_not_there(stage: Stage) -> dict[str, Any]:
    return await _add(stage, type="file", entity_id="F0123")


@situations("bookmarks.add", "too_many_bookmarks")
async def _a_hundred_and_first_bookmark(stage: Stage) -> dict[str, Any]:
    channel = stage.slack.workspace.channel(stage.general)
    for number in range(100):
        stage.slack.world.bookmarks.add(channel, stage.slack.bot_user_id, f"{number}", "https://example.com")
    return await _add(stage)


@situations("bookmarks.edit", "not_found")
async def _editing_what_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("bookmarks.edit", channel_id=stage.general, bookmark_id="Bk0123")


@situations("bookmarks.remove", "not_found")
async def _removing_what_is_not_there(stage: Stage) -> dict[str, Any]:
    return await stage.call("bookmarks.remove", channel_id=stage.general)


@situations("bookmarks.edit", "invalid_emoji")
async def _editing_to_an_emoji_without_colons(stage: Stage) -> dict[str, Any]:
    return await stage.call("bookmarks.edit", **await _bookmark(stage), emoji="tada")


@situations("bookmarks.edit", "invalid_link")
async def _editing_to_no_link(stage: Stage) -> dict[str, Any]:
    return await stage.call("bookmarks.edit", **await _bookmark(stage), link="example.com")


@situations("bookmarks.edit", "invalid_bookmark_type")
async def _editing_the_link_of_a_file(stage: Stage) -> dict[str, Any]:
    file = stage.slack.world.files.put(stage.slack.bot_user_id, "a.txt", b"a", host="localhost")
    added = await _add(stage, type="file", entity_id=file.id)
    found = {"channel_id": stage.general, "bookmark_id": added["bookmark"]["id"]}
    return await stage.call("bookmarks.edit", **found, link="https://example.com")
