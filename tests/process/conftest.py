"""A scripted engine, a simulated Slack, and processes of the pack that end with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run, WakeableClock


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    engine = await ScriptedEngine().start()
    yield engine
    await engine.stop()


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    clock = WakeableClock()
    async with SimulatedSlack(clock=clock) as slack:
        yield slack
        clock.wake()


@pytest.fixture
async def children(tmp_path: Path) -> AsyncIterator[list[Child]]:
    """The children of one test: ended after it, and looked at for what no child may ever write."""
    started: list[Child] = []
    yield started
    for child in started:
        await child.kill()
    faults = [fault for child in started for fault in child.faults()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def run(engine: ScriptedEngine, slack: SimulatedSlack, tmp_path: Path, children: list[Child]) -> Run:
    """Make processes of the pack that talk to the two peers."""

    def make(*, command: Iterable[str] = (), **settings: str) -> Child:
        given = {
            "FLYTE_API": engine.url,
            "FLYTE_SLACK_TOKEN": slack.bot_token,
            "FLYTE_SLACK_APP_TOKEN": slack.app_token,
            "FLYTE_SLACK_API_URL": slack.api_url,
            "FLYTE_SLACK_HEALTH_PORT": "0",
            "FLYTE_SLACK_GRACE_SECONDS": "3",
            "LOGLEVEL": "debug",
            **settings,
        }
        child = Child(tmp_path, {name: value for name, value in given.items() if value}, command=command)
        children.append(child)
        return child

    return make
