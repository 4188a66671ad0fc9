from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.faults.naive import NaivePoster


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as simulated:
        yield simulated


@pytest.fixture
async def poster(slack: SimulatedSlack, session: aiohttp.ClientSession) -> NaivePoster:
    return NaivePoster(slack, session, "ops")


@pytest.fixture
async def engine() -> AsyncIterator[EmbeddedEngine]:
    async with EmbeddedEngine(control=True) as started:
        yield started
