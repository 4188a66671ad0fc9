"""What was said in a channel since a moment, read from its history, its threads included.

Pages may come from either end, so what was read is put in order here
(https://docs.slack.dev/reference/methods/conversations.history).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pack.contracts.ports import Json
from pack.errors import SlackRefused

PAGE_SIZE = 200
"""How many messages are asked for at once."""

MOST_PAGES = 100
"""How many pages of a channel are read."""

MOST_THREADS = 50
"""In how many threads of a channel is looked."""

MOST_REPLY_PAGES = 10
"""How many pages of a thread are read."""

Ask = Callable[[str, Mapping[str, Json]], Awaitable[dict[str, Json]]]
"""Calls a reading method of Slack, once, when the pace permits."""

Message = Mapping[str, Json]

_TIMESTAMP = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_COMING = frozenset({"channel_join", "group_join"})


@dataclass(slots=True)
class Found:
    """What was read of one channel."""

    messages: list[Message] = field(default_factory=list)
    """Everything since the moment, each once, oldest first."""
    cut: list[str] = field(default_factory=list)
    """What was left out because there was too much of it, as words for the log; empty: nothing."""


async def read_missed(ask: Ask, channel: str, since: float, threads: Collection[str]) -> Found:
    """Read what was said in a channel later than ``since`` (Slack's date).

    ``threads``: those that may have gone on, by their first message, the latest first. Further ones are found
    in the channel itself: threads that began or went on there, or whose replies were sent to the channel.

    Raises:
        SlackRefused: the channel cannot be read.
        TransientError, CredentialsRefused: as the call itself.
    """
    found = Found()
    said = await _read_channel(ask, channel, since, found)
    roots = list(dict.fromkeys([*_roots(said.values(), since), *threads]))
    if len(roots) > MOST_THREADS:
        found.cut.append(f"{len(roots) - MOST_THREADS} threads")
    for root in roots[:MOST_THREADS]:
        for reply in await _read_thread(ask, channel, root, since, found):
            said.setdefault(reply["ts"], reply)
    found.messages = [said[ts] for ts in sorted(said, key=moment_of)]
    return found


async def _read_channel(ask: Ask, channel: str, since: float, found: Found) -> dict[str, Message]:
    arguments = {"channel": channel, "oldest": f"{since:.6f}", "limit": PAGE_SIZE}
    messages, complete = await _read_pages(ask, "conversations.history", arguments, MOST_PAGES)
    if not complete:
        found.cut.append(f"messages beyond {MOST_PAGES * PAGE_SIZE}")
    return {message["ts"]: message for message in messages if moment_of(message["ts"]) > since}


async def _read_thread(ask: Ask, channel: str, root: str, since: float, found: Found) -> list[Message]:
    arguments = {"channel": channel, "ts": root, "oldest": f"{since:.6f}", "limit": PAGE_SIZE}
    try:
        messages, complete = await _read_pages(ask, "conversations.replies", arguments, MOST_REPLY_PAGES)
    except SlackRefused as error:
        if error.code == "thread_not_found":
            return []
        raise
    if not complete:
        found.cut.append(f"replies beyond {MOST_REPLY_PAGES * PAGE_SIZE} in the thread {root}")
    return [message for message in messages if moment_of(message["ts"]) > since]


async def _read_pages(
    ask: Ask, method: str, arguments: Mapping[str, Json], most: int
) -> tuple[list[Message], bool]:
    """Read page after page; return what was read and whether that was all."""
    messages: list[Message] = []
    cursor = ""
    for _ in range(most):
        answer = await ask(method, {**arguments, "cursor": cursor} if cursor else arguments)
        listed = answer.get("messages")
        messages.extend(one for one in (listed if isinstance(listed, list) else []) if _is_message(one))
        metadata = answer.get("response_metadata")
        cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
        if not cursor:
            return messages, True
    return messages, False


def _is_message(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("ts"), str) and moment_of(one["ts"]) > 0


def _roots(messages: Collection[Message], since: float) -> list[str]:
    """Return the threads in which something was said since then, as far as the channel shows it."""
    found = []
    for message in messages:
        thread, latest = message.get("thread_ts"), message.get("latest_reply")
        if not isinstance(thread, str):
            continue
        went_on = isinstance(latest, str) and moment_of(latest) > since
        if went_on or thread != message["ts"]:
            found.append(thread)
    return sorted((root for root in found if moment_of(root) > 0), key=moment_of, reverse=True)


def since_joining(messages: Sequence[Message], user_id: str) -> Sequence[Message]:
    """Return what was said after this user came into the channel; all of it when that is not among it.

    ``messages``: in order.
    """
    for place, message in enumerate(messages):
        if message.get("subtype") in _COMING and message.get("user") == user_id:
            return messages[place + 1 :]
    return messages


def moment_of(timestamp: str) -> float:
    """Return when a message was said, by its timestamp; 0 when it is none."""
    return float(timestamp) if _TIMESTAMP.fullmatch(timestamp) else 0.0
