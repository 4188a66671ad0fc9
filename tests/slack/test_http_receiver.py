"""The HTTP receiver, asked over real loopback connections as Slack asks it, and as others might."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr

from pack.contracts.ports import Inbound, PayloadKind
from pack.errors import SettingsError
from pack.slack.http_receiver import ACCEPT_SECONDS, MAX_BODY_BYTES, READ_SECONDS, HttpReceiver
from pack.slack.http_signature import sign
from tests.clock import FakeClock
from tests.slack.receiving import Intake
from tests.slack.socket_peer import soon

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "text": "héllo"}}
FORM = "application/x-www-form-urlencoded"


def signature(timestamp: str, body: bytes, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


@dataclass
class Answer:
    status: int
    text: str
    headers: Any

    @property
    def error(self) -> str:
        return str(json.loads(self.text)["error"])


class Caller:
    """Sends requests to the receiver, signed as Slack signs them unless the test says otherwise."""

    def __init__(self, session: aiohttp.ClientSession, receiver: HttpReceiver, clock: FakeClock) -> None:
        self.session = session
        self.receiver = receiver
        self.clock = clock

    async def post(
        self,
        body: bytes,
        *,
        content_type: str = "application/json",
        path: str = "/slack/events",
        age_seconds: int = 0,
        **headers: str | None,
    ) -> Answer:
        timestamp = str(int(self.clock.now().timestamp()) - age_seconds)
        sent: dict[str, str | None] = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(timestamp, body),
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", path, body, {k: v for k, v in sent.items() if v is not None})

    async def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        url = f"http://127.0.0.1:{self.receiver.port}{path}"
        async with self.session.request(method, url, data=io.BytesIO(body), headers=headers) as response:
            return Answer(response.status, await response.text(), response.headers)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
async def receiver(clock: FakeClock, intake: Intake) -> AsyncIterator[HttpReceiver]:
    receiver = HttpReceiver(
        signing_secret=SecretStr(SECRET),
        host="127.0.0.1",
        port=0,
        accept=intake.accept,
        clock=clock,
        on_gap=intake.gap,
    )
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.fixture
async def slack(receiver: HttpReceiver, clock: FakeClock) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, receiver, clock)


async def test_a_signed_event_is_accepted_and_answered_with_an_empty_200(
    slack: Caller, intake: Intake
) -> None:
    answer = await slack.post(json.dumps(EVENT).encode())
    assert (answer.status, answer.text) == (200, "")
    assert intake.seen == [Inbound(PayloadKind.EVENTS_API, EVENT)]


async def test_slack_published_example_of_a_signature_is_accepted() -> None:
    """The values are those of Slack's page on verifying requests."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign(SecretStr(SECRET), "1531420618", body) == expected


async def test_the_retry_headers_are_passed_on(slack: Caller, intake: Intake) -> None:
    body = json.dumps(EVENT).encode()
    await slack.post(body, X_Slack_Retry_Num="2", X_Slack_Retry_Reason="http_timeout")
    await slack.post(body, X_Slack_Retry_Num="-many-")
    assert [(i.retry_attempt, i.retry_reason) for i in intake.seen] == [(2, "http_timeout"), (0, "")]


@pytest.mark.parametrize("path", ["/slack/events", "/slack/commands", "/slack/interactions", "/", "/x/y?z=1"])
async def test_a_slash_command_is_accepted_on_any_path(slack: Caller, intake: Intake, path: str) -> None:
    form = {"command": "/deploy", "text": "a&b=c ü", "user_id": "U1", "empty": ""}
    answer = await slack.post(urlencode(form).encode(), content_type=FORM, path=path)
    assert (answer.status, answer.text) == (200, "")
    assert intake.seen == [Inbound(PayloadKind.SLASH_COMMANDS, form)]


async def test_an_interaction_is_the_json_in_the_form_field_payload(slack: Caller, intake: Intake) -> None:
    payload = {"type": "block_actions", "actions": [{"value": "ü & ="}]}
    body = urlencode({"payload": json.dumps(payload)}).encode()
    answer = await slack.post(body, content_type=FORM + "; charset=utf-8")
    assert (answer.status, answer.text) == (200, "")
    assert intake.seen == [Inbound(PayloadKind.INTERACTIVE, payload)]


async def test_the_challenge_is_answered_and_not_passed_on(slack: Caller, intake: Intake) -> None:
    answer = await slack.post(b'{"type": "url_verification", "token": "old", "challenge": "3eZbrw1a"}')
    assert (answer.status, answer.text) == (200, "3eZbrw1a")
    assert intake.seen == []


async def test_a_challenge_that_is_not_signed_is_not_answered(slack: Caller) -> None:
    answer = await slack.post(b'{"type": "url_verification", "challenge": "3eZ"}', X_Slack_Signature=None)
    assert answer.status == 401
    assert "3eZ" not in answer.text


