"""HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""

from __future__ import annotations

import asyncio
import base64
import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from yarl import URL

from pack.contracts.ports import Event
from pack.errors import EngineUnavailable, SettingsError
from pack.proxies import Proxies
from tests.engine.conftest import Connect
from tests.engine.peer import Peer


@dataclass
class ForwardProxy:
    """An HTTP proxy that passes every request to one place and notes how it was asked."""

    target_port: int
    answer: bytes = b""
    """Sent instead of passing on."""
    heads: list[str] = field(default_factory=list)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        length = next((int(line[15:]) for line in head.splitlines() if line.startswith("Content-Length:")), 0)
        body = await reader.readexactly(length)
        writer.write(self.answer or await self._pass_on(head, body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def _pass_on(self, head: str, body: bytes) -> bytes:
        method, url, rest = head.split(" ", 2)
        there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
        request = f"{method} {URL(url).raw_path_qs} {rest}".replace("\r\n", "\r\nConnection: close\r\n", 1)
        back.write(request.encode() + body)
        answer = await there.read()
        back.close()
        await back.wait_closed()
        return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


@pytest.fixture
async def proxy(peer: Peer) -> AsyncIterator[ForwardProxy]:
    peer.serve_engine(base="http://flyte.invalid")
    proxy = ForwardProxy(peer.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_an_engine_behind_a_proxy_is_reached(
    proxy: ForwardProxy, peer: Peer, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    monkeypatch.setenv(name, scheme + proxy.address)
    client = connect("http://flyte.invalid", jwt="a.b.c")
    await client.register()
    assert await client.take() is None
    await client.emit(Event("ReceivedMessage", {"text": "hello"}))
    assert [head.split(" HTTP")[0] for head in proxy.heads][-2:] == [
        "POST http://flyte.invalid/take",
        "POST http://flyte.invalid/events",
    ]
    assert peer.seen[-1].json == {"event": "ReceivedMessage", "payload": {"text": "hello"}}
    assert peer.seen[-1].headers["Authorization"] == "Bearer a.b.c"


async def test_a_proxy_gets_its_user_and_password(
    proxy: ForwardProxy, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://user:word@{proxy.address}")
    await connect("http://flyte.invalid").register()
    basic = base64.b64encode(b"user:word").decode()
    assert all(f"Proxy-Authorization: Basic {basic}" in head for head in proxy.heads)


async def test_no_proxy_is_asked_directly(
    proxy: ForwardProxy, peer: Peer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
    peer.serve_engine()
    await connect(peer.url).register()
    assert proxy.heads == [] and peer.lines[-1] == "POST /v1/packs"


async def test_a_proxy_that_refuses_is_named(
    proxy: ForwardProxy, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://user:hidden@{proxy.address}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:hidden@{proxy.address}")
    proxy.answer = b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with pytest.raises(EngineUnavailable, match="that is the proxy: put user and password"):
        await connect("http://flyte.invalid").register()
    proxy.answer = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with pytest.raises(EngineUnavailable, match="cannot be reached: the proxy answered 503") as caught:
        await connect("https://flyte.invalid").register()
    assert caught.value.status is None
    assert not chain_has("hidden", caught.value)
    assert proxy.heads[-1].startswith("CONNECT flyte.invalid:443 ")


async def test_a_proxy_that_is_down_is_an_outage_that_hides_its_password(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:1")
    with pytest.raises(EngineUnavailable, match=r"no connection to the proxy 127\.0\.0\.1:1 ") as caught:
        await connect("http://flyte.invalid").register()
    assert not chain_has("secret", caught.value)


def chain_has(word: str, error: BaseException) -> bool:
    """Tell whether a traceback of the error would show the word."""
    return word in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("address", ["socks5://proxy:1080", "http://", "http://[broken", "ftp://proxy"])
async def test_a_proxy_that_is_none_is_a_wrong_setting(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", address)
    with pytest.raises(SettingsError, match="HTTP_PROXY is not the address of an HTTP proxy"):
        await connect("http://flyte.invalid").register()


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("flyte.example.com", True),
        ("example.com", True),
        (".example.com", True),
        ("ample.com", False),
        ("flyte.example.com:8080", True),
        ("flyte.example.com:8081", False),
        ("other, FLYTE.example.com", True),
    ],
)
def test_no_proxy_names_hosts_domains_and_ports(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, direct: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    found = Proxies().find(URL("http://flyte.example.com:8080/v1"))
    assert found == (None if direct else URL("http://proxy:3128"))


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("http://10.1.2.3:8080", True),
        ("http://11.1.2.3", False),
        ("http://[fd00::1]:8080", True),
        ("http://[fe00::1]", False),
        ("http://ten.example.com", False),
    ],
)
def test_no_proxy_names_networks(monkeypatch: pytest.MonkeyPatch, url: str, direct: bool) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8, fd00::/8, broken/net")
    assert (Proxies().find(URL(url)) is None) is direct


def test_each_scheme_has_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    proxies = Proxies()
    assert proxies.find(URL("https://flyte")) == URL("http://proxy:3128")
    assert proxies.find(URL("http://flyte")) is None
