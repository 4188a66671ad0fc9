"""A live account of what the engine does, for whoever watches: the sandbox's terminal, or a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any

_RECORDS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class PackRegistered:
    """A pack made itself known, or known again."""

    time: datetime
    pack_id: str


@dataclass(frozen=True, slots=True)
class FlowStored:
    """A flow was stored, or replaced."""

    time: datetime
    flow: str


@dataclass(frozen=True, slots=True)
class EventReceived:
    """An event came from a pack; the results of actions are :class:`ActionFinished` instead."""

    time: datetime
    pack_id: str
    name: str
    payload: Json


@dataclass(frozen=True, slots=True)
class EventGivenUp:
    """An event could not be dealt with: it starts and continues nothing."""

    time: datetime
    pack_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step could not be rendered, and was skipped."""

    time: datetime
    flow: str
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActionCreated:
    """A step made an action, which now waits for a pack."""

    time: datetime
    action_id: str
    flow: str
    step: str
    pack_name: str
    command: str
    input: Json


@dataclass(frozen=True, slots=True)
class ActionTaken:
    """A pack took an action."""

    time: datetime
    action_id: str
    pack_id: str
    command: str


@dataclass(frozen=True, slots=True)
class ActionFinished:
    """A pack reported the result of an action; ``fatal``: it could not handle it."""

    time: datetime
    action_id: str
    pack_id: str
    command: str
    event: str
    payload: Json
    fatal: bool


Record = (
    PackRegistered
    | FlowStored
    | EventReceived
    | EventGivenUp
    | StepSkipped
    | ActionCreated
    | ActionTaken
    | ActionFinished
)


class Subscription:
    """One watcher's records; bounded: who does not read loses the oldest (``missed`` counts them)."""

    def __init__(self) -> None:
        self.missed = 0
        self._records: asyncio.Queue[Record | None] = asyncio.Queue()

    def put(self, record: Record) -> None:
        """Add a record."""
        if self._records.qsize() >= _RECORDS_KEPT:
            self._records.get_nowait()
            self.missed += 1
        self._records.put_nowait(record)

    def end(self) -> None:
        """Let the watcher's loop end after the records that are there."""
        self._records.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Record]:
        while (record := await self._records.get()) is not None:
            yield record


class Feed:
    """Tells every subscription what happens."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """Begin to watch; iterate over the subscription, and :meth:`unsubscribe` in the end."""
        subscription = Subscription()
        self._subscriptions.append(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop watching; the subscription's loop ends."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            subscription.end()

    def tell(self, record: Record) -> None:
        """Tell everybody."""
        for subscription in self._subscriptions:
            subscription.put(record)

    def close(self) -> None:
        """End every subscription."""
        for subscription in list(self._subscriptions):
            self.unsubscribe(subscription)
