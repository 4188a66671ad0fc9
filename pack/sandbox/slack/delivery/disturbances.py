"""Faults of deliveries: lost, late, repeated, out of order, and answers that Slack does not hear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeGuard

from pack.clock import Clock
from pack.sandbox.slack.delivery.harms import (
    Late,
    Lost,
    Repeated,
    Shuffled,
    Unheard,
    is_late,
    is_lost,
    is_repeated,
    is_shuffled,
    is_unheard,
)
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.trouble.rules import EVERY, RuleBook, Scope

Json = Any
Payload = dict[str, Json]
Delivery = Callable[[Payload], None]

_FIRST_COPY = 36**8 // 2
"""Copies count their event_ids from here, so that no event has the same."""


class Disturbances:
    """Stands between events and their way to the app, and does them harm by chance.

    Deliveries over sockets and HTTP are concerned alike. ``kind``: a type of event, ``*`` for all of them, or
    a kind of interaction, which ``Interference`` looks after. ``times``: how many it befalls; None: any
    number. ``probability``: of each. ``for_seconds``: how long the fault is there. A fault's method returns
    its id in the book of rules, where its hits are counted.
    """

    def __init__(self, clock: Clock, rules: RuleBook) -> None:
        self._clock = clock
        self._rules = rules
        self._copies = 0
        self._held: list[tuple[Payload, Delivery]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # --- faults -------------------------------------------------------------------------------------

    def lose_events(
        self,
        kind: str = EVERY,
        times: int | None = 1,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have attempts at a delivery not arrive; Slack tries again when no acknowledgement comes."""
        return self._add("lose_events", Lost(), _scope(kind, times, probability, for_seconds))

    def ignore_acks(
        self,
        kind: str = EVERY,
        times: int | None = 1,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have acknowledgements not be heard: what arrived is delivered again."""
        return self._add("ignore_acks", Unheard(), _scope(kind, times, probability, for_seconds))

    def delay_events(
        self,
        seconds: float,
        kind: str = EVERY,
        times: int | None = 1,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have events be sent so many seconds late, behind those that happened after them."""
        return self._add("delay_events", Late(seconds), _scope(kind, times, probability, for_seconds))

    def duplicate_events(
        self,
        copies: int = 1,
        new_event_ids: bool = False,
        seconds: float = 0.0,
        kind: str = EVERY,
        times: int | None = 1,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have events be followed by copies without the mark of a retry, at once or some seconds later.

        ``new_event_ids``: the copies look like events of their own.
        """
        what = Repeated(copies, seconds, new_event_ids)
        return self._add("duplicate_events", what, _scope(kind, times, probability, for_seconds))

    def repeat_events(
        self,
        copies: int = 1,
        kind: str = EVERY,
        times: int | None = None,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have every event followed by copies, each with an event_id of its own and no mark of a retry."""
        what = Repeated(copies, 0.0, new_event_ids=True)
        return self._add("repeat_events", what, _scope(kind, times, probability, for_seconds))

    def shuffle_events(
        self,
        window: int = 5,
        seconds: float = 2.0,
        kind: str = EVERY,
        times: int | None = None,
        probability: float = 1.0,
        for_seconds: float | None = None,
    ) -> str:
        """Have events come out of order: so many wait for one another, each so many seconds at most."""
        what = Shuffled(max(2, window), seconds)
        return self._add("shuffle_events", what, _scope(kind, times, probability, for_seconds))

    def reset(self) -> None:
        """Drop what is late or held; the faults themselves are the book's to end."""
        self._held.clear()
        for task in self._tasks:
            task.cancel()

    async def stop(self) -> None:
        """Drop what is late or held, and wait for the end of it."""
        tasks = tuple(self._tasks)
        self.reset()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- on the way ---------------------------------------------------------------------------------

    def pass_on(self, payload: Payload, deliver: Delivery) -> None:
        """Deliver an event, as far as nothing goes wrong with it."""
        late = self._strike(is_late, payload)
        if late is None:
            self._put_in_order(payload, deliver)
        else:
            self._later(late.seconds, payload, deliver)
        repeated = self._strike(is_repeated, payload)
        for _ in range(repeated.copies if repeated else 0):
            assert repeated is not None
            copy = self._renamed(payload) if repeated.new_event_ids else payload
            if repeated.seconds:
                self._later(repeated.seconds, copy, deliver)
            else:
                self._put_in_order(copy, deliver)

    def loses(self, payload: Payload) -> bool:
        """Say whether one attempt at a delivery does not reach the app."""
        return self._strike(is_lost, payload) is not None

    def overhears(self, payload: Payload) -> bool:
        """Say whether Slack does not hear one acknowledgement."""
        return self._strike(is_unheard, payload) is not None

    def _add(self, fault: str, what: Any, scope: Scope) -> str:
        details = {name: getattr(what, name) for name in what.__slots__}
        return self._rules.add(fault, what, scope, details).id

    def _strike(self, is_kind: Callable[[object], TypeGuard[Any]], payload: Payload) -> Any:
        if not self._rules:
            return None
        event = payload.get("event")
        kind = event["type"] if isinstance(event, dict) else payload.get("type", "")
        return self._rules.strike(is_kind, kind, {})

    def _renamed(self, payload: Payload) -> Payload:
        self._copies += 1
        return {**payload, "event_id": f"Ev0{encode_number(_FIRST_COPY + self._copies)}"}

    def _put_in_order(self, payload: Payload, deliver: Delivery) -> None:
        """Deliver an event, or hold it until there are enough to be shuffled."""
        shuffled = self._strike(is_shuffled, payload)
        if shuffled is None:
            deliver(payload)
            return
        self._held.append((payload, deliver))
        if len(self._held) >= shuffled.window:
            self._release()
        elif len(self._held) == 1:
            first = self._held[0]
            self._after(shuffled.seconds, lambda: self._release_with(first))

    def _release_with(self, first: tuple[Payload, Delivery]) -> None:
        """Send what is held if the first of it has waited since then."""
        if self._held and self._held[0] is first:
            self._release()

    def _release(self) -> None:
        """Send what is held, in an order by chance that is not the one in which it happened."""
        held, self._held = self._held, []
        left = list(held)
        drawn = [left.pop(int(self._rules.draw() * len(left))) for _ in held]
        if drawn == held:
            drawn.reverse()
        for payload, deliver in drawn:
            deliver(payload)

    def _later(self, seconds: float, payload: Payload, deliver: Delivery) -> None:
        self._after(seconds, lambda: self._put_in_order(payload, deliver))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        due = self._clock.monotonic() + seconds

        async def wait() -> None:
            await self._clock.sleep(due - self._clock.monotonic())
            act()

        task = asyncio.create_task(wait(), name="sandbox-disturbance")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _scope(kind: str, times: int | None, probability: float, for_seconds: float | None) -> Scope:
    return Scope(name=kind, times=times, probability=probability, for_seconds=for_seconds)
