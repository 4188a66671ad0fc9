"""The bookmarks of channels: links, and files that are kept at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.objects import Channel
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

MOST_BOOKMARKS = 100
"""How many bookmarks a channel can have (Slack's help pages)."""
_RANK_LETTERS = 20
_LINK = re.compile(r"https?://[^\s/]+\S*\Z", re.IGNORECASE)
_EMOJI = re.compile(r":[\w+'\-]{1,100}(::skin-tone-[2-6])?:\Z")


@dataclass(slots=True)
class Bookmark:
    """One bookmark."""

    id: str
    channel: str
    type: str
    """``link`` or ``file``."""
    title: str
    link: str
    emoji: str
    entity_id: str
    created: int
    rank: int
    updated_by: str
    team_id: str
    app_id: str
    updated: int = 0
    """In seconds since 1970; 0: it was never changed."""

    def as_json(self) -> dict[str, Json]:
        """Return the bookmark object."""
        host = urlsplit(self.link).netloc
        return {
            "id": self.id,
            "channel_id": self.channel,
            "title": self.title,
            "link": self.link,
            "emoji": self.emoji,
            "icon_url": f"https://{host}/favicon.ico" if host else None,
            "type": self.type,
            "entity_id": self.entity_id or None,
            "date_created": self.created,
            "date_updated": self.updated,
            "rank": _rank(self.rank),
            "last_updated_by_user_id": self.updated_by,
            "last_updated_by_team_id": self.team_id,
            "shortcut_id": None,
            "app_id": self.app_id or None,
            "app_action_id": None,
        }


class Bookmarks:
    """Bookmarks by channel, in their order."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bookmarks: dict[str, dict[str, Bookmark]] = {}
        self._ranks: dict[str, int] = {}

    def reset(self) -> None:
        """Forget every bookmark."""
        self._bookmarks.clear()
        self._ranks.clear()

    def of(self, channel: Channel) -> list[Bookmark]:
        """Return a channel's bookmarks."""
        return list(self._bookmarks.get(channel.id, {}).values())

    def find(self, channel: Channel, bookmark_id: str) -> Bookmark:
        """Return a channel's bookmark.

        Raises:
            Refusal: ``not_found``.
        """
        found = self._bookmarks.get(channel.id, {}).get(bookmark_id)
        if found is None:
            raise Refusal("not_found")
        return found

    def add(
        self,
        channel: Channel,
        user: str,
        title: str,
        link: str,
        *,
        emoji: str = "",
        entity_id: str = "",
        app_id: str = "",
    ) -> Bookmark:
        """Add a bookmark of a link, or with ``entity_id`` of a file.

        Raises:
            Refusal: ``invalid_link``, ``invalid_emoji``, ``too_many_bookmarks``.
        """
        _check(link if not entity_id else None, emoji)
        kept = self._bookmarks.setdefault(channel.id, {})
        if len(kept) >= MOST_BOOKMARKS:
            raise Refusal("too_many_bookmarks")
        self._ranks[channel.id] = rank = self._ranks.get(channel.id, 0) + 1
        bookmark = Bookmark(
            id=self._workspace.new_id("Bk"),
            channel=channel.id,
            type="file" if entity_id else "link",
            title=title,
            link=link,
            emoji=emoji,
            entity_id=entity_id,
            created=self._workspace.seconds(),
            rank=rank,
            updated_by=user,
            team_id=channel.team_id,
            app_id=app_id,
        )
        kept[bookmark.id] = bookmark
        return bookmark

    def edit(
        self, bookmark: Bookmark, user: str, *, title: str | None, link: str | None, emoji: str | None
    ) -> None:
        """Change a bookmark; what is None stays.

        Raises:
            Refusal: ``invalid_link``, ``invalid_emoji``.
        """
        _check(link, emoji)
        bookmark.title = title or bookmark.title
        bookmark.link = bookmark.link if link is None else link
        bookmark.emoji = bookmark.emoji if emoji is None else emoji
        bookmark.updated, bookmark.updated_by = self._workspace.seconds(), user

    def remove(self, channel: Channel, bookmark: Bookmark) -> None:
        """Take a bookmark out of its channel."""
        del self._bookmarks[channel.id][bookmark.id]


def _check(link: str | None, emoji: str | None) -> None:
    if link is not None and not _is_link(link):
        raise Refusal("invalid_link")
    if emoji and not _EMOJI.match(emoji):
        raise Refusal("invalid_emoji")


def _is_link(link: str) -> bool:
    try:
        return bool(_LINK.match(link) and urlsplit(link).netloc)
    except ValueError:
        return False


def _rank(number: int) -> str:
    """Return a text that sorts as the number does: ``g`` for 1, ``z`` for 20, ``zg`` for 21."""
    rounds, letter = divmod(number - 1, _RANK_LETTERS)
    return "z" * rounds + chr(ord("g") + letter)
