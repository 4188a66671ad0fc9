"""Turns: what concerns one channel happens in the order in which it came; no channel waits for another.

A turn is drawn without waiting, in order. Whoever drew it is called when it comes, and holds nothing else
meanwhile; a turn that is waited for costs a few words of memory and no task.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable

logger = logging.getLogger(__name__)

Called = Callable[[], None]
"""What is done when a turn comes; it must not wait."""


class Turn:
    """One place in a channel's queue."""

    __slots__ = ("_called", "_queue", "has_come", "is_over")

    def __init__(self, queue: _Queue) -> None:
        self._queue = queue
        self._called: Called | None = None
        self.has_come = False
        self.is_over = False

    def when_called(self, called: Called) -> None:
        """Have that done once, as soon as everything that came before in this channel is over: now or later.

        Never after :meth:`end`. A failure of ``called`` is logged and ends the turn.

        Raises:
            RuntimeError: something is to be done then already.
        """
        if self._called is not None:
            raise RuntimeError("somebody waits for this turn already")
        if self.is_over:
            return
        if self.has_come:
            self._do(called)
        else:
            self._called = called

    def call(self) -> None:
        """Let it be this turn's time."""
        self.has_come = True
        called, self._called = self._called, None
        if called is not None:
            self._do(called)

    def _do(self, called: Called) -> None:
        try:
            called()
        except Exception:
            logger.exception("a mistake of the pack at the begin of a turn")
            self.end()

    async def wait(self) -> None:
        """Wait until everything that came before in this channel is over."""
        await until_called(self.when_called)

    def end(self) -> None:
        """Let the next one have its turn; a turn that did not come is given up. Ending twice is allowed."""
        if not self.is_over:
            self.is_over = True
            self._called = None
            self._queue.end_one()


class JoinedTurn:
    """One place in several queues at once; its time is when it is first in all of them.

    Drawn without waiting, so that all queues have such turns in the same order and none waits for another.
    """

    __slots__ = ("_called", "_turns", "is_over")

    def __init__(self, turns: Collection[Turn]) -> None:
        self._turns = turns
        self._called: Called | None = None
        self.is_over = False
        for turn in turns:
            turn.when_called(self._one_came)

    @property
    def has_come(self) -> bool:
        """Whether everything that came before in all of its queues is over."""
        return all(turn.has_come for turn in self._turns)

    def when_called(self, called: Called) -> None:
        """Have that done once, as :meth:`Turn.when_called` says."""
        if self._called is not None:
            raise RuntimeError("somebody waits for this turn already")
        if not self.is_over:
            self._called = called
            self._one_came()

    def _one_came(self) -> None:
        if self._called is None or not self.has_come:
            return
        called, self._called = self._called, None
        try:
            called()
        except Exception:
            logger.exception("a mistake of the pack at the begin of a turn")
            self.end()

    def end(self) -> None:
        """Let the next ones have their turns, in each of its queues; ending twice is allowed."""
        self.is_over = True
        self._called = None
        for turn in self._turns:
            turn.end()


AnyTurn = Turn | JoinedTurn


async def until_called(when_called: Callable[[Called], None]) -> None:
    """Wait for a turn as a task does."""
    come: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def tell() -> None:
        if not come.done():
            come.set_result(None)

    when_called(tell)
    await come


class _Queue:
    """The turns of one channel, oldest first; one that was given up stays until those before it are over."""

    __slots__ = ("_advances", "_key", "_owner", "_turns", "depth")

    def __init__(self, key: str, owner: Turns) -> None:
        self._key = key
        self._owner = owner
        self._turns: deque[Turn] = deque()
        self._advances = False
        self.depth = 0

    def draw(self) -> Turn:
        turn = Turn(self)
        self._turns.append(turn)
        self.depth += 1
        self._advance()
        return turn

    def end_one(self) -> None:
        self.depth -= 1
        self._advance()

    def _advance(self) -> None:
        """Call who is first. Who ends its turn while being called does not get here again: this goes on."""
        if self._advances:
            return
        self._advances = True
        try:
            while self._turns and (self._turns[0].is_over or not self._turns[0].has_come):
                if self._turns[0].is_over:
                    self._turns.popleft()
                else:
                    self._turns[0].call()
        finally:
            self._advances = False
        if not self._turns:
            self._owner.forget(self._key)


class Turns:
    """The queues of all channels; an empty one costs nothing."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self.on_empty: Callable[[str], None] = lambda key: None
        """Called with a queue's key when nobody waits in it any more."""

    def draw(self, key: str) -> Turn:
        """Take the next place in a channel's queue; the same ``key`` is the same queue."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(key, self)
        return queue.draw()

    def draw_joined(self, keys: Iterable[str]) -> JoinedTurn:
        """Take the next place in several queues at once, since they may be of the same channel."""
        return JoinedTurn([self.draw(key) for key in keys])

    def forget(self, key: str) -> None:
        """Drop an empty queue."""
        self._queues.pop(key, None)
        self.on_empty(key)

    def depth(self, key: str) -> int:
        """Return how many turns wait or run in a channel."""
        queue = self._queues.get(key)
        return queue.depth if queue else 0

    def depths(self) -> dict[str, int]:
        """Return how many turns wait or run in each channel that has any."""
        return {key: queue.depth for key, queue in self._queues.items()}
