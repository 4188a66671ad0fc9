"""The control actions over deliveries, and the faults of sockets and deliveries, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.slack.app_server import AppServer, serve_app
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect


class Desk:
    """Calls the control API."""

    def __init__(self, slack: SimulatedSlack, session: aiohttp.ClientSession) -> None:
        self._slack = slack
        self._session = session

    async def __call__(self, action: str, **body: Any) -> dict[str, Any]:
        url = f"{self._slack.url}/sandbox/{action}"
        async with self._session.post(url, json=body) as response:
            answer = await response.json()
            assert (response.status == 200) is answer["ok"]
            return answer

    async def show(self, view: str) -> dict[str, Any]:
        async with self._session.get(f"{self._slack.url}/sandbox/{view}") as response:
            assert response.status == 200
            return await response.json()


@pytest.fixture
def desk(slack: SimulatedSlack, session: aiohttp.ClientSession) -> Desk:
    return Desk(slack, session)


@pytest.fixture
async def app() -> AsyncIterator[AppServer]:
    async with serve_app() as serving:
        yield serving


async def test_subscriptions_are_chosen_field_by_field(desk: Desk) -> None:
    answer = await desk("subscriptions", events=["message.im"], hourly_limit=5)
    assert (answer["events"], answer["user_events"], answer["hourly_limit"]) == (["message.im"], [], 5)
    answer = await desk("subscriptions", user_events=["reaction_added"])
    assert (answer["events"], answer["user_events"]) == (["message.im"], ["reaction_added"])
    answer = await desk("subscriptions", events=None, hourly_limit=None)
    assert "team_join" in answer["events"]
    assert answer["hourly_limit"] is None
    refused = await desk("subscriptions", events=["message", "no_such"])
    assert (refused["error"], "no_such" in refused["message"]) == ("invalid_arguments", True)


async def test_request_urls_are_verified_and_set_one_by_one(desk: Desk, app: AppServer, slack) -> None:
    answer = await desk("request-urls", events=app.url, commands=app.url + "/commands", disable_from=7)
    assert (answer["events"], answer["commands"], answer["options"]) == (app.url, app.url + "/commands", None)
    assert (answer["enabled"], answer["disable_from"]) == (True, 7)
    app.challenge = False
    refused = await desk("request-urls", events=app.url + "/other")
    assert refused["error"] == "url_verification_failed"
    assert "not the challenge" in refused["message"]
    for wrong in ("file:///etc/hostname", "127.0.0.1:80", ""):
        assert (await desk("request-urls", options=wrong))["error"] == "invalid_arguments"
    slack.http_delivery.disabled = True
    assert (await desk.show("deliveries"))["request_urls"]["enabled"] is False
    assert (await desk.show("state"))["eventsEnabled"] is False
    answer = await desk("request-urls", events=None, commands=None, enabled=True)
    assert (answer["events"], answer["commands"], answer["enabled"]) == (None, None, True)


async def test_socket_mode_is_switched_and_seen(desk: Desk, connect: Connect) -> None:
    socket = await connect()
    answer = await desk("socket-mode", enabled=False, connection_seconds=60)
    assert (answer["enabled"], answer["connection_seconds"]) == (False, 60)
    assert (await socket.frame())["reason"] == "link_disabled"
    await socket.closed()
    seen = (await desk.show("deliveries"))["socket_mode"]
    assert (seen["enabled"], seen["faults"]["disconnect.link_disabled"]) == (False, 1)
    assert (await desk("socket-mode", connection_seconds=0))["error"] == "invalid_arguments"
    assert (await desk("socket-mode", enabled=True))["enabled"] is True


async def test_opening_the_home_is_told_with_the_view_that_was_published(
    desk: Desk, connect: Connect, slack
) -> None:
    socket = await connect()
    ada = slack.workspace.user("ada").id
    answer = await desk("open-home", user="ada")
    events = [await socket.event() for _ in range(2)]
    opened = next(event for event in events if event["type"] == "app_home_opened")
    assert (opened["user"], opened["channel"], opened["tab"]) == (ada, answer["channel"], "home")
    assert "view" not in opened
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    call = Caller(slack, aiohttp.ClientSession())
    async with call.session:
        published = await call.ok("views.publish", user_id=ada, view=view)
    await desk("open-home", user="ada")
    assert (await socket.event())["view"]["id"] == published["view"]["id"]
    await desk("open-home", user="ada", tab="messages")
    opened = await socket.event()
    assert (opened["tab"], "view" in opened) == ("messages", False)
    assert (await desk("open-home", user="nobody"))["error"] == "user_not_found"


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "lose_events", "kind": "message", "probability": 0.5},
        {"fault": "ignore_acks", "times": 2},
        {"fault": "delay_events", "seconds": 3, "for_seconds": 60},
        {"fault": "duplicate_events", "copies": 2, "new_event_ids": True},
        {"fault": "shuffle_events", "window": 3},
    ],
)
async def test_faults_of_deliveries_are_begun_listed_and_ended_by_name(desk: Desk, slack, fault) -> None:
    begun = await desk("faults", **fault)
    (listed,) = (await desk.show("faults"))["faults"]
    assert (listed["fault"], listed["id"], listed["active"]) == (fault["fault"], begun["id"], True)
    await desk("faults", fault="clear", id=begun["id"])
    (listed,) = (await desk.show("faults"))["faults"]
    assert listed["active"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "lose_events", "probability": 2},
        {"fault": "delay_events"},
        {"fault": "delay_events", "seconds": -1},
        {"fault": "shuffle_events", "window": 1},
        {"fault": "mute_sockets", "times": "many"},
        {"fault": "duplicate_events", "copies": -1},
    ],
)
async def test_faults_of_deliveries_that_make_no_sense_are_refused(desk: Desk, wrong) -> None:
    assert (await desk("faults", **wrong))["error"] == "invalid_arguments"
