"""Socket Mode's longer life: age, switching off, unanswered pings, wrong frames, sockets that go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller, Socket
from tests.sandbox.slack.conftest import open_socket


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        simulated.workspace.add_channel("ops", bot=True)
        simulated.sockets.envelopes.reset()
        simulated.sockets.ping_seconds = 100_000
        yield simulated


async def until(condition) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")


async def test_a_connection_is_warned_before_its_time_is_over_and_refreshed_then(
    slack, clock, session
) -> None:
    slack.sockets.connection_seconds = 100
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    socket = Socket(await session.ws_connect(url))
    assert (await socket.frame())["debug_info"]["approximate_connection_time"] == 100
    await clock.advance(89)
    await socket.nothing(0.02)
    await clock.advance(2)
    assert await socket.frame() == {
        "type": "disconnect",
        "reason": "warning",
        "debug_info": {"host": "applink-sandbox"},
    }
    slack.workspace.say("ops", "still here", user="ada")
    assert (await socket.event())["text"] == "still here"
    await clock.advance(10)
    assert (await socket.frame())["reason"] == "refresh_requested"
    slack.workspace.say("ops", "waits", user="ada")
    await clock.advance(10)
    assert await socket.closed() == 1000
    again = await open_socket(slack, session)
    assert (await again.event())["text"] == "waits"
    await again.socket.close()


async def test_for_debugging_a_connection_lasts_six_minutes(slack, session) -> None:
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    async with session.ws_connect(url + "&debug_reconnects=true") as opened:
        hello = await Socket(opened).frame()
        assert hello["debug_info"]["approximate_connection_time"] == 360


async def test_switched_off_socket_mode_disables_the_links_and_delivers_nothing(slack, session) -> None:
    socket = await open_socket(slack, session)
    slack.sockets.switch(False)
    assert (await socket.frame())["reason"] == "link_disabled"
    assert await socket.closed() == 1000
    answer = await Caller(slack, session).ok("apps.connections.open", token="app")
    assert answer["response_metadata"]["messages"] == ["[WARN] Socket Mode is not turned on."]
    late = await open_socket(slack, session)
    slack.workspace.say("ops", "to nobody", user="ada")
    answered = await slack.outlet.ask("interactive", {"type": "shortcut"}, url_kind="interactivity")
    assert answered.reason == "dispatch_failed"
    await late.nothing()
    slack.sockets.switch(True)
    slack.workspace.say("ops", "to somebody", user="ada")
    assert (await late.event())["text"] == "to somebody"
    await late.socket.close()


async def test_an_app_that_answers_no_pings_is_cut_off(slack, clock, session) -> None:
    slack.sockets.ping_seconds = 10
    deaf = await open_socket(slack, session)
    for _ in range(4):
        await clock.advance(10)
    assert slack.faults.open_sockets == 1
    await clock.advance(10)
    await until(lambda: slack.faults.open_sockets == 0)
    assert slack.sockets.faults.counts["unanswered"] == 1
    await deaf.socket.close()


async def test_any_word_from_the_app_keeps_its_connection(slack, clock, session) -> None:
    slack.sockets.ping_seconds = 10
    socket = await open_socket(slack, session)
    for _ in range(12):
        await clock.advance(10)
        await socket.socket.send_str("{}")
    assert slack.faults.open_sockets == 1
    await socket.socket.close()


async def test_late_double_and_foreign_acknowledgements_do_no_harm(slack, clock, session) -> None:
    socket = await open_socket(slack, session)
    slack.workspace.say("ops", "x", user="ada")
    frame = await socket.frame()
    for _ in range(2):
        await socket.acknowledge(frame)
    await socket.acknowledge({"envelope_id": "11111111-2222-3333-4444-555555555555"}, text="whose?")
    await until(lambda: not slack.faults.unacknowledged)
    await socket.acknowledge(frame, text="again")
    slack.workspace.say("ops", "y", user="ada")
    assert (await socket.event())["text"] == "y"
    await until(lambda: len(slack.sockets.envelopes.acknowledgements) == 2)
    await socket.socket.close()


async def test_binary_large_and_deep_frames_are_survived(slack, session) -> None:
    socket = await open_socket(slack, session)
    await socket.socket.send_bytes(b"\x00\xff")
    await socket.socket.send_str("[" * 100_000)
    await socket.socket.send_str(json.dumps({"envelope_id": "x", "payload": "y" * 1_000_000}))
    slack.workspace.say("ops", "still there", user="ada")
    assert (await socket.event())["text"] == "still there"
    await socket.socket.close()


async def test_one_that_sends_too_much_is_closed_and_the_others_live_on(slack, session) -> None:
    loud, other = await open_socket(slack, session), await open_socket(slack, session)
    with contextlib.suppress(ConnectionError):
        await loud.socket.send_str("x" * 5_000_000)
    await until(lambda: slack.faults.open_sockets == 1)
    slack.workspace.say("ops", "fine", user="ada")
    assert (await other.event())["text"] == "fine"
    for socket in (loud, other):
        await socket.socket.close()


async def test_a_plain_request_for_a_socket_does_not_use_the_ticket_up(slack, session) -> None:
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    async with session.get(url.replace("ws://", "http://")) as response:
        assert response.status == 426
    async with session.ws_connect(url) as opened:
        assert (await Socket(opened).frame())["type"] == "hello"


async def test_payloads_go_to_each_of_the_sockets_by_chance() -> None:
    async with SimulatedSlack() as slack, aiohttp.ClientSession() as session:
        slack.workspace.add_channel("ops", bot=True)
        slack.sockets.envelopes.reset()
        opened = [await open_socket(slack, session) for _ in range(3)]
        for number in range(60):
            slack.workspace.say("ops", str(number), user="ada")
        seen: list[str] = []
        for socket in opened:
            mine = []
            while True:
                try:
                    message = await socket.socket.receive(timeout=0.1)
                except TimeoutError:
                    break
                mine.append(message.json()["payload"]["event"]["text"])
                await socket.acknowledge(message.json())
            assert mine
            seen += mine
        assert sorted(seen, key=int) == [str(number) for number in range(60)]
        for socket in opened:
            await socket.socket.close()
