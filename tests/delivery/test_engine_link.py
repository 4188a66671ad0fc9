"""Outages of the engine are waited out in one place, by one caller at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Protocol

import pytest

from pack.contracts.ports import Event, PackSpec
from pack.delivery.engine_link import EngineLink
from pack.engine.flyte import FlyteEngine, open_session
from pack.errors import EngineForgot, EngineUnavailable
from pack.sandbox.engine import EmbeddedEngine
from tests.clock import FakeClock

PACK = PackSpec(name="Slack", labels={}, commands=(), events=(), help_url="http://help")
SAID = Event("ReceivedMessage", {})


class Connect(Protocol):
    """Makes a link to the engine whose client waits that long for an answer; 0: without limit."""

    async def __call__(self, timeout_seconds: float = 0.3) -> EngineLink: ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def engine() -> AsyncIterator[EmbeddedEngine]:
    async with EmbeddedEngine() as engine:
        yield engine


@pytest.fixture
async def connect(
    engine: EmbeddedEngine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connect]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    async with AsyncExitStack() as stack:

        async def make(timeout_seconds: float = 0.3) -> EngineLink:
            session = await stack.enter_async_context(open_session(timeout_seconds=timeout_seconds))
            client = FlyteEngine(
                base_url=engine.url, pack=PACK, session=session, jwt=None, timeout_seconds=timeout_seconds
            )
            link = EngineLink(client, clock)
            await link.register()
            return link

        yield make


async def test_a_mistake_while_probing_leaves_the_probe_to_the_next(
    engine: EmbeddedEngine, clock: FakeClock, connect: Connect
) -> None:
    link = await connect()

    async def fail() -> None:
        raise RuntimeError("a mistake")

    engine.faults.drop("take")
    with pytest.raises(EngineUnavailable):
        await link.attempt(link.engine.take)
    probing = asyncio.ensure_future(link.attempt(fail))
    waiting = asyncio.ensure_future(link.attempt(link.engine.take))
    await clock.settle()
    await clock.advance(60)
    with pytest.raises(RuntimeError):
        await probing
    await clock.advance(60)
    assert await asyncio.wait_for(waiting, 2) is None
    assert link.is_open


async def test_a_take_that_hangs_without_a_limit_holds_up_nothing_else(
    engine: EmbeddedEngine, connect: Connect
) -> None:
    link = await connect(timeout_seconds=0)
    engine.faults.timeout("take")
    hanging = asyncio.ensure_future(link.attempt(link.engine.take))
    await asyncio.wait_for(link.attempt(lambda: link.engine.emit(SAID)), 2)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    assert await asyncio.wait_for(link.attempt(link.engine.take), 2) is None


async def test_all_who_notice_that_the_pack_was_forgotten_register_it_once(
    engine: EmbeddedEngine, connect: Connect
) -> None:
    link = await connect()
    engine.forget_pack("Slack")
    before = engine.requests("packs")

    async def notice() -> None:
        seen = link.registrations
        with pytest.raises(EngineForgot):
            await link.attempt(lambda: link.engine.emit(SAID))
        await link.renew(seen)

    await asyncio.gather(*(notice() for _ in range(50)))
    assert engine.requests("packs") == before + 1
    await link.attempt(lambda: link.engine.emit(SAID))


@pytest.mark.parametrize("status", [0, 400, 500])
async def test_registering_again_ends_when_the_pack_stops(
    engine: EmbeddedEngine, clock: FakeClock, connect: Connect, status: int
) -> None:
    link, stop = await connect(), asyncio.Event()
    if status:
        engine.faults.answer("packs", status=status, times=None)
    else:
        engine.faults.down()
    renewing = asyncio.ensure_future(link.renew(link.registrations, stop))
    for _ in range(5):
        await clock.advance(1)
    assert not renewing.done()
    stop.set()
    await asyncio.wait_for(renewing, 2)
    assert link.registrations == 1
