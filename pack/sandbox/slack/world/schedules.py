"""Messages that are to be posted later."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from pack.clock import wait_for
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import Channel, Kind
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

WINDOW_SECONDS = 300
MOST_IN_WINDOW = 30


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One message that waits; what it says is already as it will be posted."""

    id: str
    channel: str
    user_id: str
    """Who scheduled it."""
    post_at: int
    """Seconds since 1970."""
    created: int
    due: float
    """When it is to be posted, by the monotonic clock."""
    text: str
    author: str | None
    """Whose user ID the message carries; None: only a bot's."""
    subtype: str | None
    thread_ts: str | None
    fields: dict[str, Json]
    metadata: dict[str, Json] | None
    """A message that carries metadata is never posted: a known fault of Slack's."""
    anywhere: bool = False
    """Whether it is posted into a public channel that its author is not a member of."""


class Schedules:
    """The messages that wait; :meth:`run` posts each when it is due."""

    def __init__(self, workspace: Workspace, clock: SlackClock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._waiting: dict[str, Scheduled] = {}
        self._changed = asyncio.Event()

    def add(self, scheduled: Scheduled) -> None:
        """Let a message wait."""
        self._waiting[scheduled.id] = scheduled
        self._changed.set()

    def find(self, id: str) -> Scheduled | None:
        """Return the message that waits under this ID."""
        self.post_due()
        return self._waiting.get(id)

    def remove(self, id: str) -> None:
        """Forget a message that waits."""
        self._waiting.pop(id, None)
        self._changed.set()

    def all(self) -> list[Scheduled]:
        """Return what waits, the next to be posted first."""
        self.post_due()
        return sorted(self._waiting.values(), key=lambda one: (one.post_at, one.created, one.id))

    def clear(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()
        self._changed.set()

    def is_crowded(self, channel_id: str, post_at: int) -> bool:
        """Say whether one more message at that time would be the 31st within five minutes in its channel."""
        near = range(post_at - WINDOW_SECONDS + 1, post_at + WINDOW_SECONDS)
        times = [one.post_at for one in self.all() if one.channel == channel_id and one.post_at in near]
        times = sorted([*times, post_at])
        return any(
            last - first < WINDOW_SECONDS for first, last in zip(times, times[MOST_IN_WINDOW:], strict=False)
        )

    def seconds_left(self, scheduled: Scheduled) -> float:
        """Return how long a message still waits, in Slack's seconds."""
        return scheduled.due - self._clock.monotonic()

    def post_due(self) -> None:
        """Post everything whose time has come; what cannot be posted any more is dropped in silence."""
        now = self._clock.monotonic()
        due = [one for one in self._waiting.values() if one.due <= now]
        for one in sorted(due, key=lambda one: one.due):
            if self._waiting.pop(one.id, None) is not None:
                self._post(one)

    async def run(self) -> None:
        """Post each message when it is due, until this is cancelled."""
        self._changed = asyncio.Event()
        while True:
            self._changed.clear()
            self.post_due()
            left = min((self.seconds_left(one) for one in self._waiting.values()), default=None)
            if left is None:
                await self._changed.wait()
            else:
                await wait_for(self._changed, left, self._clock)

    def _post(self, scheduled: Scheduled) -> None:
        channel = self._workspace.channels.get(scheduled.channel)
        if channel is None or scheduled.metadata or not self._may_post(scheduled, channel):
            return
        self._workspace.post(
            channel,
            scheduled.text,
            user=scheduled.author,
            thread_ts=scheduled.thread_ts,
            subtype=scheduled.subtype,
            fields=scheduled.fields,
        )

    def _may_post(self, scheduled: Scheduled, channel: Channel) -> bool:
        if channel.is_archived or not self._workspace.may_post(scheduled.user_id, channel):
            return False
        open_to_all = scheduled.anywhere and channel.kind is Kind.PUBLIC
        return open_to_all or scheduled.user_id in channel.members
