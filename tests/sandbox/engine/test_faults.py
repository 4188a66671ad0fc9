from __future__ import annotations

import asyncio

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from tests.clock import FakeClock
from tests.sandbox.engine.caller import Caller, step


async def test_an_answer_on_demand_takes_nothing_and_then_all_is_well(packs: Caller) -> None:
    await packs.store(step("s", input="still there"))
    await packs.happen()
    packs.engine.faults.answer("take", status=500, times=2, body=b"down", headers={"Retry-After": "1"})
    answers = [await packs.send("POST", "/v1/packs/Slack/actions/take") for _ in range(3)]
    assert [answer.status for answer in answers] == [500, 500, 200]
    assert (answers[0].text, answers[0].headers["Retry-After"]) == ("down", "1")
    assert answers[2].json["input"] == "still there"
    assert packs.engine.requests("take") == 3


@pytest.mark.parametrize(("after", "status"), [(False, 202), (True, 500)])
async def test_a_connection_breaks_before_or_after_the_result_took_effect(
    packs: Caller, after: bool, status: int
) -> None:
    await packs.store(step("s"))
    await packs.happen()
    action = await packs.take()
    packs.engine.faults.drop("result", after=after)
    with pytest.raises(aiohttp.ClientConnectionError):
        await packs.finish(action)
    assert (await packs.finish(action)).status == status


async def test_a_connection_breaks_after_a_request_that_is_refused_too(call: Caller) -> None:
    call.engine.faults.drop("take", after=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await call.take("Nobody")


async def test_faults_of_one_kind_follow_each_other_and_leave_the_other_kinds_alone(packs: Caller) -> None:
    packs.engine.faults.answer("event", status=503, times=1)
    packs.engine.faults.drop("event")
    packs.engine.faults.answer("event", status=404)
    event = {"event": "E"}
    assert (await packs.send("POST", "/v1/packs/Src/events", event)).status == 503
    with pytest.raises(aiohttp.ClientConnectionError):
        await packs.send("POST", "/v1/packs/Src/events", event)
    assert (await packs.get("/v1")).status == 200
    assert (await packs.send("POST", "/v1/packs/Src/events", event)).status == 404
    assert (await packs.send("POST", "/v1/packs/Src/events", event)).status == 202
    assert (packs.engine.requests("event"), packs.engine.requests("index")) == (4, 1)


async def test_a_delay_waits_by_the_clock_until_it_is_cleared(session: aiohttp.ClientSession) -> None:
    clock = FakeClock()
    async with EmbeddedEngine(clock=clock) as engine:
        call = Caller(engine, session)
        engine.faults.delay("index", seconds=30)
        waiting = asyncio.create_task(call.get("/v1"))
        await clock.settle()
        await clock.advance(29)
        assert not waiting.done()
        await clock.advance(1)
        assert (await waiting).status == 200
        engine.faults.clear()
        assert (await call.get("/v1")).status == 200
        assert clock.slept == [30]


async def test_an_unknown_kind_is_a_mistake_of_the_test(engine: EmbeddedEngine) -> None:
    for use in (
        lambda: engine.faults.answer("takes", status=500),
        lambda: engine.faults.drop("takes"),
        lambda: engine.faults.delay("takes", seconds=1),
        lambda: engine.requests("takes"),
    ):
        with pytest.raises(ValueError, match="'takes' is no kind of request; there are audit, "):
            use()
