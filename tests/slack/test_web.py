"""The Web API adapter against answers that Slack's servers never give, and those that they seldom give."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import pytest
from aiohttp import web
from pydantic import SecretStr

from pack.errors import (
    AnswerLost,
    CredentialsRefused,
    PackError,
    SlackRateLimited,
    SlackRefused,
    SlackUnavailable,
)
from pack.slack.web import AMBIGUOUS_CODES, MOVING_CODES, TOKEN_CODES, SlackWeb, open_session
from tests.clock import FakeClock

TOKEN = "xoxb-123456-secret"


class Scripted:
    """Answers every method with one answer."""

    def __init__(self) -> None:
        self.body = b'{"ok":true}'
        self.status = 200
        self.headers: dict[str, str] = {}
        self.url = ""
        self._runner: web.ServerRunner | None = None

    def say(self, body: object, *, status: int = 200, kind: str = "application/json", **more: str) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = {"Content-Type": kind, **{name.replace("_", "-"): text for name, text in more.items()}}

    async def start(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def stop(self) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    server = Scripted()
    await server.start()
    yield server
    await server.stop()


async def failure(
    url: str, use: Callable[[SlackWeb], Awaitable[object]] | None = None
) -> tuple[PackError, SlackWeb]:
    """Call chat.postMessage, or what ``use`` calls, and return how it failed."""
    async with open_session(5) as session:
        slack = SlackWeb(token=SecretStr(TOKEN), api_url=url, session=session)
        with pytest.raises(PackError) as caught:
            if use:
                await use(slack)
            else:
                await slack.call("chat.postMessage", {"channel": "C1", "text": "hello"})
        return caught.value, slack


def identify(slack: SlackWeb) -> Awaitable[object]:
    return slack.identify()


# --- answers that cannot be read ---

DEEP = b'{"ok":true,"x":' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"hello", "text/plain"),
        (b"hello", "application/gzip"),
        (b"<html>", "text/html"),
        (b"<html>", "application/json"),
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"[1]", "application/json"),
        (b"[]", "application/json"),
        (b'"ok"', "application/json"),
        (b"3", "application/json"),
        (b'{"ok":true,"x":"\xff"}', "application/json"),
        (DEEP, "application/json"),
        (b'{"ok":false}', "application/json"),
        (b'{"ok":false,"error":{"a":1}}', "application/json"),
        (b'{"ok":false,"error":["invalid_auth"]}', "application/json"),
        (b'{"ok":false,"error":7}', "application/json"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_lost_and_nothing_worse(
    server: Scripted, status: int, body: bytes, kind: str
) -> None:
    server.say(body, status=status, kind=kind)
    error, slack = await failure(server.url)
    assert type(error) is AnswerLost
    assert "may have been carried out" in str(error)
    assert slack.outage == str(error)
    assert TOKEN not in str(error)


async def test_a_body_that_is_not_packed_as_it_says_is_lost(server: Scripted) -> None:
    server.say(b"no gzip", Content_Encoding="gzip")
    error, _ = await failure(server.url)
    assert type(error) is AnswerLost
    assert "\n" not in str(error)


async def test_an_unreadable_answer_does_not_keep_the_next_from_being_read(server: Scripted) -> None:
    async with open_session(5) as session:
        slack = SlackWeb(token=SecretStr(TOKEN), api_url=server.url, session=session)
        server.say(DEEP)
        with pytest.raises(AnswerLost, match=r"cannot be read \(RecursionError\)"):
            await slack.call("users.info", {"user": "U1"})
        server.say({"ok": True, "user": {}})
        assert await slack.call("users.info", {"user": "U1"}) == {"ok": True, "user": {}}
        assert slack.outage == ""


@pytest.mark.parametrize(
    "answer", [{"ok": False, "not_in_channel": True}, {"ok": False, "error": "not_in_channel"}]
)
async def test_a_code_is_found_in_both_places(server: Scripted, answer: Mapping[str, object]) -> None:
    server.say(answer)
    error, _ = await failure(server.url)
    assert isinstance(error, SlackRefused)
    assert error.code == "not_in_channel"


async def test_ok_is_no_code(server: Scripted) -> None:
    server.say({"ok": True}, status=400)
    error, _ = await failure(server.url)
    assert type(error) is AnswerLost


# --- answers that leave open what happened ---


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 599])
async def test_every_5xx_may_have_been_carried_out(server: Scripted, status: int) -> None:
    server.say({"ok": False}, status=status)
    error, slack = await failure(server.url)
    assert type(error) is AnswerLost
    assert "may have been carried out" in slack.outage


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("code", sorted(AMBIGUOUS_CODES))
async def test_what_slack_blames_on_itself_may_have_been_carried_out(
    server: Scripted, code: str, status: int
) -> None:
    server.say({"ok": False, "error": code}, status=status)
    error, _ = await failure(server.url)
    assert type(error) is AnswerLost
    assert code in str(error)


@pytest.mark.parametrize(("header", "seconds"), [({"Retry_After": "7"}, 7), ({}, None)])
async def test_a_wait_that_comes_with_a_5xx_is_told(
    server: Scripted, header: dict[str, str], seconds: float | None
) -> None:
    server.say({"ok": False, "error": "service_unavailable"}, status=503, kind="application/json", **header)
    error, _ = await failure(server.url)
    assert isinstance(error, AnswerLost)
    assert error.retry_after_seconds == seconds


async def test_no_connection_is_no_ambiguity() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error, _ = await failure(f"http://127.0.0.1:{unused.getsockname()[1]}/api/")
    assert type(error) is SlackUnavailable


# --- Slack's date ---

DATE = "Sat, 01 Jan 2000 00:00:00 GMT"
SECONDS = 946_684_800.0


async def test_an_answer_tells_slacks_date(server: Scripted) -> None:
    clock = FakeClock()
    server.say({"ok": True}, Date=DATE)
    async with open_session(5) as session:
        slack = SlackWeb(token=SecretStr(TOKEN), api_url=server.url, session=session, clock=clock)
        assert slack.date() == clock.now().timestamp()
        await slack.call("users.info", {"user": "U1"})
        assert slack.date() == SECONDS
        await clock.advance(2.5)
        assert slack.date() == SECONDS + 2.5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ok": False, "error": "channel_not_found"}, 200),
        ({"ok": False, "error": "ratelimited"}, 429),
        ({"ok": False, "error": "internal_error"}, 500),
        (b"<html>", 503),
        (b"[]", 200),
    ],
)
async def test_what_may_be_a_proxys_answer_does_not_tell_slacks_date(
    server: Scripted, body: object, status: int
) -> None:
    clock = FakeClock()
    server.say(body, status=status, Date=DATE)
    async with open_session(5) as session:
        slack = SlackWeb(token=SecretStr(TOKEN), api_url=server.url, session=session, clock=clock)
        with contextlib.suppress(PackError):
            await slack.call("users.info", {"user": "U1"})
        assert slack.date() == clock.now().timestamp()


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Jan 2000 00:00:00 GMT", "-1"])
async def test_a_date_that_cannot_be_read_changes_nothing(server: Scripted, date: str) -> None:
    clock = FakeClock()
    server.say({"ok": True}, Date=date)
    async with open_session(5) as session:
        slack = SlackWeb(token=SecretStr(TOKEN), api_url=server.url, session=session, clock=clock)
        await slack.call("users.info", {"user": "U1"})
        assert slack.date() == clock.now().timestamp()


# --- how long to wait ---


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("0", 1),
        ("-5", 1),
        ("0.001", 1),
        ("99999", 3600),
        ("1e300", 3600),
        ("nan", 30),
        ("inf", 30),
        ("-inf", 30),
        ("1e999", 30),
        ("soon", 30),
        ("", 30),
    ],
)
async def test_a_wait_that_slack_asks_for_is_one_that_can_be_waited(
    server: Scripted, value: str, seconds: float
) -> None:
    server.say({"ok": False, "error": "ratelimited"}, status=429, Retry_After=value)
    error, _ = await failure(server.url)
    assert isinstance(error, SlackRateLimited)
    assert error.retry_after_seconds == seconds


# --- proxies ---


async def test_a_proxy_that_refuses_is_named_without_its_password(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.url.removeprefix("http://").partition("/")[0]
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:hidden@{place}")
    server.say(b"who are you", status=407)
    error, slack = await failure("https://slack.invalid/api/")
    assert type(error) is SlackUnavailable
    assert "the proxy answered 407" in str(error)
    assert "hidden" not in str(error) + slack.outage
    assert error.__cause__ is None
    assert error.__suppress_context__


async def test_a_proxy_that_refuses_plain_requests_is_told_from_slack(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.url.removeprefix("http://").partition("/")[0]
    monkeypatch.setenv("HTTP_PROXY", f"http://ada:hidden@{place}")
    server.say(b"<html>who are you", status=407, kind="text/html")
    error, _ = await failure("http://slack.invalid/api/")
    assert type(error) is SlackUnavailable
    assert "the proxy answered 407" in str(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_down_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv(f"{scheme}_proxy", f"http://ada:hidden@127.0.0.1:{port}")
        error, _ = await failure(f"{scheme}://slack.invalid/api/")
    assert type(error) is SlackUnavailable
    assert f"no connection to the proxy 127.0.0.1:{port}" in str(error)
    assert "hidden" not in str(error)
    assert error.__cause__ is None


# --- who the pack is ---

REFUSALS = sorted(
    {
        *TOKEN_CODES,
        "accesslimited",
        "access_denied",
        "app_access_restricted",
        "is_bot",
        "two_factor_setup_required",
        "enterprise_is_restricted",
        "ekm_access_denied",
        "unknown_method",
        "a_code_of_tomorrow",
    }
)


@pytest.mark.parametrize("code", REFUSALS)
async def test_any_refusal_to_say_who_the_pack_is_counts_as_one_of_the_token(
    server: Scripted, code: str
) -> None:
    server.say({"ok": False, "error": code})
    error, slack = await failure(server.url, identify)
    assert isinstance(error, CredentialsRefused)
    assert error.code == code
    assert code in str(error)
    assert slack.outage == str(error)


@pytest.mark.parametrize("code", sorted(MOVING_CODES))
async def test_a_workspace_that_is_being_moved_is_waited_for(server: Scripted, code: str) -> None:
    server.say({"ok": False, "error": code})
    error, slack = await failure(server.url, identify)
    assert type(error) is SlackUnavailable
    assert code in str(error)
    assert "wait until that is done" in slack.outage
    error, _ = await failure(server.url)
    assert isinstance(error, SlackRefused), "a command is not to wait for that"


async def test_a_strange_identity_is_read_as_far_as_possible(server: Scripted) -> None:
    server.say(
        {"ok": True, "user_id": "U1", "team_id": 7, "bot_id": {"a": 1}}, x_oauth_scopes="chat:write, x"
    )
    async with open_session(5) as session:
        found = await SlackWeb(token=SecretStr(TOKEN), api_url=server.url, session=session).identify()
    assert (found.user_id, found.team_id, found.bot_id) == ("U1", "7", None)
    assert found.scopes == {"chat:write", "x"}
