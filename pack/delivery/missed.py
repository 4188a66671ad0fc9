"""What was said in a channel since a moment, read from its history, its threads included.

Pages may come from either end, so what was read is put in order here
(https://docs.slack.dev/reference/methods/conversations.history).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from pack.contracts.ports import Json
from pack.errors import SlackRefused

PAGE_SIZE = 200
"""How many messages are asked for at once."""

MOST_PAGES = 100
"""How many pages of a channel are read."""

WIDE_PAGE_SIZE = 999
"""How many messages are asked for at once when it is looked which threads went on."""

MOST_WIDE_PAGES = 10
"""How many such pages of a channel are read."""

MOST_THREADS = 500
"""In how many threads of a channel is looked."""

MOST_REPLY_PAGES = 10
"""How many pages of a thread are read."""

MOST_TRIES = 3
"""How often pages are read from the first one when Slack does not know its own cursor any more."""

Ask = Callable[[str, Mapping[str, Json]], Awaitable[dict[str, Json]]]
"""Calls a reading method of Slack, once, when the pace permits."""

Message = Mapping[str, Json]

_TIMESTAMP = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_COMING = frozenset({"channel_join", "group_join"})
_GOING = frozenset({"channel_leave", "group_leave"})

PASSING_CODES = frozenset({"org_login_required", "team_added_to_org"})
"""The workspace is being moved to an organization; it ends by itself."""


class Reading:
    """Reads what was said in one channel later than ``since`` (Slack's date).

    Threads are looked into when their first message says that they went on since. It is looked for in the
    history from ``back_to`` on; ``threads``, the latest first, are those that may have gone on whose first
    message may be older.
    """

    def __init__(
        self, ask: Ask, channel: str, *, since: float, back_to: float, threads: Iterable[str]
    ) -> None:
        self._ask = ask
        self._channel = channel
        self._since = since
        self._back_to = back_to
        self._threads = tuple(threads)
        self._said: dict[str, Message] = {}
        self._went_on: dict[str, bool] = {}
        """Whether a thread went on, by its first message, as far as the channel shows it."""
        self._to_open: list[str] | None = None
        self._cut: dict[str, None] = {}

    @property
    def messages(self) -> Sequence[Message]:
        """What was read until now, each message once, oldest first."""
        return [self._said[ts] for ts in sorted(self._said, key=moment_of)]

    @property
    def cut(self) -> Sequence[str]:
        """What was left out, as words for the log: there was too much of it, or Slack refused it."""
        return tuple(self._cut)

    async def run(self) -> None:
        """Read all of it; after an error, another run goes on with what is missing.

        Raises:
            SlackRefused: the channel cannot be read.
            TransientError, CredentialsRefused: as the call itself.
        """
        if self._to_open is None:
            await self._read_channel()
            self._to_open = self._choose_threads()
        while self._to_open:
            await self._read_thread(self._to_open[0])
            del self._to_open[0]

    # --- the channel ---

    async def _read_channel(self) -> None:
        """Read the channel; most often one wide page has everything."""
        wide = {"channel": self._channel, "oldest": _moment(self._back_to), "limit": WIDE_PAGE_SIZE}
        has_more_before = self._back_to < self._since
        if has_more_before and await self._read_pages("conversations.history", wide, 1, self._note):
            return
        recent = {"channel": self._channel, "oldest": _moment(self._since), "limit": PAGE_SIZE}
        if not await self._read_pages("conversations.history", recent, MOST_PAGES, self._note):
            self._cut[f"messages beyond {MOST_PAGES * PAGE_SIZE}"] = None
        earlier = {**wide, "latest": _moment(self._since + 0.000001)}
        if has_more_before and not await self._read_pages(
            "conversations.history", earlier, MOST_WIDE_PAGES, self._note
        ):
            self._cut[f"threads that began more than {MOST_WIDE_PAGES * WIDE_PAGE_SIZE} messages ago"] = None

    def _note(self, message: Message) -> None:
        """Keep a message of the channel, if it is late enough, and what it says of a thread."""
        ts, thread, latest = message["ts"], message.get("thread_ts"), message.get("latest_reply")
        is_recent = moment_of(ts) > self._since
        if is_recent:
            self._said[ts] = message
        if not isinstance(thread, str):
            self._went_on.setdefault(ts, False)
        elif thread == ts and isinstance(latest, str):
            self._went_on[ts] = self._went_on.get(ts, False) or moment_of(latest) > self._since
        elif thread != ts and is_recent and moment_of(thread) > 0:
            self._went_on[thread] = True

    # --- its threads ---

    def _choose_threads(self) -> list[str]:
        """Return the threads to look into: those that went on, then those of which nothing is known."""
        went_on = sorted((root for root, did in self._went_on.items() if did), key=moment_of, reverse=True)
        roots = went_on + [root for root in self._threads if root not in self._went_on]
        if len(roots) > MOST_THREADS:
            self._cut[f"{len(roots) - MOST_THREADS} threads"] = None
        return roots[:MOST_THREADS]

    async def _read_thread(self, root: str) -> None:
        arguments = {
            "channel": self._channel,
            "ts": root,
            "oldest": _moment(self._since),
            "limit": PAGE_SIZE,
        }
        try:
            complete = await self._read_pages(
                "conversations.replies", arguments, MOST_REPLY_PAGES, self._note_reply
            )
        except SlackRefused as error:
            if error.code in PASSING_CODES:
                raise
            if error.code != "thread_not_found":
                self._cut[f"the thread {root} ({error})"] = None
            return
        if not complete:
            self._cut[f"replies beyond {MOST_REPLY_PAGES * PAGE_SIZE} in the thread {root}"] = None

    def _note_reply(self, message: Message) -> None:
        if moment_of(message["ts"]) > self._since:
            self._said.setdefault(message["ts"], message)

    # --- pages ---

    async def _read_pages(
        self, method: str, arguments: Mapping[str, Json], most: int, note: Callable[[Message], None]
    ) -> bool:
        """Note page after page; return whether that was all."""
        tries = 0
        while True:
            tries += 1
            try:
                return await self._read_from_first(method, arguments, most, note)
            except SlackRefused as error:
                if error.code != "invalid_cursor" or tries == MOST_TRIES:
                    raise

    async def _read_from_first(
        self, method: str, arguments: Mapping[str, Json], most: int, note: Callable[[Message], None]
    ) -> bool:
        cursor = ""
        for _ in range(most):
            answer = await self._ask(method, {**arguments, "cursor": cursor} if cursor else arguments)
            listed = answer.get("messages")
            for message in listed if isinstance(listed, list) else ():
                if _is_message(message):
                    note(message)
            metadata = answer.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return True
        return False


def _is_message(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("ts"), str) and moment_of(one["ts"]) > 0


def _moment(date: float) -> str:
    return f"{max(date, 0.0):.6f}"


def while_there(messages: Iterable[Message], user_id: str) -> Sequence[Message]:
    """Return what was said while this user was in the channel, as far as comings and goings are among it.

    ``messages``: in order.
    """
    before: list[Message] = []
    since_coming: list[Message] = []
    for message in messages:
        kind = message.get("subtype") if message.get("user") == user_id else None
        if kind in _COMING:
            since_coming = []
        elif kind in _GOING:
            before, since_coming = before + since_coming, []
        else:
            since_coming.append(message)
    return before + since_coming


def moment_of(timestamp: str) -> float:
    """Return when a message was said, by its timestamp; 0 when it is none."""
    return float(timestamp) if _TIMESTAMP.fullmatch(timestamp) else 0.0