async def test_a_check_of_the_certificate_is_answered_and_not_passed_on(
    slack: Caller, intake: Intake
) -> None:
    answer = await slack.post(b"ssl_check=1&token=old", content_type=FORM, X_Slack_Signature=None)
    assert (answer.status, answer.text) == (200, "")
    body = urlencode({"command": "/x", "text": "ssl_check=1"}).encode()
    assert (await slack.post(body, content_type=FORM)).status == 200
    assert [inbound.payload for inbound in intake.seen] == [{"command": "/x", "text": "ssl_check=1"}]


NOW = str(int(FakeClock().now().timestamp()))
GOOD = json.dumps(EVENT).encode()
BAD_SIGNATURES: dict[str, dict[str, Any]] = {
    "a tampered body": {"X_Slack_Signature": signature(NOW, GOOD + b" ")},
    "another secret": {"X_Slack_Signature": signature(NOW, GOOD, "another")},
    "another timestamp": {"X_Slack_Request_Timestamp": str(int(NOW) - 1)},
    "another version": {"X_Slack_Signature": signature(NOW, GOOD).replace("v0", "v1")},
    "capital hex": {"X_Slack_Signature": signature(NOW, GOOD).upper()},
    "a prefix of it": {"X_Slack_Signature": signature(NOW, GOOD)[:-1]},
    "no signature": {"X_Slack_Signature": None},
    "an empty signature": {"X_Slack_Signature": ""},
    "a non-ASCII signature": {"X_Slack_Signature": "v0=ünïcödé"},
    "no timestamp": {"X_Slack_Request_Timestamp": None},
    "an old timestamp": {"age_seconds": 301},
    "a timestamp ahead": {"age_seconds": -301},
    "a word for a timestamp": {"X_Slack_Request_Timestamp": "yesterday"},
    "a fraction for a timestamp": {"X_Slack_Request_Timestamp": NOW + ".5"},
    "an exotic digit in the timestamp": {"X_Slack_Request_Timestamp": NOW[:-1] + "²"},
    "an endless timestamp": {"X_Slack_Request_Timestamp": "9" * 5000},
    "a negative timestamp": {"X_Slack_Request_Timestamp": "-" + NOW},
}


@pytest.mark.parametrize("change", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES.keys())
async def test_a_request_that_slack_did_not_sign_is_refused_with_the_reason(
    slack: Caller, intake: Intake, change: dict[str, Any]
) -> None:
    answer = await slack.post(GOOD, **change)
    assert answer.status == 401
    assert answer.error.endswith(".")
    assert intake.seen == []
    assert SECRET not in answer.text
    assert signature(NOW, GOOD) not in answer.text
    assert (await slack.post(GOOD)).status == 200


@pytest.mark.parametrize("age_seconds", [300, -300])
async def test_a_clock_that_is_five_minutes_off_is_good_enough(slack: Caller, age_seconds: int) -> None:
    assert (await slack.post(GOOD, age_seconds=age_seconds)).status == 200


UNUSABLE: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b'{"type": "\xff\xfe"}', "application/json"),
    "a form that is not UTF-8": (b"command=\xff", FORM),
    "not JSON": (b"{", "application/json"),
    "nothing": (b"", "application/json"),
    "a list": (b"[]", "application/json"),
    "very deep": (b"[" * 200_000, "application/json"),
    "a huge number": (b"9" * 10_000, "application/json"),
    "a challenge without text": (b'{"type": "url_verification", "challenge": 7}', "application/json"),
    "a form of something else": (b"a=b", FORM),
    "a form with an empty command": (b"command=", FORM),
    "a form whose payload is no JSON": (b"payload=x", FORM),
    "a form whose payload is a list": (b"payload=[]", FORM),
    "a form of very many fields": (b"&".join([b"command=x"] * 300), FORM),
    "another content type": (b"hello", "text/plain"),
    "no content type": (b"{}", "nonsense"),
}


