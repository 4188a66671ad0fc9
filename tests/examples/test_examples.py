"""The flows under ``examples/`` in the embedded engine: which event becomes which command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.engine_calls import EngineCalls
from pack.sandbox.flow_files import example_directories, read_flows

DEPLOYMENTS = "MyContinuousDeploymentToolPack"


class Bench:
    """An engine with the examples, and packs that send and take."""

    def __init__(self, engine: EmbeddedEngine, session: aiohttp.ClientSession) -> None:
        self._engine = engine
        self._session = session
        self._calls = EngineCalls(engine.url, None, session)

    async def prepare(self) -> None:
        await self._calls.store(read_flows(example_directories()))
        await self._calls.register("Slack", ["ReceivedMessage"])
        await self._calls.register(DEPLOYMENTS, ["DeploymentSucceeded"])

    async def command_after(self, pack: str, event: str, payload: Any) -> dict[str, Any] | None:
        await self._calls.post_event(pack, event, payload)
        await self._engine.settled()
        url = f"{self._engine.url}/v1/packs/Slack/actions/take"
        async with self._session.post(url) as answer:
            return await answer.json() if answer.status == 200 else None


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with EmbeddedEngine() as engine, aiohttp.ClientSession() as session:
        prepared = Bench(engine, session)
        await prepared.prepare()
        yield prepared


def message(text: str) -> dict[str, Any]:
    return {"channelId": "C1", "user": {"id": "U1"}, "message": text, "timestamp": "1.000001"}


async def test_echo_is_answered_in_its_channel_with_a_mention(bench: Bench) -> None:
    command = await bench.command_after("Slack", "ReceivedMessage", message("echo  hello\nworld"))
    assert command is not None
    assert command["command"] == "SendMessage"
    assert command["input"] == {"channelId": "C1", "message": "<@U1>, you said:\n>>>  hello\nworld"}


@pytest.mark.parametrize("text", ["echo", "echoes of it", "say echo hello", ""])
async def test_what_does_not_begin_with_echo_is_not_answered(bench: Bench, text: str) -> None:
    assert await bench.command_after("Slack", "ReceivedMessage", message(text)) is None


async def test_a_deployment_is_announced_where_the_sandbox_has_a_channel_for_it(bench: Bench) -> None:
    command = await bench.command_after(DEPLOYMENTS, "DeploymentSucceeded", {"any": "thing"})
    assert command is not None
    assert command["command"] == "SendRichMessage"
    assert command["input"]["channel"] == "deployments"
    (attachment,) = command["input"]["attachments"]
    assert attachment["color"] == "#36a64f"
    assert [field["short"] for field in attachment["fields"]] == [True, True]
    assert attachment["actions"][0]["style"] == "primary"


async def test_a_deployment_event_of_another_pack_is_not_announced(bench: Bench) -> None:
    assert await bench.command_after("Slack", "DeploymentSucceeded", {}) is None
