"""Faults on demand, and what can be seen of the app's behaviour."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

from pack.clock import Clock
from pack.sandbox.slack.delivery.envelopes import Envelope
from pack.sandbox.slack.delivery.events import EventsApi
from pack.sandbox.slack.delivery.sockets import Sockets

Json = Any

EVERY_METHOD = "*"
_CALLS_REMEMBERED = 10_000


class Call(NamedTuple):
    """One call of a Web API method, as it came over the wire; its token is not kept."""

    method: str
    arguments: dict[str, Json]


@dataclass(slots=True)
class _Rule:
    method: str
    times: int | None

    def take(self, method: str) -> bool:
        """Say whether the rule holds for this call, and count it."""
        if self.method not in (method, EVERY_METHOD) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class WrongAnswer(_Rule):
    """An answer in place of the method's own; the call has no effect."""

    error: str | None
    status: int
    retry_after: float | None
    details: dict[str, Json]


@dataclass(slots=True)
class _Delay(_Rule):
    seconds: float


@dataclass(slots=True)
class _Drop(_Rule):
    after: bool


@dataclass(slots=True)
class _Limit:
    method: str
    calls: int
    seconds: float
    by_channel: bool
    seen: dict[str, deque[float]]

    def wait(self, call: Call, now: float) -> float:
        """Return how many seconds too early a call comes; 0: it is within the limit, and counted."""
        if self.method not in (call.method, EVERY_METHOD):
            return 0.0
        lane = str(call.arguments.get("channel")) if self.by_channel else ""
        times = self.seen.setdefault(lane, deque())
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.calls:
            return times[0] + self.seconds - now
        times.append(now)
        return 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go wrong with one call."""

    seconds: float
    """How long it lies about before anything happens."""
    answer: WrongAnswer | None
    drop_before: bool
    drop_after: bool


class Faults:
    """What goes wrong, and what was seen. Methods are named as in the Web API; ``"*"`` is every method.

    ``times`` None means: until :meth:`clear`. Socket faults concern the connections that are open now.
    """

    def __init__(self, clock: Clock, sockets: Sockets, events: EventsApi) -> None:
        self.calls: deque[Call] = deque(maxlen=_CALLS_REMEMBERED)
        """The latest calls, refused ones included, oldest first."""
        self.connections_accepted = 0
        """TCP connections accepted since the start."""
        self._clock = clock
        self._sockets = sockets
        self._events = events
        self._answers: list[WrongAnswer] = []
        self._delays: list[_Delay] = []
        self._drops: list[_Drop] = []
        self._limits: list[_Limit] = []
        self._latency_ms: tuple[float, float] | None = None

    # --- Web API ------------------------------------------------------------------------------------

    def answer(
        self,
        method: str,
        error: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        times: int | None = 1,
        **details: Json,
    ) -> None:
        """Have calls refused: with an error code, an HTTP status, or 429 and ``Retry-After`` in seconds."""
        if retry_after is not None:
            status, error = status or 429, error or "ratelimited"
        if error is None and status is None:
            raise ValueError("answer needs an error, a status or retry_after")
        self._answers.append(WrongAnswer(method, times, error, status or 200, retry_after, details))

    def delay(self, method: str, seconds: float, times: int | None = None) -> None:
        """Have calls lie about for so long before they are carried out, even when the caller goes away."""
        self._delays.append(_Delay(method, times, seconds))

    def drop(self, method: str, times: int | None = 1, after: bool = False) -> None:
        """Break the connection before the call is carried out, or (``after=True``) in place of its answer."""
        self._drops.append(_Drop(method, times, after))

    def latency(self, low_ms: float, high_ms: float) -> None:
        """Have every call take a time drawn by chance from this range, in milliseconds."""
        self._latency_ms = (low_ms, high_ms)

    def limit(self, method: str, calls: int, seconds: float = 60.0, by_channel: bool = False) -> None:
        """Keep to a rate limit: 429 and ``Retry-After`` for what is more than so many calls in that time.

        ``by_channel``: counted for each value of the argument ``channel``; posting is limited like that.
        """
        self._limits.append(_Limit(method, calls, seconds, by_channel, {}))

    def clear(self) -> None:
        """End every fault of the Web API, refused upgrades and repeated events."""
        self._answers.clear()
        self._delays.clear()
        self._drops.clear()
        self._limits.clear()
        self._latency_ms = None
        self._sockets.refusals = 0
        self._events.copies = 0

    def plan(self, call: Call) -> Plan:
        """Return what goes wrong with the call that is beginning."""
        method = call.method
        drop = next((rule for rule in self._drops if rule.take(method)), None)
        delay = next((rule for rule in self._delays if rule.take(method)), None)
        answer = None
        if drop is None:
            answer = next((rule for rule in self._answers if rule.take(method)), None) or self._held(call)
        seconds = delay.seconds if delay else 0.0
        if self._latency_ms is not None:
            low, high = self._latency_ms
            seconds += (low + (high - low) * self._clock.random()) / 1_000
        return Plan(
            seconds,
            answer,
            drop_before=drop is not None and not drop.after,
            drop_after=drop is not None and drop.after,
        )

    def _held(self, call: Call) -> WrongAnswer | None:
        """Return the answer to a call over a rate limit."""
        now = self._clock.monotonic()
        wait = max((limit.wait(call, now) for limit in self._limits), default=0.0)
        if wait <= 0:
            return None
        return WrongAnswer(call.method, 1, "ratelimited", 429, math.ceil(wait), {})

    # --- Socket Mode and events ---------------------------------------------------------------------

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send every open socket a ``disconnect`` frame: warning, refresh_requested and so on."""
        self._sockets.disconnect(reason)

    def go_silent(self) -> None:
        """Leave the open sockets open but dead: no frames, pings or pongs; payloads sent there are lost."""
        self._sockets.go_silent()

    def close_sockets(self, abrupt: bool = False) -> None:
        """Close the open sockets; ``abrupt``: without a close frame."""
        self._sockets.close(abrupt=abrupt)

    def refuse_upgrade(self, times: int = 1) -> None:
        """Have the next WebSocket upgrades refused with 503; their tickets are not used up."""
        self._sockets.refusals += times

    def refuse_tickets(self, times: int | None = 1, error: str = "internal_error") -> None:
        """Have ``apps.connections.open`` refused."""
        self.answer("apps.connections.open", error=error, times=times)

    def repeat_events(self, copies: int = 1) -> None:
        """Have every event followed by copies, each with an event_id of its own and no mark of a retry."""
        self._events.copies = copies

    # --- what was seen ------------------------------------------------------------------------------

    def calls_of(self, method: str) -> list[dict[str, Json]]:
        """Return the arguments of each call of a method, oldest first."""
        return [call.arguments for call in self.calls if call.method == method]

    @property
    def open_sockets(self) -> int:
        """How many sockets are open."""
        return len(self._sockets.connections)

    @property
    def unacknowledged(self) -> list[Envelope]:
        """The payloads that the app has not acknowledged, those that wait for a socket included."""
        return self._sockets.envelopes.unacknowledged
