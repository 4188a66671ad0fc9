"""Journals for tests: opened in a directory, retried often, and the records that are put in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pack.clock import Clock
from pack.contracts.ports import Action, Event
from pack.contracts.storing import Arrival
from pack.state.journal import Journal
from tests.clock import FakeClock

RESULT = Event("MessageSent", {"ts": "1.000001"})


def make(
    directory: Path,
    clock: Clock | None = None,
    *,
    on_commit: Callable[[str, Sequence[str]], None] | None = None,
) -> Journal:
    return Journal(
        directory,
        clock=clock or FakeClock(),
        owner="here",
        keep_days=7,
        key_hours=25,
        on_commit=on_commit,
        retry_seconds=0.03,
    )


@asynccontextmanager
async def opened(directory: Path, clock: Clock | None = None) -> AsyncIterator[Journal]:
    journal = make(directory, clock)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()


def action(name: str, **given: object) -> Action:
    return Action(name, "SendMessage", {"channel": "C1", **given}, f"https://engine/{name}")


def arrival(key: str, *, thread: str = "") -> Arrival:
    return Arrival((key,), "C1", {"type": "message", "text": key, "ts": "5.0"}, thread)


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so that the writer's thread does."""
    for _ in range(2000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come about")


def beside(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.glob(pattern))
