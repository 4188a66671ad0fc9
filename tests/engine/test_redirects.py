"""Redirects keep method and body; credentials stay where FLYTE_API is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from yarl import URL

from pack.contracts.ports import Action, Event
from pack.engine.flyte import open_session
from pack.engine.transport import Transport
from pack.errors import CredentialsRefused, EngineUnavailable
from tests.engine.conftest import Connect
from tests.engine.peer import Peer, empty, handed_out, links, raw, redirect, reply

JWT = "head.claims.signature"
StartPeer = Callable[[], Awaitable[Peer]]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirected_request_keeps_its_method_and_body(
    peer: Peer, start_peer: StartPeer, connect: Connect, status: int
) -> None:
    front = await start_peer()
    for line in ("GET /", "POST /v1/packs", "POST /take", "POST /actions/abc/result", "POST /events"):
        front.on(line, redirect(status, peer.url + line.split()[1]))
    peer.serve_engine(base=front.url)
    peer.on("GET /", links({"x/listPacks": f"{front.url}/v1/packs"}))
    peer.on("POST /take", reply(handed_out(f"{front.url}/actions/abc/result")))
    peer.on("POST /actions/abc/result", empty(202))
    client = connect(front.url)
    await client.register()
    action = await client.take()
    assert action is not None
    await client.complete(action, Event("MessageSent", {"text": "ü"}))
    await client.emit(Event("ReceivedMessage", 1))
    assert peer.lines == [
        "GET /",
        "POST /v1/packs",
        "POST /take",
        "POST /actions/abc/result",
        "POST /events",
    ]
    assert peer.seen[1].json["name"] == "Slack"
    assert peer.seen[2].body == b""
    assert peer.seen[3].json == {"event": "MessageSent", "payload": {"text": "ü"}}
    assert peer.seen[3].headers["Content-Type"] == "application/json"


async def test_a_large_body_survives_a_redirect(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url)
    await client.register()
    peer.on("POST /events", redirect(307, "/moved"))
    peer.on("POST /moved", empty(202))
    await client.emit(Event("ReceivedMessage", "x" * 3_000_000))
    assert len(peer.seen[-1].json["payload"]) == 3_000_000


async def test_redirects_without_an_end_are_given_up(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", redirect(302, "/"))
    with pytest.raises(EngineUnavailable, match="redirected more than 5 times; check FLYTE_API"):
        await connect(peer.url).register()
    assert peer.lines == ["GET /"] * 6


@pytest.mark.parametrize("script", [redirect(302, "mailto:x@y"), empty(302), redirect(302, "http://[")])
async def test_a_redirect_to_nowhere_is_an_outage(peer: Peer, connect: Connect, script: object) -> None:
    peer.on("GET /", script)  # type: ignore[arg-type]
    with pytest.raises(EngineUnavailable, match="answered 302 Found") as caught:
        await connect(peer.url).register()
    assert caught.value.status == 302


async def test_the_time_is_for_all_redirects_together(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url, timeout_seconds=0.7)
    await client.register()

    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.25)
        return web.Response(status=307, headers={"Location": "/take"})

    peer.on("POST /take", slow)
    with pytest.raises(EngineUnavailable, match="nothing came within"):
        await client.take()
    assert peer.lines.count("POST /take") <= 3


async def test_the_jwt_is_on_every_call(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url, jwt=JWT)
    await client.register()
    await client.take()
    await client.emit(Event("ReceivedMessage", 1))
    await client.complete(Action("a", "SendMessage", 1, f"{peer.url}/events"), Event("MessageSent", 1))
    assert len(peer.seen) == 6
    assert {one.headers.get("Authorization") for one in peer.seen} == {f"Bearer {JWT}"}


async def test_the_jwt_does_not_follow_a_redirect_to_another_origin(
    peer: Peer, start_peer: StartPeer, connect: Connect
) -> None:
    other = await start_peer()
    client = connect(peer.url, jwt=JWT)
    await client.register()
    peer.on("POST /events", redirect(307, f"{other.url}/events"))
    other.on("POST /events", redirect(307, f"{peer.url}/back"))
    peer.on("POST /back", empty(202))
    await client.emit(Event("ReceivedMessage", 1))
    assert "Authorization" not in other.seen[0].headers
    assert peer.seen[-1].headers["Authorization"] == f"Bearer {JWT}"


async def test_links_that_lead_to_another_origin_go_without_the_jwt_and_the_refusal_says_so(
    peer: Peer, start_peer: StartPeer, connect: Connect
) -> None:
    front = await start_peer()
    front.on("GET /", links({"x/listPacks": f"{peer.url}/v1/packs"}))
    peer.on("POST /v1/packs", empty(401))
    with pytest.raises(CredentialsRefused) as caught:
        await connect(front.url, jwt=JWT).register()
    assert f"FLYTE_JWT was not sent there, since FLYTE_API is {front.url}" in str(caught.value)
    assert f"set FLYTE_API to an address at {peer.url}" in str(caught.value)
    assert "Authorization" not in peer.seen[0].headers


@pytest.mark.parametrize(
    ("base", "url", "trusted"),
    [
        ("http://host/flyte", "http://host/v1", True),
        ("http://host", "http://HOST:80/v1", True),
        ("http://host", "https://host/v1", True),
        ("https://host", "http://host/v1", False),
        ("http://host:8080", "https://host:8443/v1", False),
        ("http://host:8080", "https://host/v1", False),
        ("http://host", "http://host:81/v1", False),
        ("http://host", "https://host.evil/v1", False),
        ("http://host", "http://evil/host", False),
    ],
)
async def test_credentials_go_only_where_the_engine_is(base: str, url: str, trusted: bool) -> None:
    async with open_session(timeout_seconds=1) as session:
        transport = Transport(base_url=URL(base), session=session, jwt=SecretStr(JWT), timeout_seconds=1)
        assert transport.is_trusted(URL(url)) is trusted


async def test_user_and_password_of_the_base_url_are_sent_and_never_shown(
    peer: Peer, connect: Connect
) -> None:
    client = connect(peer.url.replace("://", "://user:pass%20word@"))
    await client.register()
    await client.take()
    basic = aiohttp.encode_basic_auth("user", "pass word")
    assert {one.headers.get("Authorization") for one in peer.seen} == {basic}
    peer.on("POST /take", raw(b"wrong: pass word", 401))
    with pytest.raises(CredentialsRefused) as caught:
        await client.take()
    for text in (str(caught.value), client.status().status):
        assert "pass word" not in text and "pass%20word" not in text and "user:" not in text


async def test_a_jwt_goes_before_user_and_password(peer: Peer, connect: Connect) -> None:
    await connect(peer.url.replace("://", "://user:word@"), jwt=JWT).register()
    assert {one.headers.get("Authorization") for one in peer.seen} == {f"Bearer {JWT}"}


async def test_a_jwt_that_the_engine_repeats_is_not_shown(peer: Peer, connect: Connect) -> None:
    peer.on("GET /", raw(f"not valid: {JWT}".encode(), 403))
    with pytest.raises(CredentialsRefused, match=r"not valid: \*\*\*; check FLYTE_JWT") as caught:
        await connect(peer.url, jwt=JWT).register()
    assert JWT not in str(caught.value)


async def test_no_cookies_are_kept(peer: Peer, connect: Connect) -> None:
    client = connect(peer.url)
    await client.register()
    peer.on("POST /take", empty(204, {"Set-Cookie": "a=b"}))
    await client.take()
    await client.take()
    assert "Cookie" not in peer.seen[-1].headers
    assert peer.seen[-1].headers["User-Agent"].startswith("flyte-slack/")
