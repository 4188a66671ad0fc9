"""What the pack promises while Slack's Web API misbehaves: one event per command, each message once.

Each fault harms a naive client in the tests beside this one.
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
    settings = {
        "FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "general,random",
        "FLYTE_SLACK_TIMEOUT": "0.5",
        "FLYTE_SLACK_SETTLING_SECONDS": "0.5",
    }
    async with open_stage(tmp_path, **settings) as opened:
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


async def test_a_storm_of_429_delays_messages_and_loses_none(tmp_path: Path) -> None:
    clock = SlackClock(SystemClock(), speed=30)
    async with open_stage(tmp_path, clock=clock, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as stage:
        stage.slack.faults.seed(7)
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
async def test_an_answer_that_does_not_come_neither_loses_nor_doubles_a_message(
    stage: Stage, fault: str, after: bool
) -> None:
    getattr(stage.slack.faults, fault)("chat.postMessage", after=after)
    results = await send(stage, "first", "second")
    assert [result.name for result in results] == ["MessageSent", "MessageSent"]
    assert [result.payload["attempts"] for result in results] == [1 if after else 2, 1]
    assert said(stage) == ["first", "second"]


async def test_a_message_that_lands_late_is_waited_for(stage: Stage) -> None:
    stage.slack.faults.timeout("chat.postMessage", lands_after=0.7)
    (sent,) = await send(stage, "late")
    assert sent.name == "MessageSent"
    assert said(stage) == ["late"]


@pytest.mark.parametrize("promised", [True, False])
async def test_half_an_answer_is_no_reason_to_send_again(stage: Stage, promised: bool) -> None:
    stage.slack.faults.truncate("chat.postMessage", promised=promised)
    (sent,) = await send(stage, "half")
    assert sent.name == "MessageSent"
    assert said(stage) == ["half"]


@pytest.mark.parametrize(("setting", "name"), [("resend", "MessageSent"), ("report", "SendMessageFailed")])
async def test_where_history_cannot_be_read_a_setting_decides(
    tmp_path: Path, setting: str, name: str
) -> None:
    settings = {
        "FLYTE_SLACK_DEFAULT_JOIN_CHANNEL": "general",
        "FLYTE_SLACK_SETTLING_SECONDS": "0.1",
        "FLYTE_SLACK_UNKNOWN_OUTCOME": setting,
    }
    async with open_stage(tmp_path, **settings) as stage:
        stage.slack.faults.take_scopes("channels:history")
        stage.slack.faults.drop("chat.postMessage")
        (result,) = await send(stage, "at least once?")
        assert result.name == name
        assert result.payload.get("errorCode") == (None if setting == "resend" else "outcome_unknown")
        assert said(stage) == (["at least once?"] if setting == "resend" else [])


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
