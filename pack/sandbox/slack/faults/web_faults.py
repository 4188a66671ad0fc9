"""The faults of the Web API, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, TypeGuard, Unpack

from pack.sandbox.slack.faults.refusals import Quota, refuse
from pack.sandbox.trouble.failures import Cut, Drop, Garbage, Silence, garbage
from pack.sandbox.trouble.latencies import Distribution, Latency, Uniform, make_latency
from pack.sandbox.trouble.rules import EVERY, RuleBook, Scope

Json = Any


class When(TypedDict, total=False):
    """For which calls a fault is there, beside its method and its times."""

    probability: float
    for_seconds: float | None
    match: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class Delay:
    """A call lies about before anything happens."""

    latency: Latency


@dataclass(frozen=True, slots=True)
class Slowness:
    """Every call takes its time."""

    latency: Latency


def is_delay(what: object) -> TypeGuard[Delay]:
    """Tell whether something makes a call lie about."""
    return isinstance(what, Delay)


def is_slowness(what: object) -> TypeGuard[Slowness]:
    """Tell whether something makes every call take its time."""
    return isinstance(what, Slowness)


class WebFaults:
    """Faults of the calls of Web API methods."""

    _rules: RuleBook

    def answer(
        self,
        method: str,
        error: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        times: int | None = 1,
        *,
        probability: float = 1.0,
        for_seconds: float | None = None,
        match: Mapping[str, Json] | None = None,
        **details: Json,
    ) -> str:
        """Have calls refused: with an error code, an HTTP status, or 429 and ``Retry-After`` in seconds.

        ``details``: what else the answer says, such as ``needed``.
        """
        if retry_after is not None:
            status, error = status or 429, error or "ratelimited"
        if error is None and status is None:
            raise ValueError("answer needs an error, a status or retry_after")
        given = {"error": error, "status": status, "retry_after": retry_after, **details}
        failure = refuse(error, _status(status or 200), retry_after, details)
        scope = Scope(name=method, times=times, probability=probability, for_seconds=for_seconds, match=match)
        return self._rules.add("answer", failure, scope, _told(given)).id

    def refuse_tickets(
        self, times: int | None = 1, error: str = "internal_error", **when: Unpack[When]
    ) -> str:
        """Have ``apps.connections.open`` refused."""
        scope = Scope(name="apps.connections.open", times=times, **when)
        return self._rules.add("refuse_tickets", refuse(error, 200), scope, {"error": error}).id

    def storm(
        self, method: str = EVERY, retry_after: int = 1, times: int | None = None, **when: Unpack[When]
    ) -> str:
        """Have calls refused with 429, whatever the real limits: a storm, some of the time or for a while."""
        failure = refuse("ratelimited", 429, retry_after)
        scope = Scope(name=method, times=times, **when)
        return self._rules.add("storm", failure, scope, {"retry_after": retry_after}).id

    def message_limit(
        self, method: str = "chat.postMessage", times: int | None = 1, **when: Unpack[When]
    ) -> str:
        """Have posting refused with ``message_limit_exceeded``, which comes with HTTP 200."""
        failure = refuse("message_limit_exceeded", 200)
        return self._rules.add("message_limit", failure, Scope(name=method, times=times, **when)).id

    def server_error(
        self,
        method: str = EVERY,
        status: int = 503,
        times: int | None = 1,
        *,
        after: bool = False,
        **when: Unpack[When],
    ) -> str:
        """Have calls answered with 5xx and a text; ``after``: when they were carried out."""
        if not 500 <= status <= 599:
            raise ValueError("status has to be between 500 and 599")
        failure = refuse(None, status, after=after)
        scope = Scope(name=method, times=times, **when)
        return self._rules.add("server_error", failure, scope, {"status": status, "after": after}).id

    def garble(
        self,
        method: str = EVERY,
        body: Garbage = "html",
        status: int = 200,
        times: int | None = 1,
        *,
        after: bool = False,
        **when: Unpack[When],
    ) -> str:
        """Have calls answered with what is no JSON object: a page, a text, nothing, ``null``.

        ``after``: when they were carried out.
        """
        failure = garbage(body, _status(status), after=after)
        details = {"body": body, "status": status, "after": after}
        return self._rules.add("garble", failure, Scope(name=method, times=times, **when), details).id

    def truncate(
        self, method: str = EVERY, times: int | None = 1, *, promised: bool = True, **when: Unpack[When]
    ) -> str:
        """Have calls carried out and answered by half.

        ``promised``: Content-Length says more than what comes; otherwise only the JSON is cut.
        """
        scope = Scope(name=method, times=times, **when)
        return self._rules.add("truncate", Cut(promised), scope, {"promised": promised}).id

    def timeout(
        self,
        method: str = EVERY,
        times: int | None = 1,
        *,
        after: bool = False,
        lands_after: float | None = None,
        **when: Unpack[When],
    ) -> str:
        """Never answer calls, with their connections left open.

        ``after``: they were carried out at once. ``lands_after``: they are carried out so many seconds later,
        although the caller may have gone.
        """
        if after and lands_after is not None:
            raise ValueError("a call lands at once (after) or later (lands_after): give one of them")
        if lands_after is not None and lands_after < 0:
            raise ValueError("lands_after has to be zero or more")
        scope = Scope(name=method, times=times, **when)
        details = {"after": after, "lands_after": lands_after}
        return self._rules.add("timeout", Silence(after, lands_after), scope, _told(details)).id

    def drop(self, method: str, times: int | None = 1, after: bool = False, **when: Unpack[When]) -> str:
        """Break the connection before the call is carried out, or (``after=True``) in place of its answer."""
        scope = Scope(name=method, times=times, **when)
        return self._rules.add("drop", Drop(after), scope, {"after": after}).id

    def delay(self, method: str, seconds: float, times: int | None = None, **when: Unpack[When]) -> str:
        """Have calls lie about for so long before they are carried out, even when the caller goes away."""
        scope = Scope(name=method, times=times, **when)
        return self._rules.add("delay", Delay(Uniform(seconds, seconds)), scope, {"seconds": seconds}).id

    def latency(
        self,
        low_ms: float | None = None,
        high_ms: float | None = None,
        *,
        method: str = EVERY,
        distribution: Distribution = "uniform",
        median_ms: float | None = None,
        p99_ms: float | None = None,
        times: int | None = None,
        **when: Unpack[When],
    ) -> str:
        """Have every call take a time drawn by chance, in milliseconds; the latest latency of a method holds.

        ``uniform``: ``low_ms`` to ``high_ms``; ``fixed`` and ``exponential``: ``median_ms``; ``lognormal``:
        ``median_ms`` and ``p99_ms``.
        """
        latency = make_latency(
            distribution, low_ms=low_ms, high_ms=high_ms, median_ms=median_ms, p99_ms=p99_ms
        )
        scope = Scope(name=method, times=times, **when)
        for rule, _ in self._rules.of(Slowness):
            if rule.scope.name == method:
                self._rules.remove(rule.id)
        given = {"low_ms": low_ms, "high_ms": high_ms, "median_ms": median_ms, "p99_ms": p99_ms}
        details = {"distribution": distribution, **_told(given)}
        return self._rules.add("latency", Slowness(latency), scope, details).id

    def limit(self, method: str, calls: int, seconds: float = 60.0, by_channel: bool = False) -> str:
        """Keep to a rate limit: 429 and ``Retry-After`` for what is more than so many calls in that time.

        ``by_channel``: counted for each value of the argument ``channel``; posting is limited like that.
        """
        details = {"calls": calls, "seconds": seconds, "by_channel": by_channel}
        scope = Scope(name=method, times=None)
        return self._rules.add("limit", Quota(calls, seconds, by_channel), scope, details).id


def _told(details: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in details.items() if value is not None}


def _status(status: int) -> int:
    if not 200 <= status <= 599:
        raise ValueError("status has to be between 200 and 599")
    return status
