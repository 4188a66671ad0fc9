"""A store in memory: what it remembers ends with the process. Fills :class:`pack.contracts.ports.Store`."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pack.clock import Clock
from pack.contracts.ports import Action, Effect, Event, Outgoing

REMEMBER_SECONDS = 3600.0
"""How long an inbound event's ID is remembered; Slack redelivers for some minutes."""

REMEMBER_EVENTS = 50_000
"""How many inbound event IDs are remembered at the most."""

REMEMBER_SET_ASIDE = 1_000
"""How many results that the engine refused are kept at the most."""


@dataclass(slots=True)
class _Row:
    action: Action
    order_key: str
    effects: dict[str, Effect] = field(default_factory=dict)
    result: Event | None = None


class MemoryStore:
    """Actions, effects, received events and outgoing events, in dictionaries."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._received: OrderedDict[str, float] = OrderedDict()
        self._outgoing: dict[int, Outgoing] = {}
        self._numbers = itertools.count(1)
        self.aside: list[tuple[Action, Event, str]] = []
        """Results that the engine will not have, with the reason; the newest last."""

    async def begin(self, action: Action, order_key: str) -> None:
        """Note an action that was taken."""
        self._rows.setdefault(action.id, _Row(action, order_key))

    async def effect(self, action_id: str, step: str) -> Effect | None:
        """Return what is known of one step."""
        row = self._rows.get(action_id)
        return row.effects.get(step) if row else None

    async def save_effect(self, effect: Effect) -> None:
        """Note a step's state."""
        row = self._rows.get(effect.action_id)
        if row:
            row.effects[effect.step] = effect

    async def finish(self, action: Action, result: Event) -> None:
        """Note an action's result."""
        row = self._rows.setdefault(action.id, _Row(action, ""))
        row.result = result
        row.effects.clear()

    async def reported(self, action: Action) -> None:
        """Forget an action."""
        self._rows.pop(action.id, None)

    async def set_aside(self, action: Action, result: Event, reason: str) -> None:
        """Keep a result that the engine will not have."""
        self._rows.pop(action.id, None)
        self.aside.append((action, result, reason))
        del self.aside[:-REMEMBER_SET_ASIDE]

    async def unreported(self) -> Sequence[tuple[Action, Event]]:
        """List the results that are still to be reported."""
        return [(row.action, row.result) for row in self._rows.values() if row.result]

    async def receive(self, event_id: str) -> bool:
        """Note an inbound event's ID; False when it is known already."""
        now = self._clock.monotonic()
        while self._received:
            oldest, at = next(iter(self._received.items()))
            if now - at < REMEMBER_SECONDS and len(self._received) < REMEMBER_EVENTS:
                break
            del self._received[oldest]
        if event_id in self._received:
            return False
        self._received[event_id] = now
        return True

    async def put_outgoing(self, lane: str, event: Event) -> Outgoing:
        """Keep an event until the engine has it."""
        outgoing = Outgoing(next(self._numbers), lane, event)
        self._outgoing[outgoing.id] = outgoing
        return outgoing

    async def drop_outgoing(self, outgoing: Outgoing) -> None:
        """Forget an event that the engine has."""
        self._outgoing.pop(outgoing.id, None)

    async def outgoing(self) -> Sequence[Outgoing]:
        """List the events that the engine does not have yet."""
        return list(self._outgoing.values())
