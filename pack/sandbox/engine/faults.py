"""Faults on demand, and how often each kind of request came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, Unpack

from aiohttp import web

from pack.clock import Clock
from pack.sandbox.engine.answers import Refused, path_part, refusal
from pack.sandbox.engine.pack_faults import PackFaults, When
from pack.sandbox.trouble.failures import (
    Cut,
    Drop,
    Encounter,
    Garbage,
    Silence,
    WrongAnswer,
    garbage,
    is_failure,
)
from pack.sandbox.trouble.faultiness import Faultiness
from pack.sandbox.trouble.latencies import Distribution, Latency, Uniform, make_latency
from pack.sandbox.trouble.listening import Door
from pack.sandbox.trouble.rules import EVERY, RuleBook, Scope

Json = Any

KINDS = frozenset({"index", "health", "packs", "take", "result", "event", "flows", "datastore", "audit"})
"""The kinds of request that can be told apart. ``index`` is ``/`` and ``/v1``, the two that list links."""


class Faults(Faultiness, PackFaults):
    """What goes wrong with the requests of each kind (:data:`KINDS`, or ``*``).

    ``times``: how many requests; None: any number, until :meth:`clear`. ``probability``: of each that it
    could befall. ``for_seconds``: how long the fault is there. A fault's method returns its id. Of several
    faults that stop a request, the first one given strikes; delay and latency come on top.

    ``forget`` makes the engine forget a pack by its id; ``waits`` says whether an action waits for one.
    """

    def __init__(
        self,
        clock: Clock,
        door: Door,
        forget: Callable[[str], object],
        waits: Callable[[str], bool],
    ) -> None:
        super().__init__(RuleBook(clock))
        self._clock = clock
        self._door = door
        self._forget = forget
        self._waits = waits
        self._requests: Counter[str] = Counter()

    # --- faults of any request ----------------------------------------------------------------------

    def answer(
        self,
        kind: str,
        *,
        status: int,
        times: int | None = 1,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **when: Unpack[When],
    ) -> str:
        """Answer requests with this status; the engine does nothing for them."""
        failure = WrongAnswer(status, body, headers or {})
        return self._add("answer", kind, failure, times, when, {"status": status})

    def drop(self, kind: str, *, after: bool = False, times: int | None = 1, **when: Unpack[When]) -> str:
        """Break the connection of requests; ``after``: when the engine did what was asked."""
        return self._add("drop", kind, Drop(after), times, when, {"after": after})

    def timeout(
        self,
        kind: str = EVERY,
        *,
        after: bool = False,
        lands_after: float | None = None,
        times: int | None = 1,
        **when: Unpack[When],
    ) -> str:
        """Never answer requests, with their connections left open.

        ``after``: the engine did at once what was asked. ``lands_after``: it does it so many seconds later.
        """
        if after and lands_after is not None:
            raise ValueError("a request lands at once (after) or later (lands_after): give one of them")
        details = {"after": after, "lands_after": lands_after}
        return self._add("timeout", kind, Silence(after, lands_after), times, when, details)

    def garble(
        self,
        kind: str = EVERY,
        *,
        body: Garbage = "html",
        status: int = 200,
        after: bool = False,
        times: int | None = 1,
        **when: Unpack[When],
    ) -> str:
        """Answer requests with what is no JSON object; ``after``: when the engine did what was asked."""
        details = {"body": body, "status": status, "after": after}
        return self._add("garble", kind, garbage(body, status, after=after), times, when, details)

    def truncate(
        self, kind: str = EVERY, *, promised: bool = True, times: int | None = 1, **when: Unpack[When]
    ) -> str:
        """Do what is asked and answer by half; ``promised``: Content-Length says more than what comes."""
        return self._add("truncate", kind, Cut(promised), times, when, {"promised": promised})

    def delay(self, kind: str, *, seconds: float, times: int | None = None, **when: Unpack[When]) -> str:
        """Let requests wait that long, by the engine's clock, before they are looked at."""
        return self._add("delay", kind, _Slow(Uniform(seconds, seconds)), times, when, {"seconds": seconds})

    def slow(
        self,
        kind: str = EVERY,
        *,
        distribution: Distribution = "uniform",
        low_ms: float | None = None,
        high_ms: float | None = None,
        median_ms: float | None = None,
        p99_ms: float | None = None,
        times: int | None = None,
        **when: Unpack[When],
    ) -> str:
        """Let requests take a time drawn by chance; see :func:`.latencies.make_latency`."""
        given = {"low_ms": low_ms, "high_ms": high_ms, "median_ms": median_ms, "p99_ms": p99_ms}
        latency = make_latency(distribution, **given)
        return self._add("slow", kind, _Slow(latency), times, when, {"distribution": distribution, **given})

    def down(self, for_seconds: float | None = None) -> str:
        """Refuse every new connection (``ECONNREFUSED``), until told otherwise or for so many seconds.

        Nobody can call it back over HTTP meanwhile.

        Raises:
            ValueError: the engine does not run.
        """
        for rule, _ in self._rules.of(_Down):
            self._rules.remove(rule.id)
        self._door.refuse(for_seconds, self._clock)
        scope = Scope(times=None, for_seconds=for_seconds)
        return self._rules.add("down", _Down(), scope, undo=self._door.admit).id

    # --- what happens to a request -------------------------------------------------------------------

    def requests(self, kind: str) -> int:
        """Return how many requests of a kind came so far, those with faults included."""
        return self._requests[_known(kind)]

    async def meet(
        self, kind: str, request: web.Request, carry_out: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Count a request, and carry it out with everything that goes wrong with it."""
        self._requests[kind] += 1
        if not self._rules:
            return await carry_out()
        about = {"waiting": self._waits(path_part(request, 2))} if kind == "take" else {}
        slow = self._rules.strike(_is_slow, kind, about)
        failure = self._rules.strike(is_failure, kind, about)
        if slow is not None:
            await self._clock.sleep(slow.latency.seconds(self._rules.draw()))
        if failure is None:
            return await carry_out()
        await request.read()  # it may be carried out when the caller has gone

        async def answer() -> web.StreamResponse:
            try:
                return await carry_out()
            except Refused as refused:
                return refusal(refused)

        return await failure.befall(Encounter(request, answer, self._clock, self._released))

    def _add(
        self,
        fault: str,
        kind: str,
        what: object,
        times: int | None,
        when: When,
        details: Mapping[str, Json],
        match: Mapping[str, Json] | None = None,
    ) -> str:
        name = kind if kind == EVERY else _known(kind)
        scope = Scope(name=name, times=times, match=match, **when)
        told = {key: value for key, value in details.items() if value is not None}
        return self._rules.add(fault, what, scope, told).id


@dataclass(frozen=True, slots=True)
class _Slow:
    latency: Latency


class _Down:
    pass


def _is_slow(what: object) -> TypeGuard[_Slow]:
    return isinstance(what, _Slow)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of request; there are {', '.join(sorted(KINDS))}")
    return kind
