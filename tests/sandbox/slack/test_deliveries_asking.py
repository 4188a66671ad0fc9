"""Interactions on their way to the app, and its answers: by sockets and over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.http_requests import sign
from pack.sandbox.slack.delivery.outlet import AppAnswer
from pack.sandbox.slack.world.revocation import revoke_token
from tests.clock import FakeClock
from tests.sandbox.slack.app_server import AppServer, serve_app
from tests.sandbox.slack.conftest import open_socket

PRESSED = {"type": "block_actions", "actions": [{"action_id": "go"}]}
COMMAND = {"command": "/deploy", "text": "web ü", "is_enterprise_install": "false"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        yield simulated


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


def begin(work: Awaitable[AppAnswer]) -> asyncio.Future[AppAnswer]:
    return asyncio.ensure_future(work)


async def test_a_socket_answers_with_the_payload_of_its_acknowledgement(slack, session) -> None:
    socket = await open_socket(slack, session)
    for kind, payload, url_kind in (
        ("interactive", PRESSED, "interactivity"),
        ("slash_commands", COMMAND, "commands"),
    ):
        asking = begin(slack.outlet.ask(kind, payload, url_kind=url_kind))
        frame = await socket.frame()
        assert (frame["type"], frame["payload"], frame["accepts_response_payload"]) == (kind, payload, True)
        assert "retry_attempt" not in frame
        await socket.acknowledge(frame, text="done")
        assert await asking == AppAnswer(True, {"text": "done"})
    assert slack.faults.unacknowledged == []
    await socket.socket.close()


@pytest.mark.parametrize("payload", [{}, {"payload": {}}, {"payload": None}, {"payload": ""}])
async def test_an_empty_acknowledgement_is_an_empty_answer(slack, session, payload) -> None:
    socket = await open_socket(slack, session)
    asking = begin(slack.outlet.ask("interactive", PRESSED, url_kind="interactivity"))
    envelope_id = (await socket.frame())["envelope_id"]
    await socket.socket.send_json({"envelope_id": envelope_id, **payload})
    assert await asking == AppAnswer(True, None)
    await socket.socket.close()


@pytest.mark.parametrize("payload", [[], 0, False, 17, [1]])
async def test_an_acknowledgement_with_rubbish_is_not_an_empty_one(slack, app, session, payload) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.answers = [web.json_response(payload)]
    answer = await slack.outlet.ask("interactive", PRESSED, url_kind="interactivity")
    assert answer == AppAnswer(True, payload)
    assert type(answer.body) is type(payload)
    socket = await open_socket(slack, session)
    asking = begin(slack.outlet.ask("interactive", PRESSED, url_kind="interactivity"))
    envelope_id = (await socket.frame())["envelope_id"]
    await socket.socket.send_json({"envelope_id": envelope_id, "payload": payload})
    assert await asking == AppAnswer(True, payload)
    await socket.socket.close()


async def test_an_app_that_is_uninstalled_is_not_asked(slack, session) -> None:
    socket = await open_socket(slack, session)
    revoke_token(slack.world, slack.world.grants.bot)
    answer = await slack.outlet.ask("slash_commands", COMMAND, url_kind="commands")
    assert answer == AppAnswer(False, None, "dispatch_failed")
    slack.issue_user_token("ada")
    asking = begin(slack.outlet.ask("slash_commands", COMMAND, url_kind="commands"))
    while (frame := await socket.frame())["type"] != "slash_commands":
        pass
    await socket.acknowledge(frame)
    assert (await asking).accepted
    await socket.socket.close()


async def test_an_acknowledgement_after_three_seconds_is_too_late_and_nothing_comes_again(
    slack, clock, session
) -> None:
    slack.sockets.ping_seconds = 10_000
    socket = await open_socket(slack, session)
    asking = begin(slack.outlet.ask("interactive", PRESSED, url_kind="interactivity"))
    frame = await socket.frame()
    await clock.advance(2.9)
    assert not asking.done()
    await clock.advance(0.2)
    assert await asking == AppAnswer(False, None, "operation_timeout")
    await socket.acknowledge(frame, text="late")
    await clock.advance(400)
    await socket.nothing()
    assert not slack.sockets.envelopes.acknowledgements
    await socket.socket.close()


async def test_without_a_socket_and_an_address_the_dispatch_fails(slack) -> None:
    answer = await slack.outlet.ask("slash_commands", COMMAND, url_kind="commands")
    assert answer == AppAnswer(False, None, "dispatch_failed")


async def test_a_command_is_a_signed_form_of_its_fields(slack, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.answers = [web.Response(text="on its way")]
    answer = await slack.outlet.ask("slash_commands", COMMAND, url_kind="commands")
    assert answer == AppAnswer(True, "on its way")
    headers, body = app.requests[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert {name: values[0] for name, values in parse_qs(body.decode()).items()} == COMMAND
    stamp = headers["X-Slack-Request-Timestamp"]
    assert headers["X-Slack-Signature"] == sign(slack.signing_secret, stamp, body)


@pytest.mark.parametrize(
    ("response", "body"),
    [
        (
            {"text": '{"response_action": "clear"}', "content_type": "application/json"},
            {"response_action": "clear"},
        ),
        ({"text": "[1, 2", "content_type": "application/json"}, "[1, 2"),
        ({"text": '{"text": "not declared"}', "content_type": "text/plain"}, '{"text": "not declared"}'),
        ({"text": "", "content_type": "application/json"}, None),
    ],
)
async def test_an_interaction_is_a_field_of_json_and_the_declared_type_rules_the_answer(
    slack, app, response, body
) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.answers = [web.Response(**response)]
    assert await slack.outlet.ask("interactive", PRESSED, url_kind="interactivity") == AppAnswer(True, body)
    fields = parse_qs(app.requests[0][1].decode())
    assert fields.keys() == {"payload"}
    assert json.loads(fields["payload"][0]) == PRESSED


@pytest.mark.parametrize(("status", "reason"), [(404, "http_client_error"), (500, "http_service_error")])
async def test_a_refused_request_is_told_with_its_kind(slack, app, status: int, reason: str) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.answers = [web.Response(status=status)]
    answer = await slack.outlet.ask("interactive", PRESSED, url_kind="interactivity")
    assert answer == AppAnswer(False, None, reason)
    assert len(app.requests) == 1


async def test_an_address_that_hangs_and_one_that_is_not_there_are_told_apart(slack, clock, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    app.hang = 1
    asking = begin(slack.outlet.ask("interactive", PRESSED, url_kind="interactivity"))
    await app.until(1)
    await clock.advance(3)
    assert await asking == AppAnswer(False, None, "operation_timeout")
    slack.http_delivery.further_urls["options"] = "http://127.0.0.1:1/"
    answer = await slack.outlet.ask("interactive", PRESSED, url_kind="options")
    assert answer == AppAnswer(False, None, "dispatch_failed")


async def test_each_kind_can_have_an_address_of_its_own(slack, app) -> None:
    await slack.http_delivery.subscribe(app.url)
    slack.http_delivery.further_urls["commands"] = app.url + "/commands"
    await slack.outlet.ask("slash_commands", COMMAND, url_kind="commands")
    await slack.outlet.ask("interactive", PRESSED, url_kind="options")
    assert app.paths == ["/slack/commands", "/slack"]
