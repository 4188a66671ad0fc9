"""Admission: which queue an action belongs to, decided in the order in which actions were taken.

A name and an ID of one channel are one queue, so a name is resolved before it is queued. What is known is
queued at once; a name that is not waits for the list of channels in a line of its own, and whatever could be
the same channel waits behind it. Nobody else does.

A name that the list does not tell (the channel is younger, or Slack does not give the list) has a queue of
its own until that is empty. Meanwhile whatever could be the same channel has its place in both queues.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType

from pack.delivery.queue import AnyTurn, Called, Turns, until_called
from pack.errors import PackError
from pack.slack.channels import ChannelDirectory, KnownChannel, is_direct, is_id, normalize

logger = logging.getLogger(__name__)


class Place:
    """A place in a channel's queue, which may still have to be found.

    Use it as a context manager, or say with :meth:`when_called` what to do when its turn comes, and
    :meth:`leave` it when that is done.
    """

    __slots__ = ("_called", "_turn", "is_left", "reference")

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self._turn: AnyTurn | None = None
        self._called: Called | None = None
        self.is_left = False
        """Whether it was given up, or its turn is over."""

    @property
    def has_come(self) -> bool:
        """Whether its turn has come."""
        return self._turn is not None and self._turn.has_come

    def give(self, turn: AnyTurn) -> None:
        """Settle which turn it is."""
        if self.is_left:
            turn.end()
            return
        self._turn = turn
        called, self._called = self._called, None
        if called is not None:
            turn.when_called(called)

    def when_called(self, called: Called) -> None:
        """Have that done once, as soon as its turn comes: now or later, but never after :meth:`leave`.

        ``called`` must not wait. A failure of it is logged and ends the turn.

        Raises:
            RuntimeError: something is to be done then already.
        """
        if self._called is not None:
            raise RuntimeError(f"somebody waits already for this place in {self.reference}")
        if self.is_left:
            return
        if self._turn is not None:
            self._turn.when_called(called)
        else:
            self._called = called

    async def __aenter__(self) -> Place:
        if self.is_left:
            raise RuntimeError(f"the place in {self.reference} was left already")
        await until_called(self.when_called)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the place up, or end its turn."""
        self.is_left = True
        self._called = None
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
        self._named: set[str] = set()
        """The queues of names that the list did not tell."""
        self._nameless: set[str] = set()
        """The queues of IDs of channels whose names were not known."""
        turns.on_empty = self._emptied
        self._resolving: asyncio.Task[None] | None = None

    def place(self, reference: str) -> Place:
        """Return the next place in the queue of the channel that the reference (ID, name, #name) means."""
        place = Place(reference)
        key = self._key_at_once(reference)
        if key is not None:
            place.give(self._draw(key))
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
            if not place.is_left:
                place.give(self._draw(await self._key(place.reference)))
            self._unresolved.popleft()
            self._forget(normalize(place.reference))

    def _forget(self, name: str) -> None:
        self._names[name] -= 1
        if not self._names[name]:
            del self._names[name]

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

    # --- queues that may be of the same channel ---

    def _draw(self, key: str) -> AnyTurn:
        """Take the next place in a queue, and in those that may turn out to be the same channel's."""
        if not is_id(key) and self._directory.known(key) is None:
            others = [one for one in self._nameless if not self._name_of(one)]
            self._named.add(key)
        else:
            name = self._name_of(key)
            others = [one for one in self._named if self._may_be(one, key, name)]
            if not name and not is_direct(key):
                self._nameless.add(key)
        return self._turns.draw_joined([key, *others]) if others else self._turns.draw(key)

    def _name_of(self, channel_id: str) -> str:
        known = self._directory.known(channel_id)
        return normalize(known.name) if known else ""

    def _may_be(self, queued: str, channel_id: str, name: str) -> bool:
        """Tell whether a name's queue may be of that channel, which is called ``name`` if that is known."""
        if is_direct(channel_id):
            return False
        if name:
            return queued in (name, normalize(channel_id))
        known = self._directory.known(queued)
        return known is None or known.id == channel_id

    def _emptied(self, key: str) -> None:
        self._named.discard(key)
        self._nameless.discard(key)
