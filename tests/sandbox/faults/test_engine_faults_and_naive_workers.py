"""Each fault of the flow engine harms a worker that does not expect it: lost, doubled, never taken."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from tests.process.harness import eventually
from tests.sandbox.engine.caller import Caller, step
from tests.sandbox.faults.naive import NaiveWorker


@pytest.fixture
async def call(engine: EmbeddedEngine, session: aiohttp.ClientSession) -> Caller:
    """An engine with one action to take."""
    caller = Caller(engine, session)
    await caller.register("Src")
    await caller.register("Slack")
    await caller.store(step("s", input="work"))
    await caller.happen()
    return caller


@pytest.fixture
async def worker(call: Caller) -> NaiveWorker:
    return NaiveWorker(call.engine, call.session)


async def test_without_faults_the_worker_works(worker: NaiveWorker, call: Caller) -> None:
    assert await worker.work()
    assert not await worker.work()
    assert worker.did == ["work"]


async def test_an_engine_that_is_down_crashes_the_worker_and_comes_back_on_its_port(
    worker: NaiveWorker, engine: EmbeddedEngine
) -> None:
    engine.faults.down(for_seconds=0.2)
    await asyncio.sleep(0.01)  # now its pool knows that the connection was closed
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await worker.work()
    assert refused.value.os_error.errno in (61, 111)
    await asyncio.sleep(0.25)
    assert await worker.work()


async def test_a_slow_engine_hands_the_action_to_nobody(worker: NaiveWorker, call: Caller) -> None:
    call.engine.faults.slow("take", distribution="fixed", median_ms=500, times=1)
    with pytest.raises(TimeoutError):
        await worker.work()

    async def is_taken() -> bool:
        return await call.take() is None

    await asyncio.sleep(0.3)
    assert await is_taken()
    assert worker.did == []


@pytest.mark.parametrize(("taken", "then"), [(False, True), (True, False)])
async def test_a_lost_race_crashes_the_worker(worker: NaiveWorker, engine, taken: bool, then: bool) -> None:
    engine.faults.lost_race(taken=taken)
    with pytest.raises(aiohttp.ClientResponseError) as refused:
        await worker.work()
    assert refused.value.status == 500
    assert await worker.work() is then


@pytest.mark.parametrize("fault", ["lost_race", "broken_take"])
async def test_a_take_when_nothing_waits_does_not_use_a_fault_up(
    worker: NaiveWorker, engine, call: Caller, fault: str
) -> None:
    assert await worker.work()
    getattr(engine.faults, fault)()
    assert await worker.take() is None
    await call.happen()
    with pytest.raises(aiohttp.ClientError):
        await worker.take()


async def test_a_forgotten_pack_never_works_again(worker: NaiveWorker, engine, call: Caller) -> None:
    engine.faults.forgotten_pack()
    for _ in range(3):
        with pytest.raises(aiohttp.ClientResponseError) as refused:
            await worker.work()
        assert refused.value.status == 404
    assert engine.faults.hits("forgotten_pack") == 1
    await call.register("Slack")
    assert await worker.work()


async def test_an_action_taken_into_a_broken_connection_is_lost(worker: NaiveWorker, engine) -> None:
    engine.faults.broken_take()
    with pytest.raises(aiohttp.ClientConnectionError):
        await worker.work()
    assert not await worker.work()
    assert worker.did == []


async def test_a_refused_result_leaves_the_action_open(worker: NaiveWorker, engine, call: Caller) -> None:
    engine.faults.result_refused(status=503)
    with pytest.raises(aiohttp.ClientResponseError) as refused:
        await worker.work()
    assert refused.value.status == 503
    assert not await worker.work()
    assert worker.did == ["work"]


@pytest.mark.parametrize(("silent", "error"), [(False, aiohttp.ClientConnectionError), (True, TimeoutError)])
async def test_a_lost_answer_to_a_result_makes_the_work_be_done_again(
    worker: NaiveWorker, engine, silent: bool, error: type[Exception]
) -> None:
    engine.faults.result_answer_lost(silent=silent)
    action = await worker.take()
    assert not await worker.insist(action)
    assert worker.did == ["work", "work", "work"]


async def test_a_request_that_lands_later_takes_an_action_for_nobody(worker: NaiveWorker, engine) -> None:
    engine.faults.timeout("take", lands_after=0.4)
    with pytest.raises(TimeoutError):
        await worker.take()
    await eventually(lambda: engine.faults.hits("timeout") == 1)
    await asyncio.sleep(0.2)
    assert await worker.take() is None


@pytest.mark.parametrize("fault", ["garble", "truncate"])
async def test_an_answer_that_cannot_be_read_loses_the_action(
    worker: NaiveWorker, engine, fault: str
) -> None:
    after = {"after": True} if fault == "garble" else {}
    getattr(engine.faults, fault)("take", **after)
    with pytest.raises(aiohttp.ClientError):
        await worker.take()
    assert await worker.take() is None


async def test_faults_can_be_set_listed_and_ended_over_http(worker: NaiveWorker, engine, session) -> None:
    url = f"{engine.url}/sandbox/faults"

    async def post(**body: object) -> tuple[int, dict]:
        async with session.post(url, json=body) as answer:
            return answer.status, await answer.json()

    assert await post(fault="lost_race", probability=1.0) == (200, {"ok": True, "id": "f1"})
    for _ in range(2):
        with pytest.raises(aiohttp.ClientResponseError):
            await worker.take()
    async with session.get(url) as answer:
        told = await answer.json()
    assert [(fault["id"], fault["hits"], fault["active"]) for fault in told["faults"]] == [("f1", 2, True)]
    assert "take" in told["kinds"]
    assert told["known"]["answer"]["fields"] == ["for_seconds", "times", "probability", "kind*", "status*"]
    assert await post(fault="clear", id="f1") == (200, {"ok": True})
    assert await worker.work()
    status, refused = await post(fault="clear", id="f1")
    assert (status, refused["error"]) == (400, "invalid_arguments")
    assert refused["message"] == "no fault with the id f1 is active; active: none is"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"fault": "earthquake"}, "fault has to be one of answer, broken_take, clear"),
        ({"fault": "answer", "kind": "take"}, "missing: status"),
        (
            {"fault": "answer", "kind": "takes", "status": 500},
            "'takes' is no kind of request; there are audit",
        ),
        ({"fault": "lost_race", "kind": "take"}, "unknown: kind"),
        ({"fault": "down"}, "missing: for_seconds"),
        ({"fault": "slow", "median_ms": 1.0}, "a latency that is uniform takes low_ms and high_ms"),
        ([], "the body has to be a JSON object"),
    ],
)
async def test_what_cannot_be_broken_is_explained(engine, session, body, message: str) -> None:
    async with session.post(f"{engine.url}/sandbox/faults", json=body) as answer:
        assert answer.status == 400
        assert message in (await answer.json())["message"]


async def test_a_web_page_may_not_break_anything(engine, session) -> None:
    headers = {"Origin": "https://evil.example"}
    async with session.post(
        f"{engine.url}/sandbox/faults", json={"fault": "clear"}, headers=headers
    ) as answer:
        assert answer.status == 403


async def test_an_engine_outside_of_the_sandbox_has_no_such_address(session) -> None:
    async with EmbeddedEngine() as engine, session.get(f"{engine.url}/sandbox/faults") as answer:
        assert answer.status == 404
