"""Receiving: what is on its way into the store, so that its copies can wait for it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Coroutine, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Receiving(Generic[T]):
    """Tasks by what they and their copies have in common."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def wait(self, keys: Sequence[str]) -> None:
        """Wait until nothing with one of these keys is on its way."""
        while earlier := [self._tasks[key] for key in keys if key in self._tasks]:
            await asyncio.wait(earlier)

    def begin(self, keys: Sequence[str], work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Have something done, whoever stops waiting for it meanwhile."""
        task = asyncio.get_running_loop().create_task(work, name="receive")
        keys = keys or ("",)
        self._tasks.update(dict.fromkeys(keys, task))
        task.add_done_callback(functools.partial(self._end, keys))
        return task

    def _end(self, keys: Sequence[str], task: asyncio.Task[T]) -> None:
        for key in keys:
            if self._tasks.get(key) is task:
                del self._tasks[key]

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = set(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
