"""Each fault of the Web API harms a client that does not expect it: lost, doubled, crashed, deceived."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.process.harness import eventually
from tests.sandbox.faults.naive import NaivePoster


async def test_a_storm_of_429_loses_a_message_that_is_tried_again_at_once(poster: NaivePoster, slack) -> None:
    slack.faults.storm(for_seconds=60, retry_after=3)
    assert await poster.insist("lost") is None
    assert poster.posted() == []
    assert slack.faults.hits("storm") == 4


async def test_the_real_limit_loses_messages_of_a_loop_that_does_not_wait(session) -> None:
    async with SimulatedSlack(limits=True) as slack:
        poster = NaivePoster(slack, session, "ops")
        await asyncio.gather(*(poster.insist(str(number)) for number in range(20)))
        assert len(poster.posted()) < 20
        assert slack.limits.count("chat.postMessage").refused > 0


async def test_a_server_error_crashes_who_reads_json(poster: NaivePoster, slack) -> None:
    slack.faults.server_error("chat.*", status=502)
    with pytest.raises(aiohttp.ContentTypeError):
        await poster.post("lost")
    assert poster.posted() == []


async def test_a_server_error_after_the_work_doubles_what_is_tried_again(poster: NaivePoster, slack) -> None:
    slack.faults.server_error("chat.postMessage", after=True)
    assert await poster.insist("once")
    assert poster.posted() == ["once", "once"]


async def test_a_slow_answer_doubles_what_is_tried_again(poster: NaivePoster, slack) -> None:
    slack.faults.latency(method="chat.postMessage", distribution="fixed", median_ms=500, times=1)
    assert await poster.insist("once")
    await eventually(lambda: poster.posted() == ["once", "once"])


async def test_a_tail_of_latencies_loses_some_messages_of_who_gives_up(poster: NaivePoster, slack) -> None:
    slack.faults.seed(11)
    slack.faults.delay("chat.postMessage", 30, times=None, probability=0.2)
    outcomes = await asyncio.gather(*(poster.post(str(n)) for n in range(20)), return_exceptions=True)
    late = [outcome for outcome in outcomes if isinstance(outcome, TimeoutError)]
    assert len(late) == slack.faults.hits("delay") > 0
    assert len(poster.posted()) == 20 - len(late)
    slack.clock.advance(30)
    await eventually(lambda: len(poster.posted()) == 20)


async def test_a_refused_connection_loses_the_message_also_of_a_kept_alive_client(
    poster: NaivePoster, slack
) -> None:
    await poster.post("first")
    slack.faults.refuse_connections(for_seconds=0.2)
    await asyncio.sleep(0.01)  # now its pool knows that the connection was closed
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await poster.post("lost")
    assert refused.value.os_error.errno in (61, 111)
    await asyncio.sleep(0.25)
    await poster.post("second")
    assert poster.posted() == ["first", "second"]


async def test_a_timeout_without_the_effect_loses_the_message(poster: NaivePoster, slack) -> None:
    slack.faults.timeout("chat.postMessage")
    with pytest.raises(TimeoutError):
        await poster.post("lost")
    assert poster.posted() == []


async def test_a_timeout_with_the_effect_doubles_what_is_tried_again(poster: NaivePoster, slack) -> None:
    slack.faults.timeout("chat.postMessage", after=True)
    assert await poster.insist("once")
    assert poster.posted() == ["once", "once"]


async def test_a_call_that_lands_seconds_later_doubles_even_who_looked_first(
    poster: NaivePoster, slack
) -> None:
    slack.faults.timeout("chat.postMessage", lands_after=20)
    with pytest.raises(TimeoutError):
        await poster.post("once")
    assert await poster.recent() == []
    await poster.post("once")
    slack.clock.advance(20)
    await eventually(lambda: poster.posted() == ["once", "once"])


@pytest.mark.parametrize(
    ("promised", "error"), [(True, aiohttp.ClientPayloadError), (False, json.JSONDecodeError)]
)
async def test_half_an_answer_crashes_the_client_and_doubles_what_is_tried_again(
    poster: NaivePoster, slack, promised: bool, error: type[Exception]
) -> None:
    slack.faults.truncate("chat.postMessage", promised=promised, times=2)
    with pytest.raises(error):
        await poster.post("once")
    assert await poster.insist("twice")
    assert poster.posted() == ["once", "twice", "twice"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("html", aiohttp.ContentTypeError),
        ("text", aiohttp.ContentTypeError),
        ("empty", (TypeError, aiohttp.ContentTypeError)),
        ("json", TypeError),
    ],
)
async def test_an_answer_that_is_no_json_object_crashes_the_client(
    poster: NaivePoster, slack, body: str, error
) -> None:
    slack.faults.garble("chat.postMessage", body=body)
    with pytest.raises(error):
        await poster.post("lost")
    assert poster.posted() == []


async def test_a_page_with_status_200_deceives_who_looks_at_the_status(poster: NaivePoster, slack) -> None:
    slack.faults.garble("chat.postMessage", body="html", status=200)
    assert await poster.post_blindly("lost")
    assert poster.posted() == []


async def test_a_connection_that_breaks_before_the_work_loses_the_message(poster: NaivePoster, slack) -> None:
    slack.faults.drop("chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await poster.post("lost")
    assert poster.posted() == []


async def test_a_connection_that_breaks_after_the_work_doubles_what_is_tried_again(
    poster: NaivePoster, slack
) -> None:
    slack.faults.drop("chat.postMessage", after=True)
    assert await poster.insist("once")
    assert poster.posted() == ["once", "once"]


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
async def test_a_revoked_token_deceives_who_looks_at_the_status(
    poster: NaivePoster, slack, error: str
) -> None:
    fault = slack.faults.revoke_token(error=error)
    assert (await poster.call("auth.test"))["error"] == error
    assert await poster.post_blindly("lost")
    assert slack.faults.hits("revoke_token") == 2
    slack.faults.remove(fault)
    await poster.post("back")
    assert poster.posted() == ["back"]


async def test_a_missing_scope_deceives_who_looks_at_the_status(poster: NaivePoster, slack) -> None:
    slack.faults.take_scopes("chat:write", for_seconds=60)
    assert await poster.post_blindly("lost")
    answer = await poster.call("chat.postMessage", channel=poster.channel, text="lost")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    slack.clock.advance(60)
    await poster.post("back")
    assert poster.posted() == ["back"]


async def test_a_limit_on_messages_deceives_who_looks_at_the_status(poster: NaivePoster, slack) -> None:
    slack.faults.message_limit()
    assert await poster.post_blindly("lost")
    assert poster.posted() == []


async def test_a_wrong_date_hides_messages_from_who_trusts_the_own_clock(poster: NaivePoster, slack) -> None:
    await poster.post("seen")
    slack.faults.skew(3_600)
    await poster.post("hidden")
    assert await poster.recent() == ["seen"]
