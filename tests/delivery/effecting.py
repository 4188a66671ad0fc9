"""Effects on a simulated Slack, with a store in memory: what tests of the guarantees use."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pack.clock import Clock
from pack.contracts.ports import Action
from pack.contracts.storing import Effect, EffectState
from pack.delivery.effects import Effects, EffectTuning, Undertaking
from pack.delivery.outcomes import ByMetadata, OutcomeCheck
from pack.delivery.pace import Pace
from pack.sandbox.slack import SimulatedSlack
from pack.slack.channels import ChannelDirectory
from pack.slack.web import SlackWeb
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.slack.web_client import open_web

POST = "chat.postMessage"
HISTORY = "conversations.history"
REPLIES = "conversations.replies"


@dataclass
class Rig:
    """Effects, what they work on, and what they work with."""

    slack: SimulatedSlack
    web: SlackWeb
    clock: Clock
    store: MemoryStore
    tuning: EffectTuning
    effects: Effects = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.restart()

    def restart(self, **tuning: Any) -> Effects:
        """Begin as a new process would; the store is as it was."""
        if tuning:
            self.tuning = EffectTuning(**tuning)
        directory = ChannelDirectory(slack=self.web, clock=self.clock, renew_seconds=3600)
        self.effects = Effects(
            slack=self.web,
            store=self.store,
            pace=Pace(self.clock),
            clock=self.clock,
            tuning=self.tuning,
            find_channel=directory.find,
        )
        return self.effects

    def id_of(self, name: str) -> str:
        return self.slack.workspace.channel(name).id

    async def begin(self, check: OutcomeCheck | None = None, **more: Any) -> Undertaking:
        """Take an action."""
        action = Action(f"action{next(self._numbers)}", "Test", {}, "")
        await self.store.begin(action, "")
        record = await self.store.load(action.id)
        assert record
        return Undertaking(action.id, check=check or ByMetadata(), taken_at=record.taken_at, **more)

    async def resume(self, undertaking: Undertaking) -> Undertaking:
        """Read an action from the store, as a new process does."""
        record = await self.store.load(undertaking.action_id)
        assert record
        return Undertaking(
            undertaking.action_id,
            effects=dict(record.effects),
            suspect_since=record.suspect_since,
            check=undertaking.check,
            taken_at=record.taken_at,
        )

    async def effect_of(self, undertaking: Undertaking, step: str = "post") -> Effect:
        """Return what the store has of a step."""
        record = await self.store.load(undertaking.action_id)
        assert record
        return record.effects[step]

    async def state_of(self, undertaking: Undertaking, step: str = "post") -> EffectState:
        return (await self.effect_of(undertaking, step)).state

    async def post(
        self,
        undertaking: Undertaking,
        text: str,
        *,
        channel: str = "general",
        step: str = "post",
        **more: Any,
    ) -> dict[str, Any]:
        arguments: Mapping[str, Any] = {"channel": self.id_of(channel), "text": text, **more}
        return await self.effects.run(undertaking, step, POST, arguments)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until that is true; it is others that make it so."""
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - the condition is in another task or server
                await asyncio.sleep(0.002)

    def said(self, channel: str = "general") -> list[str]:
        """Return what the bot said, oldest first."""
        bot = self.slack.bot_user_id
        return [
            one.text
            for one in self.slack.workspace.messages(channel)
            if one.user == bot and one.subtype in (None, "thread_broadcast")
        ]

    def calls(self, method: str) -> list[dict[str, Any]]:
        return self.slack.faults.calls_of(method)


@asynccontextmanager
async def open_rig(
    clock: Clock | None = None,
    *,
    scopes: frozenset[str] | None = None,
    timeout_seconds: float = 0.3,
    **tuning: Any,
) -> AsyncIterator[Rig]:
    """Open a Slack in whose channels general and random the bot is, and effects on it."""
    slack = SimulatedSlack()
    async with slack, open_web(slack, timeout_seconds=timeout_seconds) as web:
        for name in ("general", "random"):
            slack.workspace.invite_bot(name)
        await web.call("auth.test", {})
        clock = clock or FakeClock(jump=True)
        yield Rig(slack, web, clock, MemoryStore(clock), EffectTuning(**tuning))
