"""Request URLs: the challenge's forms, redirects, and a subscription that fails too often."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.http_delivery import VerificationFailed
from tests.clock import FakeClock
from tests.sandbox.slack.app_server import AppServer, serve_app


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        simulated.workspace.add_channel("ops", bot=True)
        simulated.sockets.envelopes.reset()
        yield simulated


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


async def served(slack: SimulatedSlack, clock: FakeClock, count: int) -> None:
    """Wait until so many attempts were made."""
    for _ in range(300):
        if len(slack.http_delivery.attempts) >= count:
            return
        await clock.settle()
    raise AssertionError(f"{len(slack.http_delivery.attempts)} of {count} attempts")


@pytest.mark.parametrize("form", ["{}", '"{}"', '{{"challenge": "{}"}}', "challenge={}", "  {}\n"])
async def test_the_challenge_may_come_back_as_text_json_or_form(slack, app, form: str) -> None:
    app.challenge = False

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=form.format(json.loads(await request.read())["challenge"]))

    app.answer = answer
    await slack.http_delivery.subscribe(app.url)
    assert slack.http_delivery.url == app.url


@pytest.mark.parametrize("form", ["", "ok", '{{"other": "{}"}}', "<html>{}</html>", "[" * 50_000])
async def test_anything_else_is_no_challenge(slack, app, form: str) -> None:
    app.challenge = False

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=form.format(json.loads(await request.read())["challenge"]))

    app.answer = answer
    with pytest.raises(VerificationFailed, match="not the challenge"):
        await slack.http_delivery.subscribe(app.url)
    assert slack.http_delivery.url is None


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/x", "http://127.0.0.1:99999/"])
async def test_an_address_that_makes_no_sense_is_refused(slack, url: str) -> None:
    with pytest.raises(VerificationFailed, match="connection_failed"):
        await slack.http_delivery.subscribe(url)


async def test_two_redirects_are_followed_and_three_are_too_many(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    away = [web.Response(status=307, headers={"Location": "/slack/elsewhere"}) for _ in range(5)]
    app.answers = away[:2]
    slack.workspace.say("ops", "x", user="ada")
    await served(slack, clock, 1)
    assert slack.http_delivery.attempts[0].outcome == ""
    assert len(app.requests) == 3
    app.answers = away[2:]
    slack.workspace.say("ops", "y", user="ada")
    await served(slack, clock, 3)
    outcomes = [attempt.outcome for attempt in slack.http_delivery.attempts]
    assert outcomes == ["", "too_many_redirects", ""]
    assert app.requests[-1][0]["X-Slack-Retry-Reason"] == "too_many_redirects"


async def test_an_app_that_fails_nearly_always_is_not_sent_events_any_more(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    slack.http_delivery.failures.fewest = 20
    for number in range(19):
        slack.http_delivery.failures.note(failed=number != 0)
    # The first failure makes it 19 of 20, which is just 95 %; the retry at once makes it more.
    app.status = 500
    slack.workspace.say("ops", "the last", user="ada")
    await served(slack, clock, 2)
    assert slack.http_delivery.disabled
    await clock.advance(400)
    assert len(app.requests) == 2
    app.status = 200
    slack.workspace.say("ops", "withheld", user="ada")
    await clock.settle()
    assert (len(app.requests), slack.http_delivery.withheld) == (2, 1)
    assert slack.faults.unacknowledged == [], "sockets are no way out"
    slack.http_delivery.enable()
    slack.workspace.say("ops", "again", user="ada")
    await served(slack, clock, 3)
    assert app.events()[-1]["event"]["text"] == "again"


async def test_failures_count_for_an_hour_and_from_a_thousand_on(slack, clock) -> None:
    failures = slack.http_delivery.failures
    for _ in range(999):
        failures.note(failed=True)
    assert not failures.too_many
    failures.note(failed=True)
    assert failures.too_many
    await clock.advance(3_600)
    assert failures.totals() == (0, 0)
    assert not failures.too_many


async def test_the_date_of_a_signature_is_wrong_when_slacks_clock_is(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    slack.faults.skew(600)
    slack.clock.advance(50_000)
    slack.workspace.say("ops", "x", user="ada")
    await app.until(1)
    stamp = int(app.requests[0][0]["X-Slack-Request-Timestamp"])
    assert stamp == int(clock.now().timestamp()) + 600


async def test_events_overtake_one_that_hangs(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.hang = 1
    slack.workspace.say("ops", "slow", user="ada")
    await app.until(1)
    slack.workspace.say("ops", "quick", user="ada")
    await served(slack, clock, 1)
    assert app.events()[-1]["event"]["text"] == "quick"
    assert slack.http_delivery.attempts[0].event_id == app.events()[-1]["event_id"]
