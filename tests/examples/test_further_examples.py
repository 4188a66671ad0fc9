"""The examples that the sandbox does not load by itself: their commands, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.engine_calls import EngineCalls
from pack.sandbox.flow_files import read_flows

EXAMPLES = Path(__file__).parents[2] / "examples"


class Bench:
    """An engine with all examples, and a pack called Slack that tells of events and takes its commands."""

    def __init__(self, engine: EmbeddedEngine, session: aiohttp.ClientSession) -> None:
        self._engine = engine
        self._session = session
        self._calls = EngineCalls(engine.url, None, session)

    async def prepare(self) -> None:
        await self._calls.store(read_flows([EXAMPLES]))
        await self._calls.register("Slack", ["ReceivedMessage", "ReactionAdded"])

    async def happens(self, event: str, payload: Any) -> None:
        await self._calls.post_event("Slack", event, payload)
        await self._engine.settled()

    async def take(self) -> dict[str, Any] | None:
        async with self._session.post(f"{self._engine.url}/v1/packs/Slack/actions/take") as answer:
            return await answer.json() if answer.status == 200 else None

    async def answer(self, command: dict[str, Any], event: str, payload: Any) -> None:
        (link,) = command["links"]
        async with self._session.post(link["href"], json={"event": event, "payload": payload}) as answer:
            assert answer.status == 202
        await self._engine.settled()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with EmbeddedEngine() as engine, aiohttp.ClientSession() as session:
        prepared = Bench(engine, session)
        await prepared.prepare()
        yield prepared


def message(text: str) -> dict[str, Any]:
    return {
        "channelId": "C1",
        "user": {"id": "U1"},
        "message": text,
        "timestamp": "2.000000",
        "threadTimestamp": "1.000000",
    }


REPORT = message("Incident:  the shop is *down*\nsince noon")


async def announced(bench: Bench) -> dict[str, Any]:
    await bench.happens("ReceivedMessage", REPORT)
    command = await bench.take()
    assert command is not None and await bench.take() is None
    assert command["command"] == "SendRichMessage"
    return command


async def test_an_incident_is_announced(bench: Bench) -> None:
    given = (await announced(bench))["input"]
    assert given["channel"] == "incidents"
    assert given["text"] == "Incident:   the shop is *down*\nsince noon"
    assert given["unfurl_links"] is False
    (element,) = given["blocks"][1]["elements"]
    assert element["text"].startswith("reported by <@U1> in <#C1>, ")


async def test_who_reported_an_incident_is_told_in_the_thread_that_it_was_announced(bench: Bench) -> None:
    command = await announced(bench)
    await bench.answer(command, "RichMessageSent", {"channelId": "C9", "timestamp": "3.000000"})
    confirmation = await bench.take()
    assert confirmation is not None
    assert (confirmation["command"], confirmation["input"]) == (
        "SendMessage",
        {
            "channelId": "C1",
            "threadTimestamp": "1.000000",
            "message": "Announced in <#C9>: the shop is *down*\nsince noon",
        },
    )
    assert await bench.take() is None


@pytest.mark.parametrize(
    ("code", "said"),
    [("not_in_channel", "invite me to #incidents, and say it again."), ("ratelimited", "Slack is busy")],
)
async def test_who_reported_an_incident_is_told_why_nobody_heard_of_it(
    bench: Bench, code: str, said: str
) -> None:
    command = await announced(bench)
    await bench.answer(command, "SendRichMessageFailed", {"error": "Slack is busy", "errorCode": code})
    apology = await bench.take()
    assert apology is not None
    assert apology["input"]["message"] == f"Nobody was told of “the shop is *down*\nsince noon”:\n{said}"


@pytest.mark.parametrize("text", ["incident:", "incidents: none", "an incident: x", ""])
async def test_other_messages_are_no_incidents(bench: Bench, text: str) -> None:
    await bench.happens("ReceivedMessage", message(text))
    assert await bench.take() is None


def reaction(name: str, kind: str = "message") -> dict[str, Any]:
    return {
        "type": "reaction_added",
        "user": {"id": "U2"},
        "itemUser": {"id": "U1"},
        "item": {"type": kind, "channel": "C1", "timestamp": "1.000000"},
        "reaction": name,
    }


async def test_a_reaction_with_eyes_is_told_in_the_thread(bench: Bench) -> None:
    await bench.happens("ReactionAdded", reaction("eyes"))
    command = await bench.take()
    assert command is not None
    assert command["input"] == {
        "channelId": "C1",
        "threadTimestamp": "1.000000",
        "message": "<@U1>, <@U2> looks into it.",
    }


async def test_who_looks_into_an_own_message_is_named_once(bench: Bench) -> None:
    await bench.happens("ReactionAdded", {**reaction("eyes"), "itemUser": {"id": "U2"}})
    command = await bench.take()
    assert command is not None
    assert command["input"]["message"] == "<@U2> looks into it."


@pytest.mark.parametrize("other", [reaction("tada"), reaction("eyes", "file")])
async def test_other_reactions_are_not_told(bench: Bench, other: dict[str, Any]) -> None:
    await bench.happens("ReactionAdded", other)
    assert await bench.take() is None
