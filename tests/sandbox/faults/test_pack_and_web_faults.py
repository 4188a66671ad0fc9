"""What the pack promises while Slack's Web API misbehaves: one event per command, nothing doubled.

Each fault harms a naive client in the tests beside this one. Where the pack does not yet do what it is
going to do, the test is named ``…_is_a_gap_for_now`` and holds what happens today.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from pack.clock import SystemClock
from pack.sandbox.slack.timing import SlackClock
from tests.in_process import Stage, open_stage
from tests.peers import Reported


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    joined = {"FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "general,random", "FLYTE_SLACK_TIMEOUT": "0.5"}
    async with open_stage(tmp_path, **joined) as opened:
        opened.slack.faults.seed(7)
        yield opened


async def send(stage: Stage, *texts: str, channel: str = "general") -> list[Reported]:
    """Have messages sent, and return their results in the order of the texts."""
    given = [{"channelId": stage.id_of(channel), "message": text} for text in texts]
    return list(await asyncio.gather(*(stage.engine.run("SendMessage", one, seconds=20) for one in given)))


def said(stage: Stage, channel: str = "general") -> list[str]:
    """Return what the bot said, oldest first."""
    bot = stage.slack.bot_user_id
    return [
        one.text for one in stage.slack.workspace.messages(channel) if one.user == bot and not one.subtype
    ]


async def is_refused(stage: Stage) -> None:
    """Wait until nobody can connect any more, and nobody is connected."""
    url = URL(stage.slack.url)
    with pytest.raises(ConnectionRefusedError):
        while True:
            _, writer = await asyncio.open_connection(url.host, url.port)
            writer.close()
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # until the pack has noticed that its idle connections are closed


def numbered(count: int) -> list[str]:
    return [f"message {number}" for number in range(count)]


async def test_a_storm_of_429_delays_messages_and_loses_none(stage: Stage) -> None:
    stage.slack.faults.storm("chat.postMessage", retry_after=0, probability=0.5, times=5)
    results = await send(stage, *numbered(12))
    assert {result.name for result in results} == {"MessageSent"}
    assert said(stage) == numbered(12)
    assert stage.slack.faults.hits("storm") == 5


async def test_a_limit_on_messages_that_comes_as_200_is_waited_for_like_any_other(tmp_path: Path) -> None:
    clock = SlackClock(SystemClock(), speed=30)
    async with open_stage(tmp_path, clock=clock, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as stage:
        stage.slack.faults.message_limit()
        (sent,) = await send(stage, "one too many")
        assert sent.name == "MessageSent"
        assert said(stage) == ["one too many"]
        assert len(stage.slack.faults.calls_of("chat.postMessage")) == 2


@pytest.mark.parametrize("distribution", ["fixed", "exponential", "lognormal"])
async def test_a_slow_slack_changes_neither_order_nor_number(stage: Stage, distribution: str) -> None:
    figures = {"lognormal": {"median_ms": 3.0, "p99_ms": 30.0}}.get(distribution, {"median_ms": 3.0})
    stage.slack.faults.latency(distribution=distribution, **figures)
    results = await send(stage, *numbered(20))
    assert {result.name for result in results} == {"MessageSent"}
    assert said(stage) == numbered(20)


async def test_a_refused_connection_is_tried_again_since_nothing_happened(stage: Stage) -> None:
    stage.slack.faults.refuse_connections(0.4)
    await is_refused(stage)
    results = await send(stage, *numbered(5))
    assert {result.name for result in results} == {"MessageSent"}
    assert said(stage) == numbered(5)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("fault", ["server_error", "garble", "drop", "timeout"])
async def test_an_answer_that_does_not_come_never_doubles_a_message(
    stage: Stage, fault: str, after: bool
) -> None:
    status = {"status": 500} if fault == "server_error" else {}
    getattr(stage.slack.faults, fault)("chat.postMessage", after=after, **status)
    first, second = await send(stage, "first", "second")
    assert said(stage).count("first") <= 1
    assert said(stage).count("second") == 1
    assert first.name in ("MessageSent", "SendMessageFailed")
    assert second.name == "MessageSent"


async def test_a_503_is_tried_again_since_it_says_that_nothing_happened(stage: Stage) -> None:
    stage.slack.faults.server_error("chat.postMessage")
    (sent,) = await send(stage, "once")
    assert sent.name == "MessageSent"
    assert said(stage) == ["once"]


async def test_that_a_503_which_does_not_say_the_truth_doubles_a_message_is_a_gap_for_now(
    stage: Stage,
) -> None:
    stage.slack.faults.server_error("chat.postMessage", after=True)
    (sent,) = await send(stage, "once?")
    assert sent.name == "MessageSent"
    assert said(stage) == ["once?", "once?"]


@pytest.mark.parametrize("fault", ["drop", "timeout"])
async def test_that_a_message_with_a_lost_answer_is_not_looked_up_is_a_gap_for_now(
    stage: Stage, fault: str
) -> None:
    getattr(stage.slack.faults, fault)("chat.postMessage", after=True)
    (failed,) = await send(stage, "did it arrive?")
    assert (failed.name, failed.payload["errorCode"]) == ("SendMessageFailed", "answer_lost")
    assert said(stage) == ["did it arrive?"]


async def test_that_a_late_landing_is_told_as_unknown_is_a_gap_for_now(stage: Stage) -> None:
    stage.slack.faults.timeout("chat.postMessage", lands_after=0.2)
    (failed,) = await send(stage, "late")
    assert (failed.name, failed.payload["errorCode"]) == ("SendMessageFailed", "answer_lost")
    await stage.until(lambda: said(stage) == ["late"])


@pytest.mark.parametrize("promised", [True, False])
async def test_half_an_answer_is_no_reason_to_send_again(stage: Stage, promised: bool) -> None:
    stage.slack.faults.truncate("chat.postMessage", promised=promised)
    (result,) = await send(stage, "half")
    assert said(stage) == ["half"]
    assert result.name == "SendMessageFailed"
    assert result.payload["errorCode"] == "answer_lost"


async def test_a_revoked_token_fails_commands_with_what_to_do_until_it_holds_again(stage: Stage) -> None:
    stage.slack.faults.revoke_token()
    (failed,) = await send(stage, "refused")
    assert (failed.name, failed.payload["errorCode"]) == ("SendMessageFailed", "token_revoked")
    assert "reinstall the app" in failed.payload["error"]
    stage.slack.faults.clear()
    (sent,) = await send(stage, "again")
    assert sent.name == "MessageSent"
    assert said(stage) == ["again"]


async def test_a_scope_that_was_taken_away_is_named(stage: Stage) -> None:
    stage.slack.faults.take_scopes("chat:write")
    (failed,) = await send(stage, "refused")
    assert (failed.name, failed.payload["errorCode"]) == ("SendMessageFailed", "missing_scope")
    assert "chat:write" in failed.payload["error"]


async def test_a_wrong_date_of_slack_disturbs_nothing(stage: Stage) -> None:
    stage.slack.faults.skew(86_400)
    results = await send(stage, *numbered(3))
    assert {result.name for result in results} == {"MessageSent"}
    stage.slack.workspace.say("general", "from tomorrow", user="ada")
    told = await stage.engine.event()
    assert told.payload["message"] == "from tomorrow"
