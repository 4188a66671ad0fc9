"""A journal with a past, a simulated Slack and a scripted engine, and replays of it in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pack.clock import Clock
from pack.commands import catalogue
from pack.delivery.pace import Pace
from pack.engine.flyte import FlyteEngine, open_session
from pack.operation.claims import Claims, open_claims
from pack.operation.emitting import Emitter
from pack.operation.entries import Entry, find_entry
from pack.operation.opening import read
from pack.operation.outcome import Outcome
from pack.operation.replay import Tools, replay
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory
from pack.slack.web import SlackWeb
from tests.clock import FakeClock
from tests.operation.journals import Past, write
from tests.peers import ScriptedEngine
from tests.slack.web_client import open_web

POST = "chat.postMessage"


@dataclass
class Stage:
    """What a replay works with, and a look at what it did."""

    directory: Path
    slack: SimulatedSlack
    web: SlackWeb
    engine: ScriptedEngine
    emitter: Emitter
    claims: Claims
    clock: Clock = field(default_factory=lambda: FakeClock(jump=True))

    def id_of(self, name: str) -> str:
        return self.slack.workspace.channel(name).id

    def past(self, *pasts: Past) -> None:
        write(self.directory, *pasts)

    async def replay(
        self, action_id: str = "f1", *, emit: bool = False, claims: Claims | None = None
    ) -> Outcome:
        tools = Tools(
            claims=claims or self.claims,
            slack=self.web,
            pace=Pace(self.clock),
            clock=self.clock,
            directory=ChannelDirectory(slack=self.web, clock=self.clock, renew_seconds=3600),
            settling_seconds=10,
            emitter=self.emitter if emit else None,
        )
        return await replay(action_id, tools)

    def entry(self, action_id: str = "f1") -> Entry:
        entry = read(self.claims.path, lambda connection: find_entry(connection, action_id))
        assert entry
        return entry

    def said(self, channel: str = "general") -> list[str]:
        """Return what the bot said there, oldest first."""
        messages = self.slack.workspace.messages(channel)
        return [one.text for one in messages if one.user == self.slack.bot_user_id and one.subtype is None]

    def calls(self, method: str = POST) -> list[dict[str, Any]]:
        return self.slack.faults.calls_of(method)


@asynccontextmanager
async def open_stage(directory: Path) -> AsyncIterator[Stage]:
    """Open a Slack in whose channels general and random the bot is, and an empty journal."""
    slack, engine, clock = SimulatedSlack(), await ScriptedEngine().start(), FakeClock(jump=True)
    path = write(directory)
    try:
        async with (
            slack,
            open_web(slack, timeout_seconds=0.5) as web,
            open_session(timeout_seconds=5) as session,
        ):
            for name in ("general", "random"):
                slack.workspace.invite_bot(name)
            await web.call("auth.test", {})
            spec = catalogue.pack_spec("Slack", {})
            flyte = FlyteEngine(base_url=engine.url, pack=spec, session=session, jwt=None, timeout_seconds=5)
            emitter = Emitter(flyte, clock)
            await emitter.prepare()
            with open_claims(path, clock) as claims:
                yield Stage(directory, slack, web, engine, emitter, claims, clock)
    finally:
        await engine.stop()
