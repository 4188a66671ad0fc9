"""How faults of the Web API are aimed, counted, listed and ended, in Python and over HTTP."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.process.harness import eventually
from tests.sandbox.slack.caller import Caller
from tests.sandbox.slack.conftest import Connect


@pytest.fixture
def faults(slack: SimulatedSlack, session: aiohttp.ClientSession):
    async def asking(**body: object) -> dict:
        async with session.post(f"{slack.url}/sandbox/faults", json=body) as answer:
            return {"status": answer.status, **await answer.json()}

    return asking


async def listed(slack: SimulatedSlack, session: aiohttp.ClientSession) -> dict:
    async with session.get(f"{slack.url}/sandbox/faults") as answer:
        return await answer.json()


async def status(slack: SimulatedSlack, session: aiohttp.ClientSession, method: str, **arguments: str) -> int:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.post(slack.api_url + method, data=arguments, headers=headers) as answer:
        return answer.status


async def test_a_fault_can_be_of_one_channel_and_of_a_family(slack, session, call: Caller) -> None:
    one, other = (slack.workspace.add_channel(name, bot=True).id for name in ("one", "other"))
    slack.faults.storm("chat.*", match={"channel": one})
    assert await status(slack, session, "chat.postMessage", channel=one, text="x") == 429
    assert await status(slack, session, "chat.meMessage", channel=one, text="x") == 429
    assert await status(slack, session, "conversations.info", channel=one) == 200
    await call.ok("chat.postMessage", channel=other, text="x")


async def test_faults_by_chance_are_the_same_for_the_same_seed(slack, session) -> None:
    slack.faults.server_error("auth.test", times=None, probability=0.4)
    runs = []
    for _ in range(2):
        slack.faults.seed(3)
        runs.append([await status(slack, session, "auth.test") for _ in range(30)])
    assert runs[0] == runs[1]
    assert {200, 503} == set(runs[0])


async def test_a_fault_lives_by_slacks_clock(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock, speed=60) as slack:
        slack.faults.storm(for_seconds=120)
        await clock.advance(1.9)
        assert await status(slack, session, "auth.test") == 429
        await clock.advance(0.2)
        assert await status(slack, session, "auth.test") == 200


async def test_what_is_no_fault_of_calls_ends_by_the_clock_too() -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock, speed=60) as slack:
        grant = slack.world.grants.bot
        before = grant.scopes
        slack.faults.skew(3_600, for_seconds=60)
        slack.faults.revoke_token(for_seconds=120)
        slack.faults.take_scopes("chat:write", for_seconds=180)
        await clock.advance(1.1)
        assert (slack.clock.skew_seconds, grant.refusal) == (0, "token_revoked")
        await clock.advance(1)
        assert (grant.refusal, grant.scopes) == ("", before - {"chat:write"})
        slack.clock.advance(60)
        await clock.advance(0)
        assert grant.scopes == before


async def test_faults_are_listed_with_their_hits_and_ended_by_their_id(slack, session, faults) -> None:
    first = await faults(fault="storm", method="auth.test", for_seconds=30)
    second = await faults(fault="server_error", method="auth.test", times=2, match={"x": 1})
    assert (first["id"], second["id"]) == ("f1", "f2")
    assert await status(slack, session, "auth.test") == 429
    told = await listed(slack, session)
    storm, error = told["faults"]
    assert (storm["fault"], storm["hits"], storm["active"], storm["times_left"]) == ("storm", 1, True, None)
    assert 29 < storm["seconds_left"] <= 30
    assert (error["hits"], error["times_left"], error["match"]) == (0, 2, {"x": 1})
    assert error["details"] == {"status": 503, "after": False}
    assert "carried out" in told["known"]["truncate"]["meaning"]
    assert (await faults(fault="clear", id="f1"))["status"] == 200
    assert await status(slack, session, "auth.test") == 200
    gone = await faults(fault="clear", id="f1")
    assert (gone["status"], gone["message"]) == (400, "no fault with the id f1 is active; active: f2")
    await faults(fault="clear")
    assert [fault["active"] for fault in (await listed(slack, session))["faults"]] == [False, False]


async def test_a_fault_without_times_strikes_once_unless_chance_or_time_say_more(
    slack, session, faults
) -> None:
    await faults(fault="server_error", method="auth.test")
    await faults(fault="server_error", method="team.info", probability=1.0)
    await faults(fault="server_error", method="users.info", for_seconds=60)
    left = {fault["method"]: fault["times_left"] for fault in (await listed(slack, session))["faults"]}
    assert left == {"auth.test": 1, "team.info": None, "users.info": None}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "fault has to be one of answer, "),
        ({"fault": "storm", "probability": 2}, "probability: Input should be less than or equal to 1"),
        ({"fault": "storm", "colour": "red"}, "unknown: colour"),
        ({"fault": "server_error", "status": 404}, "status: Input should be greater than or equal to 500"),
        ({"fault": "garble", "body": "xml"}, "body: Input should be 'html', 'text', 'empty' or 'json'"),
        ({"fault": "latency", "low_ms": 1}, "a latency that is uniform takes low_ms and high_ms"),
        ({"fault": "timeout", "after": True, "lands_after": 1}, "give one of them"),
        ({"fault": "refuse_connections"}, "missing: for_seconds"),
        ({"fault": "take_scopes", "scopes": ["nonsense"]}, "the token does not have nonsense"),
        ({"fault": "take_scopes", "scopes": []}, "scopes: List should have at least 1 item"),
        ({"fault": "revoke_token", "token": "xoxb-no"}, "there is no such token"),
        ({"fault": "answer", "method": "*", "status": 999}, "status: Input should be less than or equal"),
        ({"fault": "delay", "method": "*", "seconds": float("inf")}, "seconds: Input should be"),
    ],
)
async def test_a_fault_that_makes_no_sense_is_explained(faults, body: dict, message: str) -> None:
    refused = await faults(**body)
    assert (refused["status"], refused["error"]) == (400, "invalid_arguments")
    assert message in refused["message"]


async def test_what_an_answer_says_more_comes_with_it(faults, call: Caller) -> None:
    await faults(fault="answer", method="auth.test", error="missing_scope", needed="a:b", provided="c:d")
    answer = await call("auth.test")
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "a:b", "c:d")


async def test_connections_refused_over_http_are_let_in_again_on_the_same_port(
    slack, session, faults, connect: Connect
) -> None:
    url, open_before = slack.url, await connect()
    assert (await faults(fault="refuse_connections", for_seconds=0.2))["status"] == 200
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0
    slack.workspace.add_channel("ops", bot=True)
    assert (await open_before.event())["type"]
    await asyncio.sleep(0.25)
    assert (slack.url, await status(slack, session, "auth.test")) == (url, 200)


async def test_connections_are_refused_until_it_is_ended(slack, session) -> None:
    slack.faults.refuse_connections()
    slack.faults.refuse_connections(for_seconds=60)
    await asyncio.sleep(0.01)
    with pytest.raises(aiohttp.ClientConnectorError):
        await status(slack, session, "auth.test")
    slack.faults.clear()
    assert await status(slack, session, "auth.test") == 200


async def test_a_server_that_stops_while_it_refuses_starts_again_on_its_port(session) -> None:
    slack = SimulatedSlack()
    with pytest.raises(ValueError, match="only while the server runs"):
        slack.faults.refuse_connections()
    await slack.start()
    url = slack.url
    slack.faults.refuse_connections()
    await slack.stop()
    await slack.start()
    assert (slack.url, await status(slack, session, "auth.test")) == (url, 200)
    await slack.stop()


async def test_who_waits_for_ever_is_let_go_by_clear_and_by_the_end(slack, session) -> None:
    slack.faults.timeout(times=None)
    for let_go in (slack.faults.clear, slack.stop):
        waiting = asyncio.create_task(status(slack, session, "auth.test"))
        await eventually(lambda: slack.faults.hits("timeout") > 0)
        await asyncio.sleep(0.01)
        assert not waiting.done()
        found = let_go()
        if found is not None:
            await found
        with pytest.raises(aiohttp.ClientError):
            await waiting
        if let_go == slack.faults.clear:
            slack.faults.timeout(times=None)


async def test_a_reset_gives_tokens_scopes_and_the_date_back(slack, call: Caller) -> None:
    before = slack.scopes
    slack.faults.revoke_token()
    slack.faults.take_scopes("chat:write")
    slack.faults.skew(100)
    slack.reset()
    assert (slack.scopes, slack.clock.skew_seconds) == (before, 0)
    await call.ok("auth.test")


async def test_scopes_taken_twice_come_back_each_with_its_own_fault(slack) -> None:
    first = slack.faults.take_scopes("chat:write")
    with pytest.raises(ValueError, match="does not have chat:write"):
        slack.faults.take_scopes("chat:write")
    slack.faults.take_scopes("users:read")
    slack.faults.remove(first)
    assert "chat:write" in slack.scopes
    assert "users:read" not in slack.scopes


@pytest.mark.parametrize(
    ("fault", "given", "reason"),
    [
        ("garble", {"body": "xml"}, "body has to be one of html, text, empty, json"),
        ("garble", {"status": 700}, "status has to be between 200 and 599"),
        ("server_error", {"status": 404}, "status has to be between 500 and 599"),
        ("timeout", {"after": True, "lands_after": 1.0}, "give one of them"),
        ("timeout", {"lands_after": -1.0}, "lands_after has to be zero or more"),
        ("take_scopes", {}, "needs at least one scope"),
        ("skew", {"seconds": 1e300}, "wrong by ten years at most"),
        ("storm", {"probability": 7.0}, "probability has to be between 0 and 1"),
    ],
)
async def test_a_mistake_of_a_test_is_found_at_once(slack, fault: str, given: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        getattr(slack.faults, fault)(**given)
    assert slack.faults.listing() == []


async def test_the_latest_latency_of_a_method_holds_and_a_delay_comes_on_top(session) -> None:
    clock = FakeClock(jump=True)
    async with SimulatedSlack(clock=clock) as slack:
        slack.faults.latency(distribution="fixed", median_ms=5_000)
        slack.faults.latency(distribution="fixed", median_ms=1_000)
        slack.faults.delay("auth.test", 2)
        assert await status(slack, session, "auth.test") == 200
        assert clock.slept[-1] == pytest.approx(3)
        assert [fault["active"] for fault in slack.faults.listing()] == [True, True, False]


async def test_a_delay_makes_the_answer_to_the_right_one_late_and_a_failure_too(session) -> None:
    clock = FakeClock(jump=True)
    async with SimulatedSlack(clock=clock) as slack:
        slack.faults.delay("*", 4)
        slack.faults.server_error("auth.test")
        assert await status(slack, session, "auth.test") == 503
        assert clock.slept[-1] == pytest.approx(4)


async def test_a_limit_that_a_test_sets_is_told_in_the_callers_seconds(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock, speed=10) as slack:
        slack.faults.limit("auth.test", calls=1, seconds=50)
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        waits = []
        for _ in range(2):
            async with session.post(slack.api_url + "auth.test", headers=headers) as answer:
                waits.append(answer.headers.get("Retry-After"))
        assert waits == [None, "5"]
        assert slack.faults.hits("limit") == 1
        await clock.advance(5)
        assert await status(slack, session, "auth.test") == 200


async def test_a_limit_can_be_of_a_family(slack, session) -> None:
    slack.faults.limit("auth.*", calls=1)
    statuses = [await status(slack, session, name) for name in ("auth.test", "api.test", "auth.test")]
    assert statuses == [200, 200, 429]


async def announce(call: Caller, length: int) -> dict[str, str]:
    return await call.ok("files.getUploadURLExternal", filename="log.txt", length=length)


async def test_faults_strike_uploads_with_and_without_effect(slack, session, call: Caller) -> None:
    ticket = await announce(call, 3)
    slack.faults.server_error("upload", match={"filename": "log.txt"})
    for expected in (503, 200):
        async with session.post(ticket["upload_url"], data=b"one") as answer:
            assert answer.status == expected
    lost = await announce(call, 3)
    slack.faults.drop("upload", after=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await session.post(lost["upload_url"], data=b"two")
    files = [{"id": one["file_id"]} for one in (ticket, lost)]
    assert len((await call.ok("files.completeUploadExternal", files=files))["files"]) == 2
    told = {"file_id": ticket["file_id"], "filename": "log.txt", "length": 3}
    assert slack.faults.calls_of("upload") == [told, told, {**told, "file_id": lost["file_id"]}]


async def test_faults_strike_what_is_posted_to_a_response_url(slack, session) -> None:
    general, ada = slack.workspace.channel("general").id, slack.workspace.user("ada").id
    url = slack.interactions.response_urls.issue("commands", general, ada)
    slack.faults.limit("response_url", calls=1, seconds=60)
    slack.faults.timeout("response_url", after=True, match={"text": "unanswered"})
    with pytest.raises(TimeoutError):
        await session.post(url, json={"text": "unanswered"}, timeout=aiohttp.ClientTimeout(0.2))
    statuses = []
    for _ in range(2):
        async with session.post(url, json={"text": "again", "response_type": "in_channel"}) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 429]
    assert [shown["text"] for shown in slack.faults.calls_of("response_url")] == [
        "unanswered",
        *["again"] * 2,
    ]
    assert slack.interactions.response_urls.find(url.removeprefix(slack.url)).uses == 2


async def test_calls_that_are_answered_with_a_wrong_date_are_counted(slack, session) -> None:
    slack.faults.skew(600)
    for _ in range(2):
        await status(slack, session, "api.test")
    assert slack.faults.hits("skew") == 2
