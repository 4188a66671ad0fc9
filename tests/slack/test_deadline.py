"""Work with a deadline that is cancelled from outside."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import Any

from pack.clock import SystemClock
from pack.slack.deadline import within


async def test_work_that_fails_while_it_is_cancelled_leaves_no_complaint() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionRefusedError

    waiting = asyncio.create_task(within(work(), 60, SystemClock()))
    await begun.wait()
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    del waiting
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
