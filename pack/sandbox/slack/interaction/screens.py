"""What persons saw: every ephemeral message, view, answer and error that came before one of them."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pack.clock import wait_for
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.directory import Occurrence
from pack.sandbox.slack.world.ephemerals import Ephemeral, Ephemerals
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

_MOST_KEPT = 5_000
QUIET_SECONDS = 0.3
"""How long nothing more has to come before a person for what came to be all, in Slack's seconds."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that came before a person."""

    number: int
    at: float
    """When, by Slack's monotonic clock."""
    user_id: str
    """Empty: everybody in the channel saw it."""
    channel_id: str
    """Empty: it is in no channel."""
    shown: dict[str, Json]
    """``kind`` (``ephemeral``, ``message``, ``view``, ``home``, ``errors``, ``error``) and what belongs to
    that kind."""


class Screens:
    """Remembers what was shown, and lets callers wait for the next."""

    def __init__(self, workspace: Workspace, ephemerals: Ephemerals, clock: SlackClock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._sights: deque[Sight] = deque(maxlen=_MOST_KEPT)
        self._numbers = itertools.count(1)
        self._latest = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[Sight], None]] = []
        workspace.listen(self._take_message)
        ephemerals.listen(self._take_ephemeral)

    def show(self, user_id: str, shown: dict[str, Json], *, channel_id: str = "") -> None:
        """Note that something came before a person."""
        self._latest = next(self._numbers)
        sight = Sight(self._latest, self._clock.monotonic(), user_id, channel_id, shown)
        self._sights.append(sight)
        self._changed.set()
        for listener in self._listeners:
            listener(sight)

    def listen(self, listener: Callable[[Sight], None]) -> None:
        """Have a function called with everything that comes before somebody from now on."""
        self._listeners.append(listener)

    def mark(self) -> int:
        """Return the present moment, for :meth:`since`."""
        return self._latest

    def since(self, mark: int, user_id: str, channel_id: str = "") -> list[dict[str, Json]]:
        """Return what a person saw after a moment.

        That is what was for that person alone, and what the bot said in that channel and in the person's
        direct messages.
        """
        return [sight.shown for sight in self._seen(mark, user_id, channel_id)]

    async def wait(self, mark: int, user_id: str, channel_id: str, seconds: float) -> None:
        """Wait until the person sees something, and then until nothing more comes for a short while.

        At most so many of Slack's seconds. That a view closes is not waited for: it is no answer.
        """
        end = self._clock.monotonic() + seconds
        while True:
            seen = self._seen(mark, user_id, channel_id)
            latest = max((sight.at for sight in seen if sight.shown.get("change") != "closed"), default=end)
            left = min(end, latest + QUIET_SECONDS) - self._clock.monotonic()
            if left <= 0:
                return
            self._changed.clear()
            await wait_for(self._changed, left, self._clock)

    def reset(self) -> None:
        """Forget what was shown."""
        self._sights.clear()

    def _seen(self, mark: int, user_id: str, channel_id: str) -> list[Sight]:
        later = itertools.takewhile(lambda sight: sight.number > mark, reversed(self._sights))
        return [sight for sight in later if self._concerns(sight, user_id, channel_id)][::-1]

    def _concerns(self, sight: Sight, user_id: str, channel_id: str) -> bool:
        if sight.user_id:
            return sight.user_id == user_id
        if sight.channel_id == channel_id:
            return True
        channel = self._workspace.channels.get(sight.channel_id)
        return channel is not None and channel.kind.direct and user_id in channel.members

    def _take_ephemeral(self, ephemeral: Ephemeral) -> None:
        message = ephemeral.message
        shown = {"kind": "ephemeral", "channel": message.channel, "ts": message.ts, "text": message.text}
        self.show(ephemeral.user_id, {**shown, "blocks": message.fields.get("blocks") or []})

    def _take_message(self, occurrence: Occurrence) -> None:
        event, channel = occurrence.event, occurrence.channel
        if event["type"] != "message" or channel is None:
            return
        change = event.get("subtype") if event.get("subtype") in _CHANGES else None
        message = event.get("message") or event.get("previous_message") or event
        if message.get("bot_id") != self._workspace.app.bot_id:
            return
        shown = {
            "kind": change or "message",
            "channel": channel.id,
            "ts": message["ts"],
            "text": message["text"],
            "blocks": message.get("blocks") or [],
        }
        self.show("", shown, channel_id=channel.id)


_CHANGES = ("message_changed", "message_deleted")
