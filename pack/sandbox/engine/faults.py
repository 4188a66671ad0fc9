"""Faults on demand, and how often each kind of request came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

KINDS = frozenset({"index", "health", "packs", "take", "result", "event", "flows", "datastore", "audit"})
"""The kinds of request that can be told apart. ``index`` is ``/`` and ``/v1``, the two that list links."""


@dataclass(slots=True)
class _Rule:
    """``times``: how many requests it still holds for; None is every one."""

    times: int | None

    def use(self) -> None:
        if self.times is not None:
            self.times -= 1

    @property
    def is_used_up(self) -> bool:
        return self.times is not None and self.times <= 0


_AnyRule = TypeVar("_AnyRule", bound=_Rule)


@dataclass(slots=True)
class Answer(_Rule):
    """An answer in place of the engine's own: the request has no effect."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass(slots=True)
class Drop(_Rule):
    """The connection breaks, before the request has an effect or after."""

    after: bool


@dataclass(slots=True)
class Delay(_Rule):
    """The request waits before anything else."""

    seconds: float


class Faults:
    """What goes wrong with the next requests of each kind.

    Rules of one kind are used up in the order in which they were given. A delay and another fault can hold
    for the same request.
    """

    def __init__(self) -> None:
        self._failures: dict[str, list[Answer | Drop]] = {}
        self._delays: dict[str, list[Delay]] = {}
        self._requests: Counter[str] = Counter()

    def answer(
        self,
        kind: str,
        *,
        status: int,
        times: int | None = 1,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer the next requests with this status; the engine does nothing for them."""
        self._failures.setdefault(_known(kind), []).append(Answer(times, status, body, headers or {}))

    def drop(self, kind: str, *, after: bool = False, times: int | None = 1) -> None:
        """Break the connection of the next requests; ``after``: when the engine did what was asked."""
        self._failures.setdefault(_known(kind), []).append(Drop(times, after))

    def delay(self, kind: str, *, seconds: float, times: int | None = None) -> None:
        """Let the next requests wait that long, by the engine's clock, before they are looked at."""
        self._delays.setdefault(_known(kind), []).append(Delay(times, seconds))

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._failures.clear()
        self._delays.clear()

    def requests(self, kind: str) -> int:
        """Return how many requests of a kind came so far, those with faults included."""
        return self._requests[_known(kind)]

    def arrive(self, kind: str) -> tuple[float, Answer | Drop | None]:
        """Count a request; return how many seconds it has to wait, and what fault it then meets."""
        self._requests[kind] += 1
        delay = _next(self._delays.get(kind))
        return delay.seconds if delay else 0.0, _next(self._failures.get(kind))


def _next(rules: list[_AnyRule] | None) -> _AnyRule | None:
    while rules:
        rule = rules[0]
        if rule.is_used_up:
            rules.pop(0)
            continue
        rule.use()
        return rule
    return None


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of request; there are {', '.join(sorted(KINDS))}")
    return kind
