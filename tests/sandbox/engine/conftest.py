from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from tests.sandbox.engine.caller import Caller


@pytest.fixture
async def engine() -> AsyncIterator[EmbeddedEngine]:
    async with EmbeddedEngine() as started:
        yield started


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def call(engine: EmbeddedEngine, session: aiohttp.ClientSession) -> Caller:
    return Caller(engine, session)


@pytest.fixture
async def packs(call: Caller) -> Caller:
    """The caller, with the packs Src and Slack registered."""
    await call.register("Src")
    await call.register("Slack")
    return call
