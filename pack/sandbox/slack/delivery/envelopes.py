"""Socket Mode payloads on their way: sent, waited for, sent again."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import logging
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pack.clock import wait_for
from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.patience import await_app
from pack.sandbox.slack.timing import SlackClock

logger = logging.getLogger(__name__)

Json = Any

ACK_SECONDS = 3.0
RETRY_AFTER_SECONDS = (0.0, 60.0, 300.0)
"""How long after a missed acknowledgement the first, second and third retry are sent."""
KEPT_SECONDS = 3_600.0
"""How long a payload is kept while no socket is open."""
MOST_KEPT = 10_000
_ACKS_REMEMBERED = 1_000


@dataclass(slots=True, eq=False)
class Envelope:
    """One payload for the app, until it is acknowledged or given up."""

    kind: str
    payload: dict[str, Json]
    accepts_response: bool
    since: float
    attempt: int = 0
    ids: list[str] = field(default_factory=list)
    """The envelope_id of each attempt; the acknowledgement of any one ends it."""
    done: bool = False
    answered: asyncio.Event | None = None
    """Set by the acknowledgement of what is sent once and waited for; None: it is repeated until then."""
    go_on: Callable[[], None] | None = None
    """Lets time pass that waits for the app."""
    response: Json = None
    """The payload of the acknowledgement."""

    def frame(self) -> str:
        """Return the next attempt's frame, with a new envelope_id."""
        self.ids.append(str(uuid.uuid4()))
        frame: dict[str, Json] = {
            "envelope_id": self.ids[-1],
            "payload": self.payload,
            "type": self.kind,
            "accepts_response_payload": self.accepts_response,
        }
        if self.kind == "events_api":
            frame["retry_attempt"] = self.attempt
            frame["retry_reason"] = "timeout" if self.attempt else ""
        return json.dumps(frame)


class Envelopes:
    """Sends each payload to an open socket and repeats it until it is acknowledged.

    ``send`` has a frame made and gives it to one open socket, or says that there is none. What finds no
    socket is kept (an hour, 10,000 payloads) and sent as a retry when one opens.
    """

    def __init__(
        self, clock: SlackClock, send: Callable[[Callable[[], str]], bool], disturbances: Disturbances
    ) -> None:
        self.acknowledgements: deque[tuple[Envelope, Json]] = deque(maxlen=_ACKS_REMEMBERED)
        """The latest acknowledged envelopes with the payload that came back with each."""
        self.given_up = 0
        """Payloads that the app never got: retried in vain, too old, or too many."""
        self._clock = clock
        self._send = send
        self._disturbances = disturbances
        self._sent: dict[str, Envelope] = {}
        self._waiting: deque[Envelope] = deque()
        self._due: list[tuple[float, int, Envelope, bool]] = []
        self._order = itertools.count()
        self._changed = asyncio.Event()

    @property
    def unacknowledged(self) -> list[Envelope]:
        """What was sent, or has to be sent again, and is not acknowledged; what waits for a socket too."""
        sent = dict.fromkeys(self._sent.values())
        return [*sent, *(envelope for envelope in self._waiting if envelope not in sent)]

    def publish(self, kind: str, payload: dict[str, Json], *, accepts_response: bool = False) -> Envelope:
        """Send a payload to the app."""
        envelope = Envelope(kind, payload, accepts_response, self._clock.monotonic())
        self._attempt(envelope)
        return envelope

    async def ask(self, kind: str, payload: dict[str, Json]) -> Envelope | None:
        """Send a payload once and wait for its acknowledgement; None: no socket is open.

        It came when the envelope's ``answered`` is set.
        """
        answered = asyncio.Event()
        envelope = Envelope(kind, payload, True, self._clock.monotonic(), answered=answered)
        if not self._send(envelope.frame):
            return None
        self._sent[envelope.ids[-1]] = envelope
        envelope.go_on = await_app(self._clock)
        await wait_for(answered, ACK_SECONDS, self._clock)
        self._finish(envelope)
        return envelope

    def acknowledge(self, envelope_id: str, response: Json = None) -> bool:
        """Note the app's acknowledgement; False when no such envelope is under way, or it is not heard."""
        envelope = self._sent.get(envelope_id)
        if envelope is None or (envelope.answered is None and self._disturbances.overhears(envelope.payload)):
            return False
        envelope.response = response
        if envelope.answered is not None:
            envelope.answered.set()
        self._finish(envelope)
        self.acknowledgements.append((envelope, response))
        return True

    def flush(self) -> None:
        """Send what waited for a socket."""
        oldest = self._clock.monotonic() - KEPT_SECONDS
        waiting, self._waiting = self._waiting, deque()
        for envelope in waiting:
            if envelope.done:
                continue
            if envelope.since < oldest:
                self._give_up(envelope)
                continue
            envelope.attempt = max(1, envelope.attempt)
            self._attempt(envelope)

    def reset(self) -> None:
        """Forget every payload."""
        for envelope in self.unacknowledged:
            self._finish(envelope)
        self._waiting.clear()
        self.acknowledgements.clear()
        self.given_up = 0

    async def watch(self) -> None:
        """Send again what is not acknowledged in time, until cancelled."""
        while True:
            if not self._due:
                self._changed.clear()
                await self._changed.wait()
            await self._wait_until_due()
            while self._due and self._due[0][0] <= self._clock.monotonic():
                _, _, envelope, overdue = heapq.heappop(self._due)
                if not envelope.done:
                    (self._miss if overdue else self._attempt)(envelope)

    async def _wait_until_due(self) -> None:
        while self._due and (seconds := self._due[0][0] - self._clock.monotonic()) > 0:
            if all(entry[2].done for entry in self._due[:1]):
                heapq.heappop(self._due)
                continue
            self._changed.clear()
            await wait_for(self._changed, seconds, self._clock)

    def _attempt(self, envelope: Envelope) -> None:
        if self._disturbances.loses(envelope.payload):
            envelope.frame()
        elif not self._send(envelope.frame):
            self._keep(envelope)
            return
        self._sent[envelope.ids[-1]] = envelope
        envelope.go_on = await_app(self._clock)
        if len(self._sent) > MOST_KEPT:
            self._give_up(next(iter(self._sent.values())))
        self._schedule(envelope, ACK_SECONDS, overdue=True)

    def _miss(self, envelope: Envelope) -> None:
        if envelope.attempt >= len(RETRY_AFTER_SECONDS):
            self._give_up(envelope)
            return
        pause = RETRY_AFTER_SECONDS[envelope.attempt]
        envelope.attempt += 1
        if pause:
            self._schedule(envelope, pause, overdue=False)
        else:
            self._attempt(envelope)

    def _schedule(self, envelope: Envelope, seconds: float, *, overdue: bool) -> None:
        due = self._clock.monotonic() + seconds
        if not self._due or due < self._due[0][0]:
            self._changed.set()
        heapq.heappush(self._due, (due, next(self._order), envelope, overdue))

    def _keep(self, envelope: Envelope) -> None:
        self._waiting.append(envelope)
        if len(self._waiting) > MOST_KEPT:
            self._give_up(self._waiting.popleft())

    def _finish(self, envelope: Envelope) -> None:
        envelope.done = True
        if envelope.go_on is not None:
            envelope.go_on()
        for envelope_id in envelope.ids:
            self._sent.pop(envelope_id, None)

    def _give_up(self, envelope: Envelope) -> None:
        self._finish(envelope)
        self.given_up += 1
        logger.warning(
            "a payload (%s) was given up: %d attempts, none acknowledged", envelope.kind, len(envelope.ids)
        )
