"""Faults on demand, and what can be seen of the app's behaviour."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from pack.sandbox.slack.delivery.disturbances import Disturbances
from pack.sandbox.slack.delivery.envelopes import Envelope
from pack.sandbox.slack.delivery.sockets import Sockets
from pack.sandbox.slack.faults.calls import Call
from pack.sandbox.slack.faults.refusals import Quota, TokenTrouble, over_quota
from pack.sandbox.slack.faults.surroundings import Skewed, Surroundings
from pack.sandbox.slack.faults.web_faults import WebFaults, is_delay, is_slowness
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.grants import Grants
from pack.sandbox.trouble.failures import Drop, Encounter, Failure, is_failure
from pack.sandbox.trouble.faultiness import Faultiness
from pack.sandbox.trouble.latencies import Latency
from pack.sandbox.trouble.listening import Door
from pack.sandbox.trouble.rules import RuleBook

Json = Any

_CALLS_REMEMBERED = 10_000


class Faults(Faultiness, WebFaults, Surroundings):
    """What goes wrong, and what was seen.

    ``method``: a name of the Web API, a family (``chat.*``), ``upload`` (to the address of
    ``files.getUploadURLExternal``), ``response_url`` or ``*``. ``times``: how many calls; None: any
    number, until :meth:`clear`. ``probability``: of each call that it could befall. ``for_seconds``: how long
    the fault is there, by Slack's clock. ``match``: arguments that a call has to have. A fault's method
    returns its id. Of several faults that stop a call, the first one given strikes; delay and latency come on
    top.
    """

    def __init__(
        self,
        clock: SlackClock,
        grants: Grants,
        sockets: Sockets,
        deliveries: Disturbances,
        door: Door,
        rules: RuleBook,
    ) -> None:
        super().__init__(rules)
        self.deliveries = deliveries
        """Faults of single deliveries: lost, late, doubled, shuffled, unheard."""
        self.calls: deque[Call] = deque(maxlen=_CALLS_REMEMBERED)
        """The latest calls, refused ones included, oldest first."""
        self._clock = clock
        self._grants = grants
        self._sockets = sockets
        self._door = door

    # --- what happens to a call ---------------------------------------------------------------------

    async def meet(
        self,
        call: Call,
        token: str | None,
        request: web.Request,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Carry out a call by ``answer``, with everything that goes wrong with it."""
        self.calls.append(call)
        if not self._rules:
            return await answer()
        failure, seconds = self._plan(call, token)
        if seconds > 0:
            await self._clock.sleep(seconds)
        if failure is None:
            return await answer()
        return await failure.befall(Encounter(request, answer, self._clock, self._released))

    def _plan(self, call: Call, token: str | None) -> tuple[Failure | None, float]:
        """Return what stops the call, and how many seconds it lies about before."""
        self._rules.expire()
        for rule, _ in self._rules.of(Skewed):
            self._rules.count(rule)
        for rule, trouble in self._rules.of(TokenTrouble):
            if trouble.grant.token == token:
                self._rules.count(rule)
        seconds = sum(latency.seconds(self._rules.draw()) for latency in self._latencies(call))
        failure = self._rules.strike(is_failure, *call)
        if not isinstance(failure, Drop):
            failure = failure or self._held(call)
        return failure, seconds

    def _latencies(self, call: Call) -> list[Latency]:
        found = (self._rules.strike(is_delay, *call), self._rules.strike(is_slowness, *call))
        return [one.latency for one in found if one is not None]

    def _held(self, call: Call) -> Failure | None:
        """Return the answer to a call over a rate limit that a test set."""
        now = self._clock.monotonic()
        concerned = [(rule, quota) for rule, quota in self._rules.of(Quota) if rule.scope.covers(*call)]
        waits = {rule: quota.wait(call, now) for rule, quota in concerned}
        wait = max(waits.values(), default=0.0)
        if wait <= 0:
            return None
        for rule, seconds in waits.items():
            rule.hits += seconds > 0
        return over_quota(self._clock.callers_seconds(wait))

    # --- what was seen ------------------------------------------------------------------------------

    def calls_of(self, method: str) -> list[dict[str, Json]]:
        """Return the arguments of each call of a method, oldest first."""
        return [call.arguments for call in self.calls if call.method == method]

    @property
    def connections_accepted(self) -> int:
        """TCP connections accepted since the start."""
        return self._door.connections_accepted

    @property
    def open_sockets(self) -> int:
        """How many sockets are open."""
        return len(self._sockets.connections)

    @property
    def unacknowledged(self) -> list[Envelope]:
        """The payloads that the app has not acknowledged, those that wait for a socket included."""
        return self._sockets.envelopes.unacknowledged
