"""A deadline that is kept by the clock that was passed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from pack.clock import Clock

T = TypeVar("T")


async def within(work: Awaitable[T], seconds: float, clock: Clock) -> T:
    """Return what the work returns, if it does within that many seconds; otherwise cancel it.

    Raises:
        TimeoutError: it took longer. When this returns, the work has ended.
        Exception: whatever the work raises.
    """
    working = asyncio.ensure_future(work)
    working.add_done_callback(heed)
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((working, sleeping), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise TimeoutError(f"not done within {seconds:g} s")
        return working.result()
    finally:
        sleeping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait((working,))


def heed(work: asyncio.Future[Any]) -> None:
    """Look at how some work ended, so that asyncio does not complain when nobody waits for it any more."""
    if not work.cancelled():
        work.exception()
