"""The channels of the workspace: found by ID, name or #name, from a list that is asked for rarely.

Names work in chat.postMessage only; everything else in Slack wants IDs. Listing is slow and limited (tier 2),
so the list is kept for hours, corrected by Slack's events, and asked for again at most once a minute when a
name is not in it (https://docs.slack.dev/reference/methods/conversations.list).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pack.clock import Clock
from pack.contracts.ports import Json, Slack
from pack.errors import PackError, SlackRefused
from pack.retry import Backoff, retry

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0
"""An unknown name makes the list be asked for again no sooner than this after the last time."""

GIVE_UP_SECONDS = 30.0
"""How long one listing may be retried while Slack is unavailable or limits it."""

PAGE_SIZE = 1000
PUBLIC_AND_PRIVATE = "public_channel,private_channel"
_ID = re.compile(r"[CGDUW][A-Z0-9]{7,}")
_LOOKS_LIKE_AN_ID = re.compile(r"[A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """What is known of a channel."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False


def normalize(reference: str) -> str:
    """Return a channel's name without the ``#``, in the small letters that Slack allows."""
    return reference.strip().removeprefix("#").lower()


def is_id(reference: str) -> bool:
    """Tell whether the text can be nothing but the ID of a channel, or of a user to write to."""
    return _ID.fullmatch(reference.strip()) is not None


def is_direct(reference: str) -> bool:
    """Tell whether an ID is that of a direct message, or of a user to write to: no channel is called that."""
    return is_id(reference) and reference.strip()[0] in "DUW"


def may_be_id(reference: str) -> bool:
    """Tell whether the text may be an ID: no ``#``, no small letters."""
    return _LOOKS_LIKE_AN_ID.fullmatch(reference.strip()) is not None


class ChannelDirectory:
    """Every channel that is known, by ID and by name."""

    def __init__(self, *, slack: Slack, clock: Clock, renew_seconds: float) -> None:
        self._slack = slack
        self._clock = clock
        self._renew_seconds = renew_seconds
        self._by_id: dict[str, KnownChannel] = {}
        self._by_name: dict[str, str] = {}
        self.joined: set[str] = set()
        """The IDs of the channels that the bot is in; :class:`pack.slack.membership.Membership` keeps it."""
        self._listed_at: float | None = None
        self._asked_at: float | None = None
        self._listing = asyncio.Lock()
        self._failure: PackError | None = None

    def known(self, reference: str) -> KnownChannel | None:
        """Look a channel up among those already known, by ID first and then by name; asks nobody."""
        text = reference.strip()
        if not text.startswith("#") and text in self._by_id:
            return self._by_id[text]
        return self._by_id.get(self._by_name.get(normalize(text), ""))

    async def find(self, reference: str) -> KnownChannel | None:
        """Look a channel up, asking Slack for the list when it is unknown or the list is too old.

        Raises:
            SlackRefused: Slack does not give the list (a scope is missing, for instance).
            TransientError: Slack did not answer for half a minute.
            CredentialsRefused: the token was refused.
        """
        found = self.known(reference)
        if found and not self._is_stale():
            return found
        async with self._listing:
            if (self.known(reference) is None or self._is_stale()) and self._may_ask():
                await self._refresh()
        found = self.known(reference)
        if found is None and self._failure:
            raise self._failure.with_traceback(None)
        return found

    def _is_stale(self) -> bool:
        return self._listed_at is not None and self._clock.monotonic() - self._listed_at > self._renew_seconds

    async def keep_fresh(self) -> None:
        """Renew the list whenever it has become too old, once it was asked for; runs until cancelled."""
        while True:
            await self._clock.sleep(self._seconds_until_stale())
            if self._is_stale():
                async with self._listing:
                    if self._is_stale():
                        await self._refresh()

    def _seconds_until_stale(self) -> float:
        if self._listed_at is None:
            return self._renew_seconds
        left = self._listed_at + self._renew_seconds - self._clock.monotonic()
        return max(REFRESH_SECONDS, left) + 1.0

    def _may_ask(self) -> bool:
        return self._asked_at is None or self._clock.monotonic() - self._asked_at >= REFRESH_SECONDS

    async def _refresh(self) -> None:
        try:
            found = list_conversations(self._slack, "conversations.list", self._clock)
            listed = [channel async for channel in found]
        except PackError as error:
            self._failure = error
            logger.warning("Slack does not give the list of channels: %s", error)
            return
        finally:
            self._asked_at = self._clock.monotonic()
        self._failure = None
        gone = set(self._by_id) - {channel.id for channel in listed} - self.joined
        for channel_id in gone:
            self.forget(channel_id)
        for channel in listed:
            self.learn(channel)
        self._listed_at = self._clock.monotonic()
        logger.debug("listed the workspace's channels", extra={"channels": len(listed)})

    def learn(self, channel: KnownChannel) -> None:
        """Note a channel, or what is new about it."""
        self.forget(channel.id)
        self._by_id[channel.id] = channel
        if channel.name:
            self._by_name[normalize(channel.name)] = channel.id

    def rename(self, channel_id: str, name: str) -> None:
        """Note that a channel is called differently now."""
        known = self._by_id.get(channel_id)
        self.learn(replace(known, name=name) if known else KnownChannel(channel_id, name))

    def forget(self, channel_id: str) -> None:
        """Note that a channel is gone."""
        known = self._by_id.pop(channel_id, None)
        if known and self._by_name.get(normalize(known.name)) == channel_id:
            del self._by_name[normalize(known.name)]


async def list_conversations(
    slack: Slack, method: str, clock: Clock, give_up_after_seconds: float | None = GIVE_UP_SECONDS
) -> AsyncIterator[KnownChannel]:
    """Page through ``conversations.list`` or ``users.conversations``, archived channels left out.

    Without the scope for private channels the public ones are listed. ``give_up_after_seconds`` is for each
    page; None: never.

    Raises:
        SlackRefused, TransientError, CredentialsRefused: as the call itself, after retrying for a while.
    """
    types, cursor = PUBLIC_AND_PRIVATE, ""
    while True:
        try:
            arguments = {
                "types": types,
                "exclude_archived": "true",
                "limit": PAGE_SIZE,
                "cursor": cursor or None,
            }
            answer = await retry(
                partial(slack.call, method, arguments),
                backoff=Backoff(first_seconds=1, cap_seconds=30),
                clock=clock,
                give_up_after_seconds=give_up_after_seconds,
            )
        except SlackRefused as error:
            if error.code != "missing_scope" or types != PUBLIC_AND_PRIVATE or cursor:
                raise
            types = "public_channel"
            continue
        listed = answer.get("channels")
        for raw in listed if isinstance(listed, list) else []:
            if isinstance(raw, dict) and raw.get("id"):
                yield read_channel(raw)
        metadata = answer.get("response_metadata")
        cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
        if not cursor:
            return


def read_channel(raw: Mapping[str, Json]) -> KnownChannel:
    """Read a conversation object (https://docs.slack.dev/reference/objects/conversation-object)."""
    topic = raw.get("topic")
    return KnownChannel(
        id=str(raw.get("id", "")),
        name=str(raw.get("name") or ""),
        topic=str(topic.get("value", "")) if isinstance(topic, dict) else "",
        is_private=bool(raw.get("is_private")),
    )
