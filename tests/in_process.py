"""The whole pack inside the test's event loop, on a scripted engine and a simulated Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pack.app import build
from pack.clock import Clock, SystemClock
from pack.sandbox.slack import SimulatedSlack
from pack.service import Pack
from pack.settings import Settings
from tests.peers import ScriptedEngine


@dataclass
class Stage:
    """A running pack and its two peers."""

    engine: ScriptedEngine
    slack: SimulatedSlack
    pack: Pack
    backup_dir: Path

    def id_of(self, name: str) -> str:
        return self.slack.workspace.channel(name).id

    async def until(self, condition: object, seconds: float = 5) -> None:
        """Wait until a callable without arguments returns something true."""
        assert callable(condition)
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the condition is in another task or server
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_stage(
    tmp_path: Path,
    *,
    slack: SimulatedSlack | None = None,
    engine: ScriptedEngine | None = None,
    clock: Clock | None = None,
    settled: bool = True,
    **variables: str,
) -> AsyncIterator[Stage]:
    """Start everything; with ``settled`` the pack has joined what it wants and its socket is open."""
    async with AsyncExitStack() as stack:
        slack = slack or SimulatedSlack()
        await slack.start()
        stack.push_async_callback(slack.stop)
        engine = await (engine or ScriptedEngine()).start()
        stack.push_async_callback(engine.stop)
        given = {
            "FLYTE_API": engine.url,
            "FLYTE_SLACK_TOKEN": slack.bot_token,
            "FLYTE_SLACK_APP_TOKEN": slack.app_token,
            "FLYTE_SLACK_API_URL": slack.api_url,
            "FLYTE_SLACK_BACKUP_DIR": str(tmp_path / "backup"),
            "FLYTE_SLACK_HEALTH_PORT": "0",
            "FLYTE_SLACK_GRACE_SECONDS": "2",
            **variables,
        }
        stop = asyncio.Event()
        pack_stack = await stack.enter_async_context(AsyncExitStack())
        pack = await build(Settings(**given), clock or SystemClock(), pack_stack, stop)
        running = asyncio.create_task(pack.run())
        stack.push_async_callback(_stop, running, stop)
        stage = Stage(engine, slack, pack, tmp_path / "backup")
        if settled:
            await stage.until(lambda: "still joining" not in pack.membership.status().status)
            await stage.until(lambda: pack.tickets is None or slack.faults.open_sockets)
        yield stage


async def _stop(running: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()
    await asyncio.wait_for(running, 15)
