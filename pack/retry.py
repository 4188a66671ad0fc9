"""The one retry layer: what is repeated, how long between, and when it is given up.

Errors are transient or permanent by their type (:mod:`pack.errors`); only transient ones are repeated. The
waits grow exponentially with full jitter up to a cap; a wait that the other side asked for is kept to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pack.clock import Clock
from pack.errors import TransientError

T = TypeVar("T")


FEWEST = 3
"""How many attempts are made at least, however long each of them has to wait for its time."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after the n-th failure in a row: exponential, capped, jittered.

    ``first_seconds`` is the longest wait after the first failure, ``cap_seconds`` the longest ever. The wait
    is drawn between half of that and all of it, so that many clients do not come back together.
    """

    first_seconds: float
    cap_seconds: float

    def seconds(self, failures: int, clock: Clock) -> float:
        """Return the wait after that many failures in a row (1 = the first)."""
        if failures < 1:
            return 0.0
        exponent = min(failures - 1, 30)
        ceiling = min(self.cap_seconds, self.first_seconds * 2.0**exponent)
        return ceiling * (0.5 + clock.random() / 2)


async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    backoff: Backoff,
    clock: Clock,
    give_up_after_seconds: float | None = None,
    only: type[TransientError] | tuple[type[TransientError], ...] = TransientError,
) -> T:
    """Repeat the call while it fails with a transient error and return its first answer.

    ``give_up_after_seconds`` counts from the first failure (None: never), since before it the call may have
    waited for its time. A wait that would end later is not begun, but ``FEWEST`` attempts are made at least.
    ``only`` narrows which transient errors are repeated.

    Raises:
        TransientError: the last one, when the time is over.
        Exception: whatever else the call raises, at once.
    """
    try:
        return await call()
    except only as error:
        return await _again(call, error, clock.monotonic(), backoff, clock, give_up_after_seconds, only)


async def _again(
    call: Callable[[], Awaitable[T]],
    first: TransientError,
    failed_at: float,
    backoff: Backoff,
    clock: Clock,
    give_up_after_seconds: float | None,
    only: type[TransientError] | tuple[type[TransientError], ...],
) -> T:
    """Go on after the first failure; what does it is imported now, so that no start waits for it."""
    from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_never

    failed: list[TransientError] = [first]

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, TransientError) else None
        pause = backoff.seconds(state.attempt_number, clock)
        return pause if asked is None else asked + pause * 0.1

    def stop(state: RetryCallState) -> bool:
        assert give_up_after_seconds is not None
        late = clock.monotonic() - failed_at + state.upcoming_sleep > give_up_after_seconds
        return late and (state.attempt_number >= FEWEST or state.upcoming_sleep > give_up_after_seconds)

    async def attempt() -> T:
        if failed:
            raise failed.pop()
        return await call()

    retrying = AsyncRetrying(
        sleep=clock.sleep,
        wait=wait,
        stop=stop_never if give_up_after_seconds is None else stop,
        retry=retry_if_exception_type(only),
        reraise=True,
    )
    return await retrying(attempt)
