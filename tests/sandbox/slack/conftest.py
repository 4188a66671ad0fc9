from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.caller import Caller, Socket

Connect = Callable[[], Awaitable[Socket]]


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as simulated:
        yield simulated
    assert not simulated.undocumented, "the simulated Slack answered what Slack's reference does not know"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def call(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Caller:
    return Caller(slack, session)


async def open_socket(slack: SimulatedSlack, session: aiohttp.ClientSession, **options: object) -> Socket:
    """Connect with a fresh ticket and take the hello."""
    ticket = await Caller(slack, session).ok("apps.connections.open", token="app")
    socket = Socket(await session.ws_connect(ticket["url"], **{"autoping": False, **options}))
    assert (await socket.frame())["type"] == "hello"
    return socket


@pytest.fixture
async def connect(slack: SimulatedSlack, session: aiohttp.ClientSession) -> AsyncIterator[Connect]:
    opened: list[Socket] = []

    async def opening() -> Socket:
        opened.append(await open_socket(slack, session))
        return opened[-1]

    yield opening
    for socket in opened:
        await socket.socket.close()
