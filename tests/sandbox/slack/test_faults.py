"""Faults on demand: what callers see, and whether the call took effect."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect, open_socket


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True).id


async def raw(slack: SimulatedSlack, session: aiohttp.ClientSession, method: str, **arguments: str):
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.post(slack.api_url + method, data=arguments, headers=headers) as response:
        return response.status, response.headers, await response.text()


async def test_an_error_is_answered_as_often_as_asked_and_nothing_happens(
    call: Caller, slack, ops: str
) -> None:
    slack.faults.answer("chat.postMessage", error="fatal_error", times=2)
    for _ in range(2):
        assert await call.error("chat.postMessage", channel=ops, text="x") == "fatal_error"
    await call.ok("chat.postMessage", channel=ops, text="x")
    assert len(slack.workspace.messages(ops)) == 1
    assert len(slack.faults.calls_of("chat.postMessage")) == 3


async def test_a_rate_limit_says_how_long_to_wait(slack, session, ops: str) -> None:
    slack.faults.answer("chat.postMessage", retry_after=7)
    status, headers, body = await raw(slack, session, "chat.postMessage", channel=ops, text="x")
    assert (status, headers["Retry-After"]) == (429, "7")
    assert body == '{"ok":false,"error":"ratelimited"}'
    assert slack.workspace.messages(ops) == []


async def test_a_server_error_is_no_json(slack, session) -> None:
    slack.faults.answer("*", status=503, times=1)
    status, headers, _ = await raw(slack, session, "auth.test")
    assert status == 503
    assert headers["Content-Type"].startswith("text/plain")
    assert (await raw(slack, session, "auth.test"))[0] == 200


async def test_an_answer_has_to_say_something(slack) -> None:
    with pytest.raises(ValueError, match="an error, a status or retry_after"):
        slack.faults.answer("auth.test")


@pytest.mark.parametrize("after", [False, True])
async def test_a_dropped_call_may_or_may_not_have_taken_effect(slack, session, ops: str, after: bool) -> None:
    slack.faults.drop("chat.postMessage", times=1, after=after)
    with pytest.raises(aiohttp.ClientError):
        await raw(slack, session, "chat.postMessage", channel=ops, text="x")
    assert len(slack.workspace.messages(ops)) == (1 if after else 0)
    assert (await raw(slack, session, "chat.postMessage", channel=ops, text="y"))[0] == 200


async def test_a_delayed_call_lands_although_its_caller_went_away(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        ops = slack.workspace.add_channel("ops", bot=True).id
        slack.faults.delay("chat.postMessage", 5)
        posting = asyncio.create_task(raw(slack, session, "chat.postMessage", channel=ops, text="late"))
        await clock.settle()
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await clock.advance(4)
        assert slack.workspace.messages(ops) == []
        await clock.advance(2)
        assert [message.text for message in slack.workspace.messages(ops)] == ["late"]


async def test_latency_is_drawn_from_its_range(session) -> None:
    clock = FakeClock(jump=True, chance=0.25)
    async with SimulatedSlack(clock=clock) as slack:
        slack.faults.latency(20, 180)
        await Caller(slack, session).ok("auth.test")
        assert clock.slept[-1] == pytest.approx(0.06)
        slack.faults.clear()
        before = len(clock.slept)
        await Caller(slack, session).ok("auth.test")
        assert len(clock.slept) == before


async def test_tickets_and_upgrades_can_be_refused(slack, session, call: Caller, connect: Connect) -> None:
    slack.faults.refuse_tickets(times=1, error="internal_error")
    assert await call.error("apps.connections.open", token="app") == "internal_error"
    url = (await call.ok("apps.connections.open", token="app"))["url"]
    slack.faults.refuse_upgrade(times=1)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(url)
    assert refused.value.status == 503
    await connect()


async def test_sockets_close_properly_or_break(slack, session) -> None:
    first = await open_socket(slack, session)
    slack.faults.close_sockets()
    assert await first.closed() == 1000
    second = await open_socket(slack, session)
    slack.faults.close_sockets(abrupt=True)
    assert await second.closed() == 1006


async def test_events_can_come_with_copies_of_another_id(slack, connect: Connect, ops: str) -> None:
    socket = await connect()
    while slack.faults.unacknowledged:
        await socket.acknowledge(await socket.frame())
        await asyncio.sleep(0.01)
    slack.faults.repeat_events(copies=2)
    slack.workspace.say(ops, "x", user="ada")
    frames = [await socket.frame() for _ in range(3)]
    assert len({frame["payload"]["event_id"] for frame in frames}) == 3
    assert len({frame["payload"]["event"]["ts"] for frame in frames}) == 1
    assert {frame["retry_attempt"] for frame in frames} == {0}
    slack.faults.clear()
    slack.workspace.say(ops, "y", user="ada")
    assert (await socket.frame())["payload"]["event"]["text"] == "y"
    await socket.nothing()


async def test_calls_are_remembered_in_order_and_bounded(slack, call: Caller) -> None:
    await call("auth.test")
    await call("conversations.list", limit=1)
    assert list(slack.faults.calls) == [("auth.test", {}), ("conversations.list", {"limit": "1"})]
    assert slack.faults.calls.maxlen is not None


async def test_stopping_is_quick_whatever_is_open(session) -> None:
    slack = SimulatedSlack()
    await slack.start()
    await Caller(slack, session).ok("auth.test")
    dead = await open_socket(slack, session)
    slack.faults.go_silent()
    healthy = await open_socket(slack, session)
    closing = asyncio.create_task(healthy.closed())
    began = time.monotonic()
    await slack.stop()
    assert time.monotonic() - began < 2
    assert await closing == 1000
    await dead.closed()
