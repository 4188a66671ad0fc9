"""The intake: where Slack's payloads come in, once each, in order within a channel, and leave as events.

A payload is acknowledged when it is in the store, and never waits for the engine; only when the store cannot
be written, the engine is told first. What is accepted is worked off in lanes, one per channel, so that a slow
lookup in one delays no other; what bears a trigger, which lives for three seconds, has a lane of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pack.clock import Clock, SystemClock, wait_for
from pack.contracts.ports import Check, Event, Identity, Inbound
from pack.contracts.storing import Arrival, Receipt, Store
from pack.delivery.lanes import Lanes
from pack.delivery.outbox import Outbox, Outgoing
from pack.delivery.places import Place
from pack.delivery.receiving import Receiving
from pack.delivery.room import Room
from pack.observations import (
    OBSERVATIONS,
    Observation,
    Observer,
    copies_of,
    event_of,
    is_urgent,
    lane_of,
    name_of,
    said_before,
    thread_of,
)
from pack.slack.channels import ChannelDirectory
from pack.slack.following import Following
from pack.slack.membership import Membership
from pack.slack.users import UserDirectory

logger = logging.getLogger(__name__)

CAPACITY = 10_000
"""How many payloads and events may be on their way; beyond it nothing is accepted: Slack sends again."""

DATE_SECONDS = 2.0
"""How much later it may be than Slack's date says, which has whole seconds and was told a moment ago."""

TELL_FIRST_SECONDS = 2.5
"""How long telling the engine may take before the acknowledgement; Slack waits for that for 3 s."""

LAST_SECONDS = 1.0
"""How long what was accepted may still take at the end of the grace period."""

NAMED_STUCK = 3
"""How many of the events that the engine fails at the health page names."""

REMEMBERED = 10_000
"""How many events that nothing is told of, and how many that the store could not keep, are remembered."""


