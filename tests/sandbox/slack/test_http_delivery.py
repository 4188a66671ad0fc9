"""The Events API over HTTP: verification, signature, retries by the clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.http_delivery import VerificationFailed
from pack.sandbox.slack.delivery.http_requests import sign
from tests.clock import FakeClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """The app's own server; answers the challenge, and events as it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[web.Response] = []
        self.hang = 0
        self.url = ""
        self.released = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        payload = json.loads(body)
        if payload["type"] == "url_verification":
            return web.json_response({"challenge": payload["challenge"]})
        self.requests.append((dict(request.headers), body))
        if self.hang > 0:
            self.hang -= 1
            await self.released.wait()
        return self.answers.pop(0) if self.answers else web.Response(text="ok")

    async def until(self, count: int) -> None:
        for _ in range(500):
            if len(self.requests) >= count:
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"{len(self.requests)} of {count} requests came")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    serving = Receiver()
    application = web.Application()
    application.router.add_post("/events", serving.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    serving.url = f"http://127.0.0.1:{port}/events"
    yield serving
    serving.released.set()
    await runner.cleanup()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        simulated.workspace.add_channel("ops", bot=True)
        yield simulated


async def attempted(slack: SimulatedSlack, clock: FakeClock, count: int) -> None:
    """Wait until the outcome of so many attempts is known."""
    for _ in range(300):
        if len(slack.http_delivery.attempts) >= count:
            await clock.settle()
            return
        await clock.settle()
    raise AssertionError(f"{len(slack.http_delivery.attempts)} of {count} attempts")


async def test_an_event_is_signed_so_that_slacks_own_verifier_accepts_it(slack, receiver, clock) -> None:
    await slack.http_delivery.subscribe(receiver.url)
    slack.workspace.say("ops", "hällo", user="ada")
    await receiver.until(1)
    headers, body = receiver.requests[0]
    assert json.loads(body)["event"]["text"] == "hällo"

    class Now(SignatureClock):
        def now(self) -> float:
            return clock.now().timestamp()

    verifier = SignatureVerifier(slack.signing_secret, clock=Now())
    assert verifier.is_valid_request(body, headers)
    assert not SignatureVerifier("another", clock=Now()).is_valid_request(body, headers)
    assert "X-Slack-Retry-Num" not in headers


async def test_the_signature_agrees_with_the_published_example() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signature == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def test_a_failed_event_is_repeated_at_once_after_a_minute_and_after_five(
    slack, receiver, clock
) -> None:
    await slack.http_delivery.subscribe(receiver.url)
    receiver.answers = [web.Response(status=500) for _ in range(4)]
    slack.workspace.say("ops", "x", user="ada")
    for count, seconds in ((3, 60), (4, 300)):
        await attempted(slack, clock, count - 1)
        await clock.advance(seconds - 5)
        assert len(receiver.requests) == count - 1
        await clock.advance(6)
        await receiver.until(count)
    headers = [headers for headers, _ in receiver.requests]
    assert [header.get("X-Slack-Retry-Num") for header in headers] == [None, "1", "2", "3"]
    assert [header.get("X-Slack-Retry-Reason") for header in headers][1:] == ["http_error"] * 3
    assert len({json.loads(body)["event_id"] for _, body in receiver.requests}) == 1
    await attempted(slack, clock, 4)
    assert slack.http_delivery.given_up == 1


async def test_an_answer_after_three_seconds_is_too_late(slack, receiver, clock) -> None:
    await slack.http_delivery.subscribe(receiver.url)
    receiver.hang = 1
    slack.workspace.say("ops", "x", user="ada")
    await receiver.until(1)
    await clock.advance(3)
    await receiver.until(2)
    assert receiver.requests[1][0]["X-Slack-Retry-Reason"] == "http_timeout"


async def test_the_app_can_ask_for_no_retry(slack, receiver, clock) -> None:
    await slack.http_delivery.subscribe(receiver.url)
    receiver.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    slack.workspace.say("ops", "x", user="ada")
    await receiver.until(1)
    await clock.advance(400)
    assert len(receiver.requests) == 1


async def test_an_address_that_does_not_answer_the_challenge_is_not_used(slack, receiver) -> None:
    with pytest.raises(VerificationFailed, match="http_error"):
        await slack.http_delivery.subscribe(receiver.url.replace("/events", "/elsewhere"))
    with pytest.raises(VerificationFailed, match="connection_failed"):
        await slack.http_delivery.subscribe("http://127.0.0.1:1/")
    assert slack.http_delivery.url is None


async def test_an_unreachable_address_is_retried_as_such(slack, receiver, clock) -> None:
    await slack.http_delivery.subscribe(receiver.url)
    slack.http_delivery.url = "http://127.0.0.1:1/"
    slack.workspace.say("ops", "x", user="ada")
    await attempted(slack, clock, 2)
    assert [attempt.outcome for attempt in slack.http_delivery.attempts] == ["connection_failed"] * 2
    assert slack.http_delivery.attempts[1].retry_reason == "connection_failed"
