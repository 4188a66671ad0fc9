"""What the pack said of late, as the channels' histories have it: one read for all who look.

Of a history only our own messages are kept, by what they carry (:mod:`pack.delivery.metadata`). Who copies a
message may copy that with it, so its author counts, too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pack.clock import Clock
from pack.contracts.ports import Json
from pack.delivery.calling import Reading, read_pages
from pack.delivery.metadata import read_name
from pack.errors import CommandFailed

logger = logging.getLogger(__name__)

MARGIN_SECONDS = 5.0
"""How much further back is read than should be needed: dates of Slack's servers differ a little."""
PAGE_SIZE = 999
KEEP_SECONDS = 900.0
"""How long a read is kept that nobody looks into."""


class Spot(NamedTuple):
    """A channel, by its ID, or one of its threads, by its first message's timestamp."""

    channel: str
    thread: str = ""


@dataclass(slots=True)
class _Read:
    began: float
    """By the monotonic clock."""
    oldest: float
    """How far back it reaches, by Slack's date."""
    used: float
    messages: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    """Ours, by their names."""


class Ourselves:
    """Who the pack is, as Slack says once it is asked (``auth.test``)."""

    def __init__(self, ask: Reading) -> None:
        self._ask = ask
        self._is: Mapping[str, Json] | None = None

    async def learn(self) -> None:
        """Ask Slack, unless that was done.

        Raises:
            PackError: Slack does not say.
        """
        self._is = self._is or await self._ask("auth.test", {})

    def said(self, message: Mapping[str, Json]) -> bool:
        """Tell whether a message is by the token's owner: under a name of its own it has no user."""
        own = self._is or {}
        if message.get("user"):
            return bool(message["user"] == own.get("user_id"))
        return bool(message.get("bot_id") == own.get("bot_id"))


class Histories:
    """The histories that were read, and their reading."""

    def __init__(self, ask: Reading, clock: Clock) -> None:
        self._ask = ask
        self._ourselves = Ourselves(ask)
        self._clock = clock
        self._reads: dict[Spot, _Read] = {}
        self._locks: dict[Spot, asyncio.Lock] = {}

    async def find(
        self, spot: Spot, name: str, *, since: float, settled_at: float
    ) -> Mapping[str, Json] | None:
        """Return the message that carries the name; None when none was said since then.

        ``since``: from when on it may have been said, by Slack's date. ``settled_at``: a read that began
        before this moment of the monotonic clock may have come too early to see it.

        Raises:
            PackError: the history cannot be read.
        """
        lock = self._locks.setdefault(spot, asyncio.Lock())
        async with lock:
            read = self._reads.get(spot)
            if read is None or not self._tells(read, name, since, settled_at):
                read = await self._read(spot, since)
                self._forget_old_reads()
                self._reads[spot] = read
            read.used = self._clock.monotonic()
            return read.messages.get(name)

    @staticmethod
    def _tells(read: _Read, name: str, since: float, settled_at: float) -> bool:
        return name in read.messages or (read.began >= settled_at and read.oldest <= since)

    def _forget_old_reads(self) -> None:
        limit = self._clock.monotonic() - KEEP_SECONDS
        self._reads = {spot: read for spot, read in self._reads.items() if read.used > limit}
        self._locks = {
            spot: lock for spot, lock in self._locks.items() if spot in self._reads or lock.locked()
        }

    async def _read(self, spot: Spot, since: float) -> _Read:
        await self._ourselves.learn()
        began = self._clock.monotonic()
        read = _Read(began, since, began)
        pages = 0
        async for page in read_pages(self._ask, _method(spot), _arguments(spot, since)):
            pages += 1
            messages = _messages(page)
            root = _other_root(spot, messages)
            if root:
                return await self._read(Spot(spot.channel, root), since)
            said = (one for one in messages if self._ourselves.said(one))
            read.messages.update({name: one for one in said if (name := read_name(one))})
        logger.debug(
            "read the history of %s", spot.channel, extra={"pages": pages, "ours": len(read.messages)}
        )
        return read


def _method(spot: Spot) -> str:
    return "conversations.replies" if spot.thread else "conversations.history"


def _arguments(spot: Spot, since: float) -> dict[str, Json]:
    arguments = {
        "channel": spot.channel,
        "oldest": f"{max(0.0, since - MARGIN_SECONDS):.6f}",
        "include_all_metadata": True,
        "limit": PAGE_SIZE,
    }
    return {**arguments, "ts": spot.thread} if spot.thread else arguments


def _messages(page: Mapping[str, Json]) -> list[dict[str, Json]]:
    messages = page.get("messages")
    if not isinstance(messages, list):
        raise CommandFailed("the history's answer has no messages", code="failed")
    return [one for one in messages if isinstance(one, dict)]


def _other_root(spot: Spot, messages: list[dict[str, Json]]) -> str:
    """Return the thread's first message when the one that was named is an answer in it; else nothing."""
    if not spot.thread or len(messages) != 1:
        return ""
    root = str(messages[0].get("thread_ts") or "")
    return root if messages[0].get("ts") == spot.thread and root != spot.thread else ""