@pytest.mark.parametrize(("body", "content_type"), UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_a_signed_request_that_cannot_be_used_is_refused_and_not_to_be_sent_again(
    slack: Caller, intake: Intake, body: bytes, content_type: str
) -> None:
    answer = await slack.post(body, content_type=content_type)
    assert answer.status == 400
    assert answer.error
    assert answer.headers["X-Slack-No-Retry"] == "1"
    assert intake.seen == []
    assert (await slack.post(GOOD)).status == 200


async def test_a_full_intake_is_answered_with_503_so_that_slack_tries_again(
    slack: Caller, intake: Intake, receiver: HttpReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    intake.full = True
    for _ in range(3):
        answer = await slack.post(GOOD)
        assert answer.status == 503
        assert "X-Slack-No-Retry" not in answer.headers
    assert "no room" in receiver.status().status
    assert intake.gaps == 3
    intake.full = False
    assert (await slack.post(GOOD)).status == 200
    assert intake.gaps == 3
    assert "no room" not in receiver.status().status
    lines = [record.levelname for record in caplog.records if record.name == "pack.slack.http_receiver"]
    assert lines[-2:] == ["WARNING", "INFO"]
    assert lines.count("WARNING") == 1


async def test_an_intake_that_raises_is_answered_with_503_and_logged(
    slack: Caller, intake: Intake, caplog: pytest.LogCaptureFixture
) -> None:
    intake.error = OSError("the disk is full")
    answer = await slack.post(GOOD)
    assert answer.status == 503
    assert "disk" not in answer.text
    assert "the disk is full" in caplog.text
    assert intake.gaps == 1


async def test_an_intake_that_takes_too_long_is_answered_with_503_in_time(
    slack: Caller, intake: Intake, clock: FakeClock
) -> None:
    intake.open.clear()
    asking = asyncio.create_task(slack.post(GOOD))
    await soon(lambda: len(intake.seen) == 1)
    await clock.advance(ACCEPT_SECONDS - 0.1)
    assert not asking.done()
    await clock.advance(0.1)
    assert (await asking).status == 503
    assert intake.gaps == 1


async def test_a_body_of_one_mebibyte_is_read_and_a_larger_one_is_refused(
    slack: Caller, intake: Intake
) -> None:
    text = json.dumps({**EVENT, "filler": ""})
    filled = text.replace('"filler": ""', f'"filler": "{"x" * (MAX_BODY_BYTES - len(text))}"').encode()
    assert len(filled) == MAX_BODY_BYTES
    assert (await slack.post(filled)).status == 200
    answer = await slack.post(filled + b" ")
    assert answer.status == 413
    assert len(intake.seen) == 1


async def test_a_body_that_does_not_come_is_not_waited_for(receiver: HttpReceiver, clock: FakeClock) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    await soon(lambda: clock.sleepers == 1)
    await clock.advance(READ_SECONDS)
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"nonsense\r\n\r\n",
    ],
    ids=["not gzip", "not chunked", "not HTTP"],
)
async def test_broken_http_is_refused_and_survived(slack: Caller, raw: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.receiver.port)
    writer.write(raw)
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await writer.wait_closed()
    assert (await slack.post(GOOD)).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_with_a_hint(slack: Caller, method: str) -> None:
    answer = await slack.request(method, "/slack/events", b"", {})
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    assert "POST" in answer.error


async def test_a_wrong_signing_secret_is_seen_in_the_status_but_strangers_are_not(
    slack: Caller, receiver: HttpReceiver
) -> None:
    await slack.request("POST", "/wp-login.php", b"x", {})
    assert receiver.status().status == f"Listening for Slack's requests on port {receiver.port}."
    await slack.post(GOOD, X_Slack_Signature=signature(NOW, GOOD, "another"))
    assert "FLYTE_SLACK_SIGNING_SECRET" in receiver.status().status
    assert receiver.status().ready


async def test_a_port_in_use_is_named_with_what_to_do(
    receiver: HttpReceiver, intake: Intake, clock: FakeClock
) -> None:
    second = HttpReceiver(
        signing_secret=SecretStr(SECRET),
        host="127.0.0.1",
        port=receiver.port,
        accept=intake.accept,
        clock=clock,
    )
    with pytest.raises(SettingsError, match=rf"port {receiver.port}: .*FLYTE_SLACK_EVENTS_PORT"):
        await second.start()
    assert not second.status().ready
    with pytest.raises(SettingsError):
        await second.run()


async def test_a_host_that_is_not_this_machines_is_named(intake: Intake, clock: FakeClock) -> None:
    elsewhere = HttpReceiver(
        signing_secret=SecretStr(SECRET), host="192.0.2.1", port=0, accept=intake.accept, clock=clock
    )
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        await elsewhere.start()


async def test_an_empty_signing_secret_is_refused(intake: Intake, clock: FakeClock) -> None:
    with pytest.raises(SettingsError, match="FLYTE_SLACK_SIGNING_SECRET"):
        HttpReceiver(signing_secret=SecretStr(" "), port=0, accept=intake.accept, clock=clock)


async def test_run_listens_until_cancelled_and_finishes_what_it_is_answering(
    intake: Intake, clock: FakeClock
) -> None:
    receiver = HttpReceiver(
        signing_secret=SecretStr(SECRET), host="127.0.0.1", port=0, accept=intake.accept, clock=clock
    )
    running = asyncio.create_task(receiver.run())
    await soon(lambda: receiver.status().ready)
    async with aiohttp.ClientSession() as session:
        slack = Caller(session, receiver, clock)
        intake.open.clear()
        asking = asyncio.create_task(slack.post(GOOD))
        await soon(lambda: len(intake.seen) == 1)
        running.cancel()
        await soon(lambda: not receiver.status().ready)
        intake.open.set()
        assert (await asking).status == 200
        await asyncio.wait((running,))
        with pytest.raises(aiohttp.ClientConnectorError):
            await slack.post(GOOD)
    assert running.cancelled()


async def test_what_comes_and_goes_is_logged_once_a_minute(
    slack: Caller, intake: Intake, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def flicker() -> None:
        for _ in range(5):
            intake.refusals = 1
            assert (await slack.post(json.dumps(EVENT).encode())).status == 503
            assert (await slack.post(json.dumps(EVENT).encode())).status == 200

    await flicker()
    assert caplog.text.count("A request was not accepted") == caplog.text.count("accepted again") == 1
    await clock.advance(61)
    await flicker()
    assert caplog.text.count("A request was not accepted") == caplog.text.count("accepted again") == 2
