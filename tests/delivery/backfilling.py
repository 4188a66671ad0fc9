"""A part of the pack that receives and backfills, on a simulated Slack, with an intake that keeps a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from pack.clock import SystemClock
from pack.contracts.ports import Identity, Inbound
from pack.contracts.storing import Arrival, Receipt, Store
from pack.delivery.backfill import Backfill, BackfillTuning
from pack.observations import by_pack, copies_of, is_new_message
from pack.retry import Backoff
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership
from pack.slack.socket_mode import SocketModeReceiver, SocketTuning
from pack.slack.web import SlackWeb, open_session
from pack.state.backup import MemoryBackup

PATIENCE_SECONDS = 8.0

QUICK_SOCKETS = SocketTuning(
    ping_seconds=0.1,
    silence_seconds=0.3,
    retire_seconds=0.3,
    steady_seconds=0.0,
    backoff=Backoff(first_seconds=0.02, cap_seconds=0.1),
)
QUICK = BackfillTuning(
    heartbeat_seconds=0.02,
    overlap_seconds=2.0,
    pause_seconds=3600.0,
    poll_seconds=0.01,
    calm_seconds=0.02,
    backoff=Backoff(first_seconds=0.02, cap_seconds=0.05),
)


class Told:
    """Keeps what was told, each message once, live or recovered; what the intake of the pack does."""

    def __init__(self, store: Store, identity: Identity) -> None:
        self.live: list[str] = []
        self.recovered: list[str] = []
        self.offered: list[str] = []
        """The texts that were read from history, copies included."""
        self.refuses = 0
        """So many payloads are refused."""
        self.stop_after: int | None = None
        """After so many recovered messages nothing more is taken."""
        self.on_invited: Callable[[str, float], Any] = lambda *_: None
        self.on_offered: Callable[[], None] = lambda: None
        self._store = store
        self._identity = identity

    @property
    def texts(self) -> list[str]:
        return self.live + self.recovered

    async def accept(self, inbound: Inbound) -> bool:
        event = inbound.payload["event"]
        if self.refuses > 0 and is_new_message(event):
            self.refuses -= 1
            return False
        if event["type"] == "member_joined_channel" and event["user"] == self._identity.user_id:
            await self.on_invited(event["channel"], float(event["event_ts"]))
        if await self._is_news(event):
            self.live.append(event["text"])
        return True

    async def accept_recovered(self, channel: str, message: Mapping[str, Any]) -> bool:
        self.offered.append(message["text"])
        self.on_offered()
        if self.stop_after is not None and len(self.recovered) >= self.stop_after:
            await asyncio.Event().wait()
        news = await self._is_news({**message, "channel": channel, "type": "message"})
        if news:
            self.recovered.append(message["text"])
        return news

    async def _is_news(self, event: Mapping[str, Any]) -> bool:
        if not is_new_message(event) or by_pack(event, self._identity):
            return False
        arrival = Arrival(copies_of({}, event), event["channel"], event, event.get("thread_ts", ""))
        receipt, number = await self._store.receive(arrival)
        if receipt is Receipt.KEPT:
            self._store.note_told(number)
        return receipt is not Receipt.COPY


@dataclass
class Stage:
    """What runs."""

    slack: SimulatedSlack
    store: Store
    told: Told
    membership: Membership
    receiver: SocketModeReceiver
    backfill: Backfill
    running: list[asyncio.Task[None]] = field(default_factory=list)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                for task in self.running:
                    if task.done() and not task.cancelled():
                        task.result()
                await asyncio.sleep(0.005)

    async def caught_up(self) -> None:
        """Wait until payloads come in and nothing has to be read."""
        await self.until(lambda: self.receiver.status().ready and self.backfill.waiting == 0)

    async def watched(self, *names: str) -> None:
        """Wait until these channels have watermarks."""
        wanted = {self.slack.workspace.channel(name).id for name in names}
        await self.marked(lambda channels: wanted <= channels)

    async def marked(self, condition: Callable[[set[str]], bool]) -> None:
        """Wait until the channels that have watermarks are as the condition says."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if condition({mark.channel for mark in await self.store.watermarks()}):
                    return
                await asyncio.sleep(0.005)


@asynccontextmanager
async def backfilling(
    slack: SimulatedSlack,
    store: Store,
    *,
    hours: float = 24,
    tuning: BackfillTuning = QUICK,
    connections: int = 1,
    stop_after: int | None = None,
) -> AsyncIterator[Stage]:
    """Receive and backfill until the block ends."""
    clock = SystemClock()
    async with open_session(5) as session:
        web = SlackWeb(token=SecretStr(slack.bot_token), api_url=slack.api_url, session=session)
        tickets = SlackWeb(token=SecretStr(slack.app_token), api_url=slack.api_url, session=session)
        identity = await web.identify()
        directory = ChannelDirectory(slack=web, clock=clock, renew_seconds=3600)
        membership = Membership(slack=web, directory=directory, wanted=MemoryBackup("a test's"), clock=clock)
        told = Told(store, identity)
        told.on_invited = membership.invited
        told.stop_after = stop_after
        receiver = SocketModeReceiver(
            open_ticket=tickets.open_ticket,
            session=session,
            accept=told.accept,
            clock=clock,
            connections=connections,
            on_gap=lambda: backfill.gap(),
            tuning=QUICK_SOCKETS,
        )
        backfill = Backfill(
            store=store,
            ask=web.call,
            accept=told.accept_recovered,
            receiving=lambda: receiver.status().ready,
            joined=lambda: membership.joined,
            find_channels=membership.find_again,
            slack_date=web.date,
            clock=clock,
            hours=hours,
            user_id=identity.user_id,
            tuning=tuning,
        )
        membership.on_joined, membership.on_left = backfill.joined, backfill.left
        stage = Stage(slack, store, told, membership, receiver, backfill)
        work = (receiver.run(), membership.settle(()), backfill.run())
        stage.running = [asyncio.create_task(one) for one in work]
        try:
            yield stage
        finally:
            for task in stage.running:
                task.cancel()
            await asyncio.wait(stage.running)
