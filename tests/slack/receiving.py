"""A Socket Mode receiver that runs against the scripted Slack, with an intake that does what a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from pack.clock import SystemClock
from pack.contracts.ports import Inbound
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from tests.clock import FakeClock
from tests.slack.socket_peer import ScriptedSlack


class Intake:
    """Keeps what it is given, or does what the test says."""

    def __init__(self) -> None:
        self.gaps = 0
        """How often a payload may not have come in."""
        self.seen: list[Inbound] = []
        self.full = False
        self.refusals = 0
        """So many payloads find no room."""
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def accept(self, inbound: Inbound) -> bool:
        self.seen.append(inbound)
        await self.open.wait()
        if self.error is not None:
            raise self.error
        if self.refusals > 0:
            self.refusals -= 1
            return False
        return not self.full

    def gap(self) -> None:
        self.gaps += 1

    @property
    def event_ids(self) -> list[str]:
        return [inbound.payload["event_id"] for inbound in self.seen]


@asynccontextmanager
async def receiving(
    slack: ScriptedSlack,
    intake: Intake,
    clock: FakeClock | SystemClock,
    tuning: SocketTuning | None = None,
    *,
    connections: int = 1,
) -> AsyncIterator[SocketModeReceiver]:
    """Run a receiver against the scripted Slack until the block ends."""
    async with aiohttp.ClientSession() as session:
        receiver = SocketModeReceiver(
            open_ticket=slack.open_ticket,
            session=session,
            accept=intake.accept,
            clock=clock,
            connections=connections,
            on_gap=intake.gap,
            tuning=tuning or SocketTuning(),
        )
        running = asyncio.create_task(receiver.run())
        try:
            yield receiver
        finally:
            running.cancel()
            await asyncio.wait((running,))
            assert running.cancelled()
