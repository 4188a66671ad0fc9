"""Pace: when which call may be made, so that Slack permits nearly all of them and little time is wasted.

After Slack asked to wait, nobody calls before the time is over. On posting, a 429 does not tell whether the
channel or the workspace is meant: it holds the channel, and when a second channel is refused meanwhile, the
method. Everywhere else it holds the method (https://docs.slack.dev/apis/web-api/rate-limits).

What is permitted is learned (:mod:`pack.delivery.tempo`): on posting, the seconds between two messages of
one channel (Slack's rule for all of them, so one channel tries a faster pace for all) and those between two
messages of the workspace; elsewhere those between two calls of the method.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from enum import IntEnum
from typing import Any

from pack.clock import Clock, wait_for
from pack.delivery.lines import Line, MethodLine
from pack.delivery.posting import PostingLine
from pack.delivery.tiers import POSTING, calls_a_minute


class Priority(IntEnum):
    """Who goes first when several wait for one method; first come, first served within one."""

    TRIGGER = 0
    """Bound to something that a person did, and to be done within seconds."""
    CHECK = 1
    """Looking whether something happened."""
    ORDINARY = 2
    BACKFILL = 3
    """Reading what was missed."""


LONGEST_REST = 1.0
"""A channel's pace may become faster meanwhile, so it is looked again after so many seconds."""
LOOK_AGAIN = 5.0


class Pace:
    """Lets calls pass when they may be made, and learns from how they end.

    Each call that was let pass ends in one of :meth:`succeeded`, :meth:`limited` and :meth:`unanswered`.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, Line] = {}
        self._order = itertools.count()
        self._queues: dict[str, list[_Waiting]] = {}

    async def admit(self, method: str, channel: str, priority: Priority = Priority.ORDINARY) -> None:
        """Wait until a call may be made now, and count it. Who is cancelled while waiting takes nothing.

        ``channel`` may be empty: none.
        """
        line = self._line(method)
        waiting = _Waiting(priority, next(self._order))
        while True:
            now = self._clock.monotonic()
            if (seconds := line.channel_seconds(channel, now)) > 0:
                await self._clock.sleep(min(seconds, max(line.held_seconds(channel, now), LONGEST_REST)))
            elif await self._pass(line, method, channel, waiting):
                return

    async def _pass(self, line: Line, method: str, channel: str, waiting: _Waiting) -> bool:
        """Wait for what the channels share; return False when the channel has to wait again."""
        queue = self._queues.setdefault(method, [])
        heapq.heappush(queue, waiting)
        try:
            while True:
                waiting.called.clear()
                now = self._clock.monotonic()
                if queue[0] is not waiting:
                    await waiting.called.wait()
                elif line.channel_seconds(channel, now) > 0:
                    return False
                elif (seconds := line.seconds(now)) > 0:
                    await self._clock.sleep(seconds)
                elif not line.has_room(now):
                    await wait_for(waiting.called, LOOK_AGAIN, self._clock)
                else:
                    line.take(channel, now)
                    return True
        finally:
            _leave(queue, waiting)
            if not queue:
                self._queues.pop(method, None)

    def succeeded(self, method: str, channel: str) -> None:
        """Learn that Slack answered a call with anything but a 429."""
        self._line(method).succeeded(channel, self._clock.monotonic())
        self._call_first(method)

    def limited(self, method: str, channel: str, seconds: float) -> None:
        """Learn that Slack answered with a 429 and asked to wait that long."""
        self._line(method).limited(channel, seconds, self._clock.monotonic())
        self._call_first(method)

    def unanswered(self, method: str, channel: str) -> None:
        """Learn that a call was not made after all, or that nobody knows how it ended."""
        self._line(method).unanswered()
        self._call_first(method)

    def remaining(self, method: str, channel: str) -> float:
        """Return for how many seconds Slack asked to wait there still; 0 when it did not."""
        line = self._lines.get(method)
        return line.held_seconds(channel, self._clock.monotonic()) if line else 0.0

    def summary(self) -> dict[str, Any]:
        """Return what was learned of each method, for people."""
        return {
            method: line.summary() | {"waiting": len(self._queues.get(method, ()))}
            for method, line in sorted(self._lines.items())
        }

    def _line(self, method: str) -> Line:
        if method not in self._lines:
            self._lines[method] = PostingLine() if method in POSTING else MethodLine(calls_a_minute(method))
        return self._lines[method]

    def _call_first(self, method: str) -> None:
        if queue := self._queues.get(method):
            queue[0].called.set()


class _Waiting:
    """A call that waits for its method."""

    __slots__ = ("called", "key")

    def __init__(self, priority: Priority, number: int) -> None:
        self.key = (priority, number)
        self.called = asyncio.Event()

    def __lt__(self, other: _Waiting) -> bool:
        return self.key < other.key


def _leave(queue: list[_Waiting], waiting: _Waiting) -> None:
    """Take one out and call the first of the others."""
    if queue[0] is waiting:
        heapq.heappop(queue)
    else:
        queue.remove(waiting)
        heapq.heapify(queue)
    if queue:
        queue[0].called.set()
