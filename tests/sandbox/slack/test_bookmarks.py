"""The bookmarks of channels."""

from __future__ import annotations

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.uploading import upload

LINK = {"type": "link", "title": "Runbook", "link": "https://example.com/runbook"}


@pytest.fixture
def general(slack: SimulatedSlack) -> str:
    slack.workspace.join("general", slack.bot_user_id)
    return slack.workspace.channel("general").id


async def test_a_bookmark_is_added_with_every_key(slack: SimulatedSlack, call: Caller, general: str) -> None:
    answer = await call.ok("bookmarks.add", channel_id=general, emoji=":book:", **LINK)
    bookmark = answer["bookmark"]
    assert bookmark.pop("id").startswith("Bk")
    assert isinstance(bookmark.pop("date_created"), int)
    assert bookmark == {
        "channel_id": general,
        "title": "Runbook",
        "link": "https://example.com/runbook",
        "emoji": ":book:",
        "icon_url": "https://example.com/favicon.ico",
        "type": "link",
        "entity_id": None,
        "date_updated": 0,
        "rank": "g",
        "last_updated_by_user_id": slack.bot_user_id,
        "last_updated_by_team_id": slack.team_id,
        "shortcut_id": None,
        "app_id": slack.app_id,
        "app_action_id": None,
    }


async def test_bookmarks_are_edited_listed_and_removed(call: Caller, general: str) -> None:
    ids = [(await call.ok("bookmarks.add", channel_id=general, **LINK))["bookmark"]["id"] for _ in range(25)]
    edited = await call.ok(
        "bookmarks.edit", channel_id=general, bookmark_id=ids[0], title="Other", emoji=":x:"
    )
    assert (edited["bookmark"]["title"], edited["bookmark"]["link"]) == ("Other", LINK["link"])
    assert edited["bookmark"]["date_updated"] >= edited["bookmark"]["date_created"]
    await call.ok("bookmarks.remove", channel_id=general, bookmark_id=ids[1])
    listed = (await call.ok("bookmarks.list", channel_id=general))["bookmarks"]
    assert [bookmark["id"] for bookmark in listed] == [ids[0], *ids[2:]]
    ranks = [bookmark["rank"] for bookmark in listed]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


async def test_a_file_is_bookmarked_by_its_id(call: Caller, general: str) -> None:
    file_id = await upload(call, channel_id=general)
    answer = await call.ok("bookmarks.add", channel_id=general, type="file", title="Notes", entity_id=file_id)
    assert (answer["bookmark"]["entity_id"], answer["bookmark"]["type"]) == (file_id, "file")
    assert file_id in answer["bookmark"]["link"]
