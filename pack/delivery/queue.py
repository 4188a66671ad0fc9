"""Turns: what concerns one channel happens in the order in which it came; no channel waits for another.

A turn is drawn without waiting, in order, and then waited for. Whoever waits for a turn holds nothing else.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """One place in a channel's queue; one task waits for it."""

    __slots__ = ("_has_come", "_queue", "_waiting", "is_over")

    def __init__(self, queue: _Queue) -> None:
        self._queue = queue
        self._has_come = False
        self._waiting: asyncio.Future[None] | None = None
        self.is_over = False

    def call(self) -> None:
        """Let it be this turn's time."""
        self._has_come = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    async def wait(self) -> None:
        """Wait until everything that came before in this channel is over."""
        if not self._has_come:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def end(self) -> None:
        """Let the next one have its turn; a turn that did not come is given up. Ending twice is allowed."""
        if not self.is_over:
            self.is_over = True
            self._queue.advance()


class _Queue:
    """The turns of one channel, oldest first."""

    def __init__(self, key: str, owner: Turns) -> None:
        self._key = key
        self._owner = owner
        self._turns: deque[Turn] = deque()

    def draw(self) -> Turn:
        turn = Turn(self)
        self._turns.append(turn)
        self.advance()
        return turn

    def advance(self) -> None:
        while self._turns and self._turns[0].is_over:
            self._turns.popleft()
        if self._turns:
            self._turns[0].call()
        else:
            self._owner.forget(self._key)

    def __len__(self) -> int:
        return len(self._turns)


class Turns:
    """The queues of all channels; an empty one costs nothing."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    def draw(self, key: str) -> Turn:
        """Take the next place in a channel's queue; the same ``key`` is the same queue."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(key, self)
        return queue.draw()

    def forget(self, key: str) -> None:
        """Drop an empty queue."""
        self._queues.pop(key, None)

    def depth(self, key: str) -> int:
        """Return how many turns wait or run in a channel."""
        queue = self._queues.get(key)
        return len(queue) if queue else 0
