"""Failures that speak as Slack does, and rate limits that a test sets itself."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pack.sandbox.slack.coding import encode
from pack.sandbox.slack.faults.calls import Call
from pack.sandbox.slack.world.grants import Grant
from pack.sandbox.trouble.failures import WrongAnswer

Json = Any

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def refuse(
    error: str | None,
    status: int,
    retry_after: float | None = None,
    details: Mapping[str, Json] | None = None,
    *,
    after: bool = False,
) -> WrongAnswer:
    """Return Slack's refusal with this code; ``error`` None: an answer of this status that is no JSON."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    if error is None:
        return WrongAnswer(status, b"the sandbox was told to fail", {**_TEXT, **headers}, after)
    body = {"ok": False, "error": error, **(details or {})}
    return WrongAnswer(status, encode(body), {**_JSON, **headers}, after)


@dataclass(slots=True)
class Quota:
    """A rate limit of a test's own: so many calls within the last seconds."""

    calls: int
    seconds: float
    by_channel: bool
    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def wait(self, call: Call, now: float) -> float:
        """Return how many seconds too early a call comes; 0: it is within the limit, and counted."""
        lane = str(call.arguments.get("channel")) if self.by_channel else ""
        times = self._seen.setdefault(lane, deque())
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.calls:
            return times[0] + self.seconds - now if times else self.seconds
        times.append(now)
        return 0.0


def over_quota(wait: float) -> WrongAnswer:
    """Return the answer to a call that comes so many of the caller's seconds too early."""
    return refuse("ratelimited", 429, max(1, math.ceil(wait)))


@dataclass(frozen=True, slots=True, eq=False)
class TokenTrouble:
    """A token that is worth less than it was."""

    grant: Grant
    refusal: str = ""
    """The code that it is answered with; empty: it holds."""
    lost: frozenset[str] = frozenset()
    """The scopes that it lost."""


def spoil(trouble: TokenTrouble) -> None:
    """Take from the token what it is to lose."""
    if trouble.refusal:
        trouble.grant.refusal = trouble.refusal
    trouble.grant.scopes -= trouble.lost


def restore(trouble: TokenTrouble) -> None:
    """Give the token back what it lost."""
    if trouble.refusal and trouble.grant.refusal == trouble.refusal:
        trouble.grant.refusal = ""
    trouble.grant.scopes |= trouble.lost
