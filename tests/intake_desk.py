"""An intake with its outbox on a scripted engine: what is accepted, kept and told, across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pack.clock import Clock, SystemClock
from pack.commands.catalogue import pack_spec
from pack.contracts.ports import Action, Event, Identity, Inbound, PayloadKind
from pack.contracts.storing import (
    ActiveThread,
    Arrival,
    Effect,
    Receipt,
    Record,
    Store,
    Untold,
    Waiting,
    Watermark,
)
from pack.delivery.engine_link import EngineLink
from pack.delivery.outbox import Outbox
from pack.engine.flyte import FlyteEngine, open_session
from pack.intake import Intake
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership
from pack.slack.users import UserDirectory
from pack.state.backup import MemoryBackup
from pack.state.journal import Journal
from tests.peers import ScriptedEngine

ME = Identity(team_id="T1", team="Team", user_id="UPACK", bot_id="BPACK")


class People:
    """A Slack that knows everybody, and answers at once or when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()

    async def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        await self.open.wait()
        return {"ok": True, "user": {"id": arguments.get("user"), "name": "somebody"}}

    def date(self) -> float:
        return 1_700_000_000.0


class Delegate:
    """A store that leaves all to another one; to be overridden where a test wants something else."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.calls: list[str] = []

    @property
    def problem(self) -> str:
        return self.inner.problem

    @property
    def survives(self) -> bool:
        return self.inner.survives

    @property
    def blind_until(self) -> float:
        return self.inner.blind_until

    async def begin(self, action: Action, order_key: str, *, suspect_since: float | None = None) -> bool:
        return await self.inner.begin(action, order_key, suspect_since=suspect_since)

    async def load(self, action_id: str) -> Record | None:
        self.calls.append("load")
        return await self.inner.load(action_id)

    async def known(self, action_ids: Collection[str]) -> set[str]:
        return await self.inner.known(action_ids)

    async def unfinished(self) -> Sequence[Waiting]:
        return await self.inner.unfinished()

    async def unreported(self) -> Sequence[Waiting]:
        return await self.inner.unreported()

    async def save_effect(self, effect: Effect) -> None:
        await self.inner.save_effect(effect)

    def note_effect(self, effect: Effect) -> None:
        self.inner.note_effect(effect)

    async def finish(self, action_id: str, result: Event, *, failed: bool) -> None:
        self.calls.append("finish")
        await self.inner.finish(action_id, result, failed=failed)

    def note_reported(self, action_id: str) -> None:
        self.calls.append("reported")
        self.inner.note_reported(action_id)

    async def set_aside(self, action_id: str, reason: str) -> None:
        await self.inner.set_aside(action_id, reason)

    async def receive(self, arrival: Arrival, *, telling: bool = False) -> tuple[Receipt, int]:
        self.calls.append("receive and telling" if telling else "receive")
        return await self.inner.receive(arrival, telling=telling)

    async def save_telling(self, arrival_id: int) -> None:
        self.calls.append("telling")
        await self.inner.save_telling(arrival_id)

    def note_told(self, arrival_id: int) -> None:
        self.calls.append("told")
        self.inner.note_told(arrival_id)

    async def untold(self) -> Sequence[Untold]:
        return await self.inner.untold()

    async def watch(self, channel: str, since: float) -> None:
        await self.inner.watch(channel, since)

    async def unwatch(self, channel: str) -> None:
        await self.inner.unwatch(channel)

    def note_watermarks(self, channels: Collection[str], since: float) -> None:
        self.inner.note_watermarks(channels, since)

    async def watermarks(self) -> Sequence[Watermark]:
        return await self.inner.watermarks()

    async def active_threads(self, since: float) -> Sequence[ActiveThread]:
        return await self.inner.active_threads(since)


@dataclass
class Desk:
    """What a test sees of one run of the intake."""

    peer: ScriptedEngine
    people: People
    link: EngineLink
    outbox: Outbox
    intake: Intake
    channels: ChannelDirectory
    gaps: list[None]

    async def offer(self, event: Mapping[str, Any], *, event_id: str = "", attempt: int = 0) -> bool:
        payload = {"event": dict(event)} | ({"event_id": event_id} if event_id else {})
        return await self.intake.accept(Inbound(PayloadKind.EVENTS_API, payload, attempt))

    @property
    def told(self) -> list[str]:
        """The texts that the engine was told, with the marks that they bore."""
        marks = ("recovered", "redelivered")
        return [
            " ".join([one.payload["message"], *(mark for mark in marks if mark in one.payload)])
            for one in self.peer.events
        ]

    async def all_told(self) -> list[str]:
        """Wait until nothing is on its way; return what was told."""
        await self.until(lambda: not self.outbox.waiting and self.intake.status().status.startswith("0 "))
        return self.told

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the condition is in another task or server
                await asyncio.sleep(0.002)

    async def abandon(self) -> None:
        """End as a killed process does: nothing more is said to anybody."""
        await self.intake.close()
        await self.outbox.close()


def said(text: str, ts: str, channel: str = "C1", **more: Any) -> dict[str, Any]:
    """Return a message as Slack's history has it; live it bears ``event_ts`` too."""
    return {"type": "message", "channel": channel, "user": "U1", "text": text, "ts": ts, **more}


@asynccontextmanager
async def open_desk(
    peer: ScriptedEngine, store: Store, *, clock: Clock | None = None, register: bool = True, **more: Any
) -> AsyncIterator[Desk]:
    """Put an intake and an outbox together as the pack does; the engine is the test's."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session(timeout_seconds=5))
        engine = FlyteEngine(
            base_url=peer.url, pack=pack_spec("Slack", {}), session=session, jwt=None, timeout_seconds=5
        )
        link, people, gaps = EngineLink(engine, clock), People(), list[None]()
        outbox = Outbox(link=link, store=store, clock=clock)
        channels = ChannelDirectory(slack=people, clock=clock, renew_seconds=3600)
        membership = Membership(slack=people, directory=channels, wanted=MemoryBackup(""), clock=clock)
        intake = Intake(
            identity=ME,
            store=store,
            outbox=outbox,
            users=UserDirectory(slack=people, clock=clock),
            channels=channels,
            membership=membership,
            clock=clock,
            on_gap=lambda: gaps.append(None),
            **more,
        )
        desk = Desk(peer, people, link, outbox, intake, channels, gaps)
        stack.push_async_callback(desk.abandon)
        if register:
            await link.register()
        yield desk


@asynccontextmanager
async def open_journal(directory: Path) -> AsyncIterator[Journal]:
    """Open the journal in a directory."""
    journal = Journal(directory, clock=SystemClock(), owner="test", keep_days=7, key_hours=25)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()
