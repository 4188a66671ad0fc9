"""How the engine is doing: logged once per change, told on the health page."""

from __future__ import annotations

import logging

import pytest

from pack.contracts.ports import Action, Event
from pack.engine.flyte import FlyteEngine
from pack.errors import CredentialsRefused, EngineForgot, EngineRefused, EngineUnavailable, PackError
from tests.clock import FakeClock
from tests.engine.conftest import Connect
from tests.engine.peer import Peer, empty, raw, reset


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def client(peer: Peer, connect: Connect, clock: FakeClock) -> FlyteEngine:
    return connect(peer.url, clock=clock)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name.startswith("pack.engine.condition")
    ]


async def fail(client: FlyteEngine, kind: type[PackError] = EngineUnavailable) -> None:
    with pytest.raises(kind):
        await client.take()


async def test_an_outage_is_logged_once_and_its_end_once(
    peer: Peer, client: FlyteEngine, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pack.engine")
    await client.register()
    port = peer.port
    await peer.stop()
    for _ in range(3):
        await fail(client)
    with pytest.raises(EngineUnavailable):
        await client.emit(Event("ReceivedMessage", None))
    await clock.advance(90)
    await peer.start(port)
    await client.take()
    await client.take()
    first, lost, back = said(caplog)
    assert first == "registered with the engine"
    assert lost.startswith("the engine cannot be reached: POST http://127.0.0.1")
    assert back == "the engine works again"
    assert vars(caplog.records[-1])["after_seconds"] == 90


async def test_the_health_page_tells_since_when_and_why(
    peer: Peer, client: FlyteEngine, clock: FakeClock
) -> None:
    check = client.status()
    assert (check.healthy, check.ready) == (True, False)
    assert check.status == f"not registered yet at {peer.url}"
    await client.register()
    check = client.status()
    assert (check.healthy, check.ready) == (True, True)
    assert check.status == f"registered since 2026-11-21 09:00:00 UTC at {peer.url}"
    await clock.advance(60)
    peer.on("POST /take", raw(b"overloaded", 503))
    await fail(client)
    await clock.advance(60)
    await fail(client)
    check = client.status()
    assert (check.healthy, check.ready) == (True, False)
    assert check.status.startswith("not reachable since 2026-11-21 09:01:00 UTC: POST http://127.0.0.1")
    assert check.status.endswith("answered 503 Service Unavailable: overloaded")
    peer.on("POST /take", empty(204))
    await client.take()
    assert client.status().ready


async def test_an_engine_that_was_never_reached_is_not_reachable(
    peer: Peer, client: FlyteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    peer.on("GET /", reset)
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            await client.register()
    assert client.status().status.startswith("not reachable since")
    assert len(said(caplog)) == 1


async def test_lost_races_are_no_outage_but_a_long_row_of_500_is(
    peer: Peer, client: FlyteEngine, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    await client.register()
    peer.on("POST /take", empty(500))
    await fail(client)
    await clock.advance(29)
    await fail(client)
    assert client.status().ready and said(caplog) == []
    await clock.advance(2)
    await fail(client)
    assert not client.status().ready and len(said(caplog)) == 1


async def test_a_refused_credential_is_told_and_later_logged_once(
    peer: Peer, client: FlyteEngine, caplog: pytest.LogCaptureFixture
) -> None:
    peer.on("POST /v1/packs", empty(401))
    with pytest.raises(CredentialsRefused):
        await client.register()
    assert said(caplog) == []
    assert "refuses the pack's credentials" in client.status().status
    peer.serve_engine()
    await client.register()
    peer.on("POST /take", empty(403))
    await fail(client, CredentialsRefused)
    await fail(client, CredentialsRefused)
    assert len(said(caplog)) == 1
    check = client.status()
    assert (check.healthy, check.ready) == (True, False)
    assert check.status.endswith("set FLYTE_JWT")


async def test_a_forgotten_pack_is_not_ready_until_it_is_registered_again(
    peer: Peer, client: FlyteEngine
) -> None:
    await client.register()
    peer.on("POST /events", empty(404))
    with pytest.raises(EngineForgot):
        await client.emit(Event("ReceivedMessage", None))
    await client.take()
    assert not client.status().ready
    await client.register()
    assert client.status().ready


async def test_an_unknown_action_says_nothing_about_the_pack(peer: Peer, client: FlyteEngine) -> None:
    await client.register()
    with pytest.raises(EngineForgot):
        await client.complete(Action("a", "A", None, f"{peer.url}/nothing"), Event("E", None))
    assert client.status().ready


async def test_a_refused_request_shows_that_the_engine_is_there(peer: Peer, client: FlyteEngine) -> None:
    peer.on("POST /v1/packs", empty(400))
    with pytest.raises(EngineRefused):
        await client.register()
    assert client.status().status == f"answers at {peer.url}; the pack is not registered yet"
    assert not client.status().ready
