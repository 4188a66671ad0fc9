"""Faults of tickets, upgrades and sockets are rules as all others: listed, counted, ended by their ids."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller, Socket
from tests.sandbox.slack.conftest import Connect

STRIKING = ("refuse_upgrade", "mute_sockets", "break_sockets", "spoil_tickets", "repeat_events")


class Desk:
    """Calls the control API."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
        self._slack = slack
        self._session = session

    async def do(self, action: str, **body: Any) -> dict[str, Any]:
        async with self._session.post(f"{self._slack.url}/sandbox/{action}", json=body) as response:
            return await response.json()

    async def fault(self, fault: str, **arguments: Any) -> dict[str, Any]:
        return await self.do("faults", fault=fault, **arguments)

    async def show(self, view: str) -> dict[str, Any]:
        async with self._session.get(f"{self._slack.url}/sandbox/{view}") as response:
            return await response.json()

    async def listed(self) -> list[dict[str, Any]]:
        return (await self.show("faults"))["faults"]


@pytest.fixture
def desk(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Desk:
    return Desk(slack, session)


async def open_mute(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Socket:
    """Connect with a fresh ticket, and wait for nothing."""
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    return Socket(await session.ws_connect(url, autoping=False))


@pytest.mark.parametrize("fault", STRIKING)
async def test_a_fault_of_sockets_is_listed_until_it_is_ended_by_its_id(desk: Desk, fault: str) -> None:
    begun = await desk.fault(fault, times=3, probability=0.5, for_seconds=60)
    (listed,) = await desk.listed()
    assert (listed["id"], listed["fault"], listed["active"]) == (begun["id"], fault, True)
    assert (listed["hits"], listed["times_left"], listed["probability"]) == (0, 3, 0.5)
    assert listed["seconds_left"] > 50
    assert (await desk.fault("clear", id=begun["id"]))["ok"]
    (listed,) = await desk.listed()
    assert not listed["active"]


async def test_what_strikes_is_counted_and_used_up(slack, session, desk: Desk) -> None:
    await desk.fault("refuse_upgrade", times=2)
    await desk.fault("spoil_tickets")
    url = (await Caller(slack, session).ok("apps.connections.open", token="app"))["url"]
    for status in (503, 503, 404):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
        assert refused.value.status == status
    found = {
        fault["fault"]: (fault["hits"], fault["times_left"], fault["active"]) for fault in await desk.listed()
    }
    assert found == {"refuse_upgrade": (2, 0, False), "spoil_tickets": (1, 0, False)}


async def test_repeated_events_are_counted_and_bounded(slack, connect: Connect, desk: Desk) -> None:
    slack.workspace.add_channel("ops", bot=True)
    slack.sockets.envelopes.reset()
    socket = await connect()
    await desk.fault("repeat_events", copies=2, kind="message", times=1)
    slack.workspace.say("ops", "once", user="ada")
    slack.workspace.say("ops", "twice", user="ada")
    texts = [(await socket.frame())["payload"]["event"]["text"] for _ in range(4)]
    assert texts == ["once", "once", "once", "twice"]
    assert slack.faults.hits("repeat_events") == 1
    for fault in ("repeat_events", "duplicate_events"):
        assert (await desk.fault(fault, copies=300_000))["error"] == "invalid_arguments"


@pytest.mark.parametrize("fault", ["go_silent", "kill_sockets"])
@pytest.mark.parametrize("end", ["clear", "clear it", "reset"])
async def test_sockets_that_are_dead_break_when_the_fault_ends(
    slack, connect: Connect, desk: Desk, fault: str, end: str
) -> None:
    sockets = [await connect(), await connect()]
    begun = await desk.fault(fault)
    healthy = await connect()
    (listed,) = await desk.listed()
    assert (listed["hits"], listed["times_left"], listed["active"]) == (2, 0, True)
    if end == "reset":
        await desk.do("reset")
    else:
        await desk.fault("clear", **({"id": begun["id"]} if end == "clear it" else {}))
    assert [await socket.closed() for socket in sockets] == [1006, 1006]
    async with asyncio.timeout(5):
        while slack.faults.open_sockets != 1:  # noqa: ASYNC110  the server notices in tasks of its own
            await asyncio.sleep(0.01)
    assert not healthy.socket.closed


@pytest.mark.parametrize("times", [1, None])
async def test_sockets_that_stay_mute_break_when_the_fault_ends(slack, session, desk: Desk, times) -> None:
    await desk.fault("mute_sockets", times=times)
    mute = await open_mute(slack, session)
    (listed,) = await desk.listed()
    assert (listed["hits"], listed["active"]) == (1, True), "it goes on as long as the socket is open"
    await desk.fault("clear")
    assert await mute.closed() == 1006


async def test_a_fault_is_over_when_its_sockets_are_gone(slack, session, desk: Desk) -> None:
    await desk.fault("mute_sockets")
    mute = await open_mute(slack, session)
    mute.socket._response.close()
    while slack.faults.open_sockets:
        await desk.listed()
    (listed,) = await desk.listed()
    assert (listed["hits"], listed["active"]) == (1, False)
    await desk.fault("go_silent")
    assert [(fault["fault"], fault["hits"], fault["active"]) for fault in await desk.listed()] == [
        ("go_silent", 0, False),
        ("mute_sockets", 1, False),
    ]


async def test_what_happens_to_sockets_at_once_is_listed_as_over(slack, connect: Connect, desk: Desk) -> None:
    socket = await connect()
    assert "id" in await desk.fault("disconnect", reason="link_disabled")
    assert (await socket.frame())["reason"] == "link_disabled"
    await socket.closed()
    await desk.fault("close_sockets", abrupt=True)
    found = [
        (fault["fault"], fault["details"], fault["hits"], fault["active"]) for fault in await desk.listed()
    ]
    assert found == [
        ("close_sockets", {"abrupt": True}, 0, False),
        ("disconnect", {"reason": "link_disabled"}, 1, False),
    ]
    for reason in ("", "foo"):
        assert (await desk.fault("disconnect", reason=reason))["error"] == "invalid_arguments"


async def test_refused_tickets_are_listed_under_their_name(call: Caller, desk: Desk) -> None:
    await desk.fault("refuse_tickets", error="fatal_error", times=2)
    assert await call.error("apps.connections.open", token="app") == "fatal_error"
    (listed,) = await desk.listed()
    assert (listed["fault"], listed["hits"], listed["times_left"]) == ("refuse_tickets", 1, 1)
