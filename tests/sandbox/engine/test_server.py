from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import aiohttp
import pytest

from pack.sandbox.engine import (
    ActionCreated,
    ActionFinished,
    ActionTaken,
    EmbeddedEngine,
    EventReceived,
    FlowStored,
    PackRegistered,
)
from tests.clock import FakeClock
from tests.sandbox.engine.caller import Caller, step

JWT = "eyJhbGciOiJub25lIn0.e30."


async def test_a_port_that_is_taken_is_an_os_error_and_leaves_nothing_behind(engine: EmbeddedEngine) -> None:
    second = EmbeddedEngine(port=int(engine.url.rsplit(":", 1)[1]))
    with pytest.raises(OSError, match="address already in use"):
        await second.start()
    await engine.stop()
    await second.start()
    await second.stop()


async def test_a_stopped_engine_starts_again_at_its_address_with_all_it_knew(packs: Caller) -> None:
    engine, before = packs.engine, packs.engine.url
    await packs.store(step("s", input="kept"))
    await packs.happen()
    await engine.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await packs.take()
    await engine.start()
    await engine.start()
    assert engine.url == before
    assert await packs.take_all() == ["kept"]


@pytest.mark.parametrize("path", ["/", "/v1", "/health", "/v1/packs", "/v1/nothing"])
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {JWT}", f"Bearer {JWT}ü"])
async def test_without_the_jwt_every_request_is_refused(
    path: str, given: str | None, session: aiohttp.ClientSession
) -> None:
    async with EmbeddedEngine(jwt=JWT) as engine:
        headers = {} if given is None else {"Authorization": given}
        answer = await Caller(engine, session).get(path, **headers)
        assert answer.status == 401
        assert "JWT" in answer.error
        assert JWT not in answer.text


async def test_with_the_jwt_requests_are_served(session: aiohttp.ClientSession) -> None:
    async with EmbeddedEngine(jwt=JWT) as engine:
        assert (await Caller(engine, session).get("/v1", Authorization=f"Bearer {JWT}")).status == 200


async def test_a_subscription_tells_what_happens_in_order(packs: Caller, engine: EmbeddedEngine) -> None:
    feed = engine.subscribe()
    await packs.register("Slack")
    await packs.store(step("s", input={"m": "hi"}))
    await packs.happen(payload={"n": 1})
    action = await packs.take()
    await packs.finish(action, payload={"ok": True})
    engine.unsubscribe(feed)
    await packs.happen()
    records = [record async for record in feed]
    assert [type(record) for record in records] == [
        PackRegistered,
        FlowStored,
        EventReceived,
        ActionCreated,
        ActionTaken,
        ActionFinished,
    ]
    received, created, taken, finished = records[2:]
    assert isinstance(received, EventReceived)
    assert isinstance(created, ActionCreated)
    assert isinstance(taken, ActionTaken)
    assert isinstance(finished, ActionFinished)
    assert (received.pack_id, received.name, received.payload) == ("Src", "Happened", {"n": 1})
    assert (created.flow, created.step, created.pack_name) == ("flow", "s", "Slack")
    assert (created.command, created.input) == ("SendMessage", {"m": "hi"})
    assert created.action_id == taken.action_id == finished.action_id
    assert (finished.event, finished.payload, finished.fatal) == ("MessageSent", {"ok": True}, False)


async def test_a_watcher_that_does_not_read_loses_the_oldest_records(packs: Caller) -> None:
    feed = packs.engine.subscribe()
    for number in range(1_100):
        await packs.happen(payload=number)
    packs.engine.unsubscribe(feed)
    payloads = [record.payload async for record in feed if isinstance(record, EventReceived)]
    assert payloads == list(range(100, 1_100))
    assert feed.missed == 100


async def test_a_pack_is_live_then_warned_of_then_critical_and_then_gone(
    session: aiohttp.ClientSession,
) -> None:
    clock = FakeClock()
    async with EmbeddedEngine(clock=clock) as engine:
        call = Caller(engine, session)
        await call.register("Slack")
        seen = []
        for seconds in (0, 599, 1, 24 * 3600 - 600, 6 * 24 * 3600, 1):
            await clock.advance(seconds)
            answer = await call.get("/v1/packs/Slack")
            seen.append(answer.json["status"] if answer.status == 200 else answer.status)
        assert seen == ["live", "live", "warning", "critical", "critical", 404]


async def test_a_request_of_the_pack_makes_it_live_again(session: aiohttp.ClientSession) -> None:
    clock = FakeClock()
    async with EmbeddedEngine(clock=clock) as engine:
        call = Caller(engine, session)
        await call.register("Slack")
        await clock.advance(3600)
        assert await call.take() is None
        pack = (await call.get("/v1/packs")).json["packs"][0]
        assert (pack["status"], pack["lastSeen"]) == ("live", "2026-11-21T10:00:00Z")


async def test_a_forgotten_pack_is_unknown_until_it_registers_again(packs: Caller) -> None:
    assert packs.engine.forget_pack("Slack")
    assert not packs.engine.forget_pack("Slack")
    answer = await packs.send("POST", "/v1/packs/Slack/actions/take")
    assert answer.status == 404
    assert "register it with POST /v1/packs" in answer.error
    await packs.register("Slack")
    assert await packs.take() is None


async def test_a_body_that_is_too_large_is_refused(packs: Caller) -> None:
    answer = await packs.send("POST", "/v1/packs/Src/events", text=io.BytesIO(b" " * (17 * 1024 * 1024)))
    assert answer.status == 413
    assert "larger than" in answer.error


async def test_names_of_any_text_cannot_break_an_answer(call: Caller) -> None:
    for name in ("a\r\nSet-Cookie: x=1", "ü🎉", "a/b", "..", "{x}", "%2F", "\x00"):
        answer = await call.send("POST", "/v1/packs", {"name": name})
        assert (answer.status, answer.json["name"]) == (201, name)
        assert "Set-Cookie" not in answer.headers
    assert len((await call.get("/v1/packs", Accept="application/x-yaml")).text) > 0


async def test_what_is_no_http_is_answered_with_an_error_and_the_server_goes_on(call: Caller) -> None:
    host, port = call.engine.url.removeprefix("http://").split(":")
    for data in (
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(data)
        assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert (await call.get("/v1")).status == 200


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("path", ["/", "/v1", "/health", "/v1/packs", "/v1/flows", "/v1/audit/flows"])
async def test_whatever_can_be_read_has_a_head(method: str, path: str, call: Caller) -> None:
    answer = await call.send(method, path)
    assert answer.status == 200
    assert (answer.body == b"") == (method == "HEAD" or path == "/health")


async def test_the_time_an_event_was_created_is_told_in_utc(packs: Caller) -> None:
    await packs.store(step("s"))
    event = {"event": "Happened", "createdAt": "2022-11-21T12:40:00.120+02:00"}
    assert (await packs.send("POST", "/v1/packs/Src/events", event)).status == 202
    await packs.engine.settled()
    (execution,) = await packs.executions()
    trigger = execution["actions"]["s"]["trigger"]
    assert trigger["createdAt"] == "2022-11-21T10:40:00.12Z"
    assert datetime.fromisoformat(trigger["receivedAt"]) > datetime(2026, 1, 1, tzinfo=UTC)


async def test_an_engine_that_cannot_store_anything_is_not_healthy(packs: Caller) -> None:
    connection = packs.engine._state._database._connection
    for setting, status in (("ON", 500), ("OFF", 200)):
        connection.execute(f"PRAGMA query_only = {setting}")
        assert (await packs.get("/health")).status == status
        assert (await packs.send("HEAD", "/health")).status == status
