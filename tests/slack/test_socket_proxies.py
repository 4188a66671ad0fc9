"""Socket Mode behind a proxy that does not let it through: told from Slack, the proxy's password hidden."""

from __future__ import annotations

import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from pack.clock import SystemClock
from pack.errors import SlackUnavailable
from pack.slack.socket_link import open_link
from pack.slack.socket_tuning import SocketTuning
from pack.slack.web import open_socket_session


@pytest.fixture
async def refusing() -> AsyncIterator[str]:
    """A proxy that wants to know who asks, whoever asks; its host and port."""

    async def refuse(request: web.BaseRequest) -> web.Response:
        return web.Response(status=407)

    runner = web.ServerRunner(web.Server(refuse))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def failure() -> SlackUnavailable:
    async with open_socket_session() as session:
        with pytest.raises(SlackUnavailable) as caught:
            await open_link(
                "wss://slack.invalid/link?ticket=word",
                session=session,
                deliver=lambda envelope, link: None,
                clock=SystemClock(),
                tuning=SocketTuning(),
            )
    shown = "".join(traceback.format_exception(caught.value))
    assert "hidden" not in shown
    assert "word" not in shown
    return caught.value


async def test_a_proxy_that_refuses_is_told_from_slack(
    refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://ada:hidden@{refusing}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert "the proxy answered with HTTP 407" in str(await failure())


async def test_a_proxy_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("https_proxy", f"http://ada:hidden@{place}")
        assert f"no connection to the proxy {place} " in str(await failure())
