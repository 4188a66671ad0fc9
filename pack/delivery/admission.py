"""Admission: which queue an action belongs to, decided in the order in which actions were taken.

A name and an ID of one channel are one queue, so a name is resolved before it is queued. What is known is
queued at once; a name that is not waits for the list of channels in a line of its own, and whatever could be
the same channel waits behind it. Nobody else does.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType

from pack.delivery.queue import Turn, Turns
from pack.errors import PackError
from pack.slack.channels import ChannelDirectory, KnownChannel, is_direct, is_id, normalize

logger = logging.getLogger(__name__)


class Place:
    """A place in a channel's queue, which may still have to be found; use it as a context manager."""

    __slots__ = ("_given_up", "_turn", "_waiting", "reference")

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self._turn: Turn | None = None
        self._waiting: asyncio.Future[Turn] | None = None
        self._given_up = False

    def give(self, turn: Turn) -> None:
        """Settle which turn it is."""
        if self._given_up:
            turn.end()
            return
        self._turn = turn
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(turn)

    async def __aenter__(self) -> Place:
        turn = self._turn
        if turn is None:
            self._waiting = asyncio.get_running_loop().create_future()
            turn = await self._waiting
        await turn.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the place up, or end its turn."""
        self._given_up = True
        if self._turn is not None:
            self._turn.end()


class Admission:
    """Gives every action its places in the queues."""

    def __init__(
        self, *, turns: Turns, directory: ChannelDirectory, spawn: Callable[..., asyncio.Task[None]]
    ) -> None:
        self._turns = turns
        self._directory = directory
        self._spawn = spawn
        self._unresolved: deque[Place] = deque()
        self._names: Counter[str] = Counter()
        self._resolving: asyncio.Task[None] | None = None

    def place(self, reference: str) -> Place:
        """Return the next place in the queue of the channel that the reference (ID, name, #name) means."""
        place = Place(reference)
        key = self._key_at_once(reference)
        if key is not None:
            place.give(self._turns.draw(key))
            return place
        self._unresolved.append(place)
        self._names[normalize(reference)] += 1
        if len(self._unresolved) == 1:
            self._resolving = self._spawn(self._resolve(), name="resolve channel names")
        return place

    def _key_at_once(self, reference: str) -> str | None:
        """Return the queue of a reference that need not wait; None when it has to."""
        known = self._directory.known(reference)
        if known and not self._may_wait(known):
            return known.id
        if is_id(reference) and (not self._unresolved or is_direct(reference)):
            return reference.strip()
        return None

    def _may_wait(self, known: KnownChannel) -> bool:
        """Tell whether an earlier action for that channel may still wait for the list."""
        if not self._unresolved:
            return False
        if not known.name:
            return not is_direct(known.id)
        return normalize(known.id) in self._names or normalize(known.name) in self._names

    async def _resolve(self) -> None:
        while self._unresolved:
            place = self._unresolved[0]
            place.give(self._turns.draw(await self._key(place.reference)))
            self._unresolved.popleft()
            self._names -= Counter([normalize(place.reference)])

    async def _key(self, reference: str) -> str:
        """Return which queue a reference belongs to: its channel's, else one of its own."""
        try:
            channel = await self._directory.find(reference)
        except PackError as error:
            logger.debug("%s could not be resolved: %s", reference, error)
        except Exception:
            logger.exception("a mistake of the pack while %s was looked up", reference)
        else:
            if channel:
                return channel.id
        return reference.strip() if is_id(reference) else normalize(reference)
