"""Engines, peers and clients that close themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Protocol

import pytest
from pydantic import SecretStr

from pack.clock import Clock
from pack.contracts.ports import PackSpec
from pack.engine.flyte import FlyteEngine, open_session
from tests.engine.peer import PACK, Peer


class Connect(Protocol):
    """Makes a client; everything but the address has a default."""

    def __call__(
        self,
        base_url: str,
        *,
        pack: PackSpec = ...,
        jwt: str | None = ...,
        timeout_seconds: float = ...,
        clock: Clock | None = ...,
    ) -> FlyteEngine: ...


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment of whoever runs the tests out of them."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def connect(closing: AsyncExitStack) -> Connect:
    def make(
        base_url: str,
        *,
        pack: PackSpec = PACK,
        jwt: str | None = None,
        timeout_seconds: float = 5,
        clock: Clock | None = None,
    ) -> FlyteEngine:
        session = open_session(timeout_seconds=timeout_seconds)
        closing.push_async_callback(session.close)
        return FlyteEngine(
            base_url=base_url,
            pack=pack,
            session=session,
            jwt=SecretStr(jwt) if jwt else None,
            timeout_seconds=timeout_seconds,
            clock=clock,
        )

    return make


@pytest.fixture
async def start_peer(closing: AsyncExitStack) -> Callable[[], Awaitable[Peer]]:
    async def start() -> Peer:
        peer = Peer()
        await peer.start()
        closing.push_async_callback(peer.stop)
        return peer

    return start


@pytest.fixture
async def peer(start_peer: Callable[[], Awaitable[Peer]]) -> Peer:
    """A peer that answers as an engine until a test scripts something else."""
    peer = await start_peer()
    peer.serve_engine()
    return peer
