"""Faults of deliveries: lost, late, repeated, out of order, and answers that Slack does not hear."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from pack.clock import Clock
from pack.sandbox.slack.identifiers import encode_number

Json = Any
Payload = dict[str, Json]
Delivery = Callable[[Payload], None]

DISTURBANCES = ("lost", "late", "repeated", "shuffled", "unheard")
"""What can go wrong, as it is counted."""
_FIRST_COPY = 36**8 // 2
"""Copies count their event_ids from here, so that no event has the same."""


@dataclass(slots=True)
class Disturbance:
    """One thing that goes wrong."""

    share: float = 1.0
    """With how many of those that it can strike, drawn by chance: 0 to 1."""
    times: int | None = None
    """How often it still strikes; None: until it is ended."""
    seconds: float = 0.0
    """How long: late events, copies, and the longest that an event waits for others to be shuffled with."""
    copies: int = 1
    new_event_ids: bool = False
    """Whether copies look like events of their own."""
    window: int = 1
    """How many events are shuffled with one another."""


class Disturbances:
    """Stands between events and their way to the app, and does them harm by chance.

    Which are struck follows from the seed and the order of events alone. Deliveries over sockets and HTTP
    are concerned alike; interactions are not.
    """

    def __init__(self, clock: Clock) -> None:
        self.counts: Counter[str] = Counter()
        """How often each of DISTURBANCES has struck; what is shuffled counts when it comes out of order."""
        self.active: dict[str, Disturbance] = {}
        """What goes wrong at present, by the names in DISTURBANCES."""
        self._clock = clock
        self._chance = random.Random(0)
        self._copies = 0
        self._held: list[tuple[Payload, Delivery]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, name: str, disturbance: Disturbance) -> None:
        """Have something go wrong from now on, in place of what went wrong under that name before.

        Raises:
            ValueError: there is no such disturbance.
        """
        if name not in DISTURBANCES:
            raise ValueError(f"a disturbance is one of {', '.join(DISTURBANCES)}, not {name}")
        self.active[name] = disturbance

    def end(self, name: str) -> None:
        """End one disturbance; events that wait to be shuffled go on their way."""
        self.active.pop(name, None)
        if name == "shuffled":
            self._release()

    def clear(self) -> None:
        """End them all; the counts stay."""
        for name in DISTURBANCES:
            self.end(name)

    def seed(self, seed: int) -> None:
        """Draw anew from this seed on; 0 is that of the start."""
        self._chance = random.Random(seed)

    def reset(self) -> None:
        """End them all, drop what is late or held, and count and draw from the start."""
        self._held.clear()
        self.clear()
        for task in self._tasks:
            task.cancel()
        self.counts.clear()
        self.seed(0)

    async def stop(self) -> None:
        """Give up what is late."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._held.clear()

    def pass_on(self, payload: Payload, deliver: Delivery) -> None:
        """Deliver an event, as far as nothing goes wrong with it."""
        late = self._strike("late")
        if late is None:
            self._put_in_order(payload, deliver)
        else:
            self._later(late.seconds, payload, deliver)
        repeated = self._strike("repeated")
        if repeated is None:
            return
        for _ in range(repeated.copies):
            copy = self._renamed(payload) if repeated.new_event_ids else payload
            if repeated.seconds:
                self._later(repeated.seconds, copy, deliver)
            else:
                self._put_in_order(copy, deliver)

    def loses(self) -> bool:
        """Say whether one attempt at a delivery does not reach the app."""
        return self._strike("lost") is not None

    def overhears(self) -> bool:
        """Say whether Slack does not hear one acknowledgement."""
        return self._strike("unheard") is not None

    def _strike(self, name: str) -> Disturbance | None:
        """Draw whether a disturbance strikes, and count it."""
        active = self.active.get(name)
        if active is None or active.times == 0 or self._chance.random() >= active.share:
            return None
        if active.times is not None:
            active.times -= 1
        self.counts[name] += 1
        return active

    def _renamed(self, payload: Payload) -> Payload:
        self._copies += 1
        return {**payload, "event_id": f"Ev0{encode_number(_FIRST_COPY + self._copies)}"}

    def _put_in_order(self, payload: Payload, deliver: Delivery) -> None:
        """Deliver an event, or hold it until there are enough to be shuffled."""
        shuffled = self.active.get("shuffled")
        if shuffled is None or shuffled.times == 0:
            deliver(payload)
            return
        self._held.append((payload, deliver))
        if len(self._held) >= shuffled.window:
            self._shuffle(shuffled)
        elif len(self._held) == 1:
            self._spawn(self._shuffle_later(shuffled, payload))

    def _shuffle(self, shuffled: Disturbance) -> None:
        before = list(self._held)
        self._chance.shuffle(self._held)
        if self._held == before:
            self._held.reverse()
        self.counts["shuffled"] += sum(held is not was for held, was in zip(self._held, before, strict=True))
        if shuffled.times is not None:
            shuffled.times -= 1
        self._release()

    async def _shuffle_later(self, shuffled: Disturbance, first: Payload) -> None:
        await self._clock.sleep(shuffled.seconds)
        if self._held and self._held[0][0] is first:
            self._shuffle(shuffled)

    def _release(self) -> None:
        held, self._held = self._held, []
        for payload, deliver in held:
            deliver(payload)

    def _later(self, seconds: float, payload: Payload, deliver: Delivery) -> None:
        async def wait() -> None:
            await self._clock.sleep(seconds)
            self._put_in_order(payload, deliver)

        self._spawn(wait())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="sandbox-disturbance")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