class Intake:
    """Accepts payloads from the receivers and tells the engine what they mean."""

    def __init__(
        self,
        *,
        identity: Identity,
        store: Store,
        outbox: Outbox,
        users: UserDirectory,
        channels: ChannelDirectory,
        membership: Membership,
        clock: Clock | None = None,
        slack_date: Callable[[], float] | None = None,
        observations: Mapping[str, Observation] = OBSERVATIONS,
        on_gap: Callable[[], None] = lambda: None,
        on_heard: Callable[[str], None] = lambda _: None,
        capacity: int = CAPACITY,
    ) -> None:
        """Prepare; ``on_gap`` is called when payloads may be missing that never come again.

        That is when one is refused, and when one comes that Slack sent before, and that did not come then.

        ``on_heard`` is told the channel of each event that is accepted and told. ``slack_date``: Slack's
        time, seconds since 1970; not given: the clock's.
        """
        self._store = store
        self._outbox = outbox
        self._observer = Observer(observations, identity=identity, users=users)
        self._following = Following(identity=identity, channels=channels, membership=membership)
        self._clock = clock or SystemClock()
        self._slack_date = slack_date or (lambda: self._clock.now().timestamp())
        self._on_gap, self._on_heard = on_gap, on_heard
        self._lanes = Lanes(self._work, name="intake of")
        self._receiving: Receiving[Receipt] = Receiving()
        self._triggers = itertools.count(1)
        self._followed: OrderedDict[str, None] = OrderedDict()
        self._unkept: OrderedDict[str, Place] = OrderedDict()
        self._room = Room(capacity, waiting=self._going_on, waiting_in=self._waiting_in, clock=self._clock)

    async def restore(self) -> None:
        """Take up what an earlier run of the process left untold, before anything new comes in."""
        for untold in await self._store.untold():
            place = Place(
                untold.arrival.event,
                id=untold.id,
                telling=untold.telling,
                is_left=True,
                recovered=untold.arrival.recovered,
            )
            self._observer.expect_people(place.event)
            self._lanes.put(self._lane(place.event), place)

    async def accept(self, inbound: Inbound) -> bool:
        """Keep a payload. True: acknowledge it (kept, known already, or nothing to tell).

        False: there is no room, or the store cannot be written and the engine did not take it in time; what
        Slack sends again is neither dropped nor told twice then.
        """
        event = event_of(inbound)
        is_told = self._observer.tells(event)
        if not is_told and not self._following.concerns(event):
            logger.debug("a payload of kind %s is nothing to tell", inbound.kind.value)
            return True
        if not self._room.has(lane_of(event)):
            self._on_gap()
            return False
        keys = copies_of(inbound.payload, event)
        if not is_told:
            self._follow_once(keys, event)
            return True
        return await self._accept_told(keys, event, is_repeated=inbound.retry_attempt > 0)

    async def accept_recovered(self, channel: str, message: Mapping[str, Any]) -> bool:
        """Keep a message that was read from a channel's history; True when it was not known and will be told.

        Returns when it is in the store; waits while too much is on its way. It is told after what is in its
        channel's lane already, with ``"recovered": true``.
        """
        event = {**message, "type": "message", "channel": channel}
        keys = copies_of({}, event)
        if not self._observer.tells(event) or self._unkept_original(keys):
            return False
        await self._room.wait_for_recovered()
        receipt, _ = await self._receive(keys, event, recovered=True)
        return receipt is not Receipt.COPY

    # --- into the store ---

    @property
    def _on_their_way(self) -> int:
        return self._lanes.waiting + self._outbox.events_waiting

    def _waiting_in(self, lane: str) -> int:
        return self._lanes.waiting_in(lane) + self._outbox.events_waiting_in(lane)

    def _going_on(self) -> int:
        """Return how much is on its way in other lanes than those that are stuck."""
        return self._on_their_way - sum(map(self._waiting_in, self._outbox.stuck))

    def _follow_once(self, keys: Sequence[str], event: Mapping[str, Any]) -> None:
        """Have memberships followed by an event of which nothing is told, unless it is a copy."""
        if not any(key in self._followed for key in keys):
            self._lanes.put(self._lane(event), Place(event))
        _remember(self._followed, dict.fromkeys(keys))

    async def _accept_told(
        self, keys: tuple[str, ...], event: Mapping[str, Any], *, is_repeated: bool
    ) -> bool:
        self._on_heard(lane_of(event))
        await self._receiving.wait(keys)
        if original := self._unkept_original(keys):
            return await self._until_told(original)
        receipt, place = await self._receive(keys, event, recovered=False)
        if is_repeated and receipt is not Receipt.COPY:
            self._on_gap()
        if receipt is Receipt.UNKEPT:
            return await self._until_told(place)
        if receipt is Receipt.COPY:
            logger.debug("dropped a second copy of event %s", keys)
        return True

    async def _receive(
        self, keys: tuple[str, ...], event: Mapping[str, Any], *, recovered: bool
    ) -> tuple[Receipt, Place]:
        """Put an event into its lane and into the store, whoever stops waiting for that meanwhile."""
        lane = self._lane(event)
        place = Place(event, asyncio.get_running_loop().create_future(), recovered=recovered)
        place.may_be_told = said_before(event, self._blind_until())
        place.telling = place.may_be_told or (not recovered and self._is_quiet(lane, event))
        arrival = Arrival(keys, lane_of(event), event, thread_of(event), recovered)
        self._lanes.put(lane, place)
        task = self._receiving.begin(keys, self._ask_store(place, arrival))
        return await asyncio.shield(task), place

    def _blind_until(self) -> float:
        """Return until when an earlier process may have told what it could not note, by Slack's date."""
        if not self._store.blind_until:
            return 0.0
        ahead = self._slack_date() - self._clock.now().timestamp()
        return self._store.blind_until + ahead + DATE_SECONDS

    async def _ask_store(self, place: Place, arrival: Arrival) -> Receipt:
        try:
            receipt, number = await self._store.receive(arrival, telling=place.telling)
        except BaseException:
            place.decide(is_new=False)
            raise
        if receipt is Receipt.UNKEPT:
            place.over = asyncio.Event()
            _remember(self._unkept, dict.fromkeys(arrival.keys, place))
        if receipt is not Receipt.COPY:
            place.id = number
            self._observer.expect_people(place.event)
        place.decide(is_new=receipt is not Receipt.COPY)
        return receipt

    def _unkept_original(self, keys: Sequence[str]) -> Place | None:
        """Return what these are copies of while the store cannot be written and could not keep that."""
        if not self._store.problem:
            return None
        return next((self._unkept[key] for key in keys if key in self._unkept), None)

    async def _until_told(self, place: Place) -> bool:
        if place.over is None or await wait_for(place.over, TELL_FIRST_SECONDS, self._clock):
            return True
        self._on_gap()
        return False

    def _is_quiet(self, lane: str, event: Mapping[str, Any]) -> bool:
        """Tell whether an event of that lane would be told as soon as it is kept."""
        if not self._lanes.is_free(lane) or not self._outbox.is_quiet(lane):
            return False
        return self._observer.knows_people(event)

    def _lane(self, event: Mapping[str, Any]) -> str:
        return f"trigger {next(self._triggers)}" if is_urgent(event) else lane_of(event)

    # --- out of the lanes ---

    async def _work(self, lane: str, place: Place) -> None:
        if place.is_new and not await place.is_new:
            return None
        if not place.is_left:
            await self._following.follow(place.event, lane_of(place.event))
        if place.id is None:
            return None
        if (told := await self._observer.read(place.event)) is None:
            self._store.note_told(place.id)
            return place.on_over()
        if place.recovered:
            told = Event(told.name, {**told.payload, "recovered": True})
        urgent = is_urgent(place.event)
        told_before = place.may_be_told or (place.is_left and place.telling)
        what = name_of(place.event)
        self._outbox.tell(
            lane, Outgoing(place.id, told, place.telling, told_before, urgent, what, place.on_over)
        )
        return None

    async def finish(self, grace_seconds: float) -> None:
        """Let what was accepted be worked off, within that time; then go on without looking users up.

        What was accepted was acknowledged, so Slack does not send it again; what is left then stays in the
        store for the next start, if that survives.
        """
        await self._lanes.wait(grace_seconds)
        self._observer.hurry()
        if not await self._lanes.wait(LAST_SECONDS):
            level = logging.INFO if self._store.survives else logging.ERROR
            logger.log(level, "stopped with %d payloads accepted and not worked off", self._lanes.waiting)
        await self.close()

    async def close(self) -> None:
        """Stop at once; what is not worked off stays in the store."""
        await self._lanes.close()
        await self._receiving.close()

    def status(self) -> Check:
        """Say how full it is, for the health page."""
        full = self._room.is_full
        sentence = f"{self._on_their_way} payloads waiting{', full' * full}"
        if stuck := list(self._outbox.stuck.values()):
            sentence += f"; {len(stuck)} channels wait behind an event that the engine fails at: "
            sentence += "; ".join(stuck[:NAMED_STUCK])
        return Check(True, not full, sentence)


def _remember(kept: OrderedDict[str, Any], more: Mapping[str, Any]) -> None:
    kept.update(more)
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
