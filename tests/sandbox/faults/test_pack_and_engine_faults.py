"""What the pack promises while the flow engine misbehaves: each command once, each result told."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from tests.in_process import Stage, open_stage
from tests.peers import ScriptedEngine

ECHO = (Path(__file__).parents[3] / "examples" / "echo" / "echo.json").read_text()


class _Running:
    """An engine that is started already, in the place of the scripted one."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.url = engine.url

    async def start(self) -> _Running:
        return self

    async def stop(self) -> None:
        pass


@dataclass
class Line:
    """The engine with the echo flow, the pack, and the simulated Slack."""

    engine: EmbeddedEngine
    stage: Stage
    session: aiohttp.ClientSession

    def ask(self, count: int) -> None:
        for number in range(count):
            self.stage.slack.workspace.say("general", f"echo {number}", user="ada")

    def answers(self) -> list[str]:
        """Return the numbers that were repeated, oldest first."""
        bot = self.stage.slack.bot_user_id
        messages = self.stage.slack.workspace.messages("general")
        return [one.text.rpartition(" ")[2] for one in messages if one.user == bot and not one.subtype]

    async def states(self) -> Counter[str]:
        """Return how many actions are in each state, by the engine's audit."""
        async with self.session.get(f"{self.engine.url}/v1/audit/flows?limit=100") as response:
            flows = (await response.json())["flows"]
        actions = [action for flow in flows for action in flow["actions"].values()]
        return Counter(action["state"]["value"] for action in actions)

    async def becomes(self, expected: dict[str, int], seconds: float = 15) -> None:
        """Wait until the audit tells these states."""
        end = time.monotonic() + seconds
        while (states := await self.states()) != expected:
            assert time.monotonic() < end, states
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _open(tmp_path: Path, **more: str) -> AsyncIterator[Line]:
    variables = {"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "general", "FLYTE_API_TIMEOUT": "1", **more}
    async with EmbeddedEngine() as engine, aiohttp.ClientSession() as session:
        await engine.store_flow(ECHO, yaml=False)
        running = cast(ScriptedEngine, _Running(engine))
        async with open_stage(tmp_path, engine=running, **variables) as stage:
            yield Line(engine, stage, session)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with _open(tmp_path) as opened:
        opened.engine.faults.seed(3)
        yield opened


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


async def test_events_and_results_wait_for_an_engine_that_is_down(line: Line) -> None:
    line.engine.faults.down(1.0)
    line.ask(5)
    await asyncio.sleep(1.1)
    await line.becomes({"SUCCESS": 5})
    assert line.answers() == numbers(5)


FAULTS: dict[str, Callable[[Any], object]] = {
    "slow": lambda faults: faults.slow("result", distribution="fixed", median_ms=100.0),
    "lost race": lambda faults: faults.lost_race(3),
    "forgotten pack": lambda faults: faults.forgotten_pack(),
    "result refused": lambda faults: faults.result_refused(2),
    "result refused for a while": lambda faults: faults.result_refused(None, for_seconds=0.5),
    "answer to a result lost": lambda faults: faults.result_answer_lost(3),
    "answer to a result never given": lambda faults: faults.result_answer_lost(1, silent=True),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_command_is_carried_out_and_told_once(line: Line, fault: str) -> None:
    FAULTS[fault](line.engine.faults)
    line.ask(5)
    await line.becomes({"SUCCESS": 5})
    assert line.answers() == numbers(5)


async def test_an_action_that_did_not_arrive_is_found_in_the_records_and_carried_out_once(line: Line) -> None:
    line.engine.faults.broken_take(1)
    line.engine.faults.lost_race(1, taken=True)
    line.ask(4)
    await line.becomes({"SUCCESS": 4}, seconds=40)
    assert sorted(line.answers()) == numbers(4)


async def test_an_action_that_did_not_arrive_is_left_to_others_when_recovery_is_off(tmp_path: Path) -> None:
    async with _open(tmp_path, FLYTE_SLACK_RECOVERY_HOURS="0") as line:
        line.engine.faults.lost_race(1, taken=True)
        line.ask(3)
        await line.becomes({"SUCCESS": 2, "PENDING": 1})
        assert len(line.answers()) == 2
