"""Rules of what goes wrong: for which requests, how often, how long, by chance; each counted."""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard, TypeVar

from pack.clock import Clock, wait_for

Json = Any

EVERY = "*"
"""The name that stands for every request; ``family.*`` stands for a family."""
_ENDED_REMEMBERED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For which requests a rule holds.

    ``name``: a request's name, a family (``chat.*``) or ``*``. ``times``: how many requests it befalls; None:
    any number. ``probability``: of each that it could befall. ``for_seconds``: how long it lives; None: until
    it is removed. ``match``: arguments that the request has to have, compared as texts.

    Raises:
        ValueError: a value makes no sense.
    """

    name: str = EVERY
    times: int | None = 1
    probability: float = 1.0
    for_seconds: float | None = None
    match: Mapping[str, Json] | None = None

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 0:
            raise ValueError("times has to be zero or more, or nothing for any number")
        if not 0 <= self.probability <= 1:
            raise ValueError("probability has to be between 0 and 1")
        if self.for_seconds is not None and not 0 < self.for_seconds < math.inf:
            raise ValueError("for_seconds has to be more than zero")

    def covers(self, name: str, arguments: Mapping[str, Json]) -> bool:
        """Tell whether it is about such a request."""
        if self.name not in (name, EVERY) and not (
            self.name.endswith(".*") and name.startswith(self.name[:-1])
        ):
            return False
        wanted = self.match or {}
        return all(key in arguments and str(arguments[key]) == str(value) for key, value in wanted.items())


@dataclass(slots=True, kw_only=True, eq=False)
class Rule:
    """One thing that goes wrong."""

    id: str
    fault: str
    """The fault's name."""
    scope: Scope
    what: object
    """What happens, as the part that carries it out understands it."""
    until: float | None
    details: Mapping[str, Json] = field(default_factory=dict)
    """What else it was told, for people."""
    undo: Callable[[], None] | None = None
    """Called once, when the rule ends."""
    left: int | None = None
    hits: int = 0
    lasting: bool = False
    """Whether it stays in force when it is used up, since what it did goes on; it strikes no more."""

    def as_json(self, now: float, *, active: bool) -> dict[str, Json]:
        """Return the rule for people: its scope, how often it struck, what is left of it."""
        return {
            "id": self.id,
            "fault": self.fault,
            "method": self.scope.name,
            "match": dict(self.scope.match or {}),
            "probability": self.scope.probability,
            "details": dict(self.details),
            "hits": self.hits,
            "times_left": self.left,
            "seconds_left": None if self.until is None else max(0.0, round(self.until - now, 3)),
            "active": active,
        }


_What = TypeVar("_What")


class RuleBook:
    """The rules in force, in the order given; those that ended are remembered for a while.

    Chance is the clock's until a seed is given: from then on the same requests in the same order meet the
    same faults. A rule whose time is over ends when the next request meets the rules; or at once, while
    :meth:`run` runs.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: list[Rule] = []
        self._ended: deque[Rule] = deque(maxlen=_ENDED_REMEMBERED)
        self._random: random.Random | None = None
        self._number = 0
        self._changed = asyncio.Event()

    def seed(self, seed: int | None) -> None:
        """Draw from a sequence of this seed from now on; None: from the clock's chance again."""
        self._random = None if seed is None else random.Random(seed)

    def draw(self) -> float:
        """Return a number in [0, 1)."""
        return self._clock.random() if self._random is None else self._random.random()

    def add(
        self,
        fault: str,
        what: object,
        scope: Scope,
        details: Mapping[str, Json] | None = None,
        undo: Callable[[], None] | None = None,
        *,
        lasting: bool = False,
    ) -> Rule:
        """Have something go wrong from now on; ``lasting``: used up, it stays in force until it is ended."""
        self._number += 1
        seconds = scope.for_seconds
        rule = Rule(
            id=f"f{self._number}",
            fault=fault,
            scope=scope,
            what=what,
            until=None if seconds is None else self._clock.monotonic() + seconds,
            details=details or {},
            undo=undo,
            left=scope.times,
            lasting=lasting,
        )
        self._rules.append(rule)
        self._changed.set()
        return rule

    def note(self, fault: str, hits: int, details: Mapping[str, Json] | None = None) -> Rule:
        """Note what went wrong at once, so many times, and is over."""
        rule = self.add(fault, None, Scope(times=0), details)
        rule.hits = hits
        self._end(rule)
        return rule

    def strike(
        self,
        is_kind: Callable[[object], TypeGuard[_What]],
        name: str,
        arguments: Mapping[str, Json],
        *,
        only_named: bool = False,
    ) -> _What | None:
        """Return the first thing of a kind that befalls a request, and count it; None: nothing does.

        ``only_named``: rules for every request do not concern this one.
        """
        if not self._rules:
            return None
        now = self._clock.monotonic()
        for rule in tuple(self._rules):
            if rule.until is not None and rule.until <= now:
                self._end(rule)
                continue
            what = rule.what
            if not is_kind(what) or not rule.scope.covers(name, arguments):
                continue
            if only_named and rule.scope.name == EVERY:
                continue
            if rule.left == 0 or (rule.scope.probability < 1 and self.draw() >= rule.scope.probability):
                continue
            self.count(rule)
            return what
        return None

    def count(self, rule: Rule) -> None:
        """Note that a rule struck; one that is used up ends, unless what it did goes on."""
        rule.hits += 1
        if rule.left is not None:
            rule.left -= 1
            if rule.left <= 0 and not rule.lasting:
                self._end(rule)

    def expire(self) -> None:
        """End the rules whose time is over."""
        now = self._clock.monotonic()
        for rule in tuple(self._rules):
            if rule.until is not None and rule.until <= now:
                self._end(rule)

    async def run(self) -> None:
        """End each rule when its time is over, until this is cancelled."""
        self._changed = asyncio.Event()
        while True:
            self._changed.clear()
            self.expire()
            ends = min((rule.until for rule in self._rules if rule.until is not None), default=None)
            if ends is None:
                await self._changed.wait()
            else:
                await wait_for(self._changed, ends - self._clock.monotonic(), self._clock)

    def of(self, kind: type[_What]) -> list[tuple[Rule, _What]]:
        """Return the rules in force of a kind, each with what it does."""
        return [(rule, rule.what) for rule in self._rules if isinstance(rule.what, kind)]

    def remove(self, rule_id: str) -> None:
        """End one rule.

        Raises:
            ValueError: none in force has this id.
        """
        for rule in self._rules:
            if rule.id == rule_id:
                self._end(rule)
                return
        ids = ", ".join(rule.id for rule in self._rules) or "none is"
        raise ValueError(f"no fault with the id {rule_id} is active; active: {ids}")

    def clear(self) -> None:
        """End every rule."""
        for rule in tuple(self._rules):
            self._end(rule)

    def listing(self) -> list[dict[str, Json]]:
        """Return all rules for people, those in force first."""
        self.expire()
        now = self._clock.monotonic()
        return [
            *(rule.as_json(now, active=True) for rule in self._rules),
            *(rule.as_json(now, active=False) for rule in reversed(self._ended)),
        ]

    def hits(self, fault: str) -> int:
        """Return how often faults of a name struck, those that ended included."""
        return sum(rule.hits for rule in (*self._rules, *self._ended) if rule.fault == fault)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _end(self, rule: Rule) -> None:
        if rule not in self._rules:
            return
        self._rules.remove(rule)
        self._ended.append(rule)
        if rule.undo is not None:
            rule.undo()
