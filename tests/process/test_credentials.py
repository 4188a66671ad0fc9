"""Credentials that are refused: at start the process ends, later it keeps running and says so."""

from __future__ import annotations

import pytest

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}


def the_only_complaint(child: Child) -> str:
    [message] = child.loud()
    assert child.lines(message, "error")
    return message


async def test_a_bot_token_that_slack_refuses_ends_the_start_with_3(engine: ScriptedEngine, run: Run) -> None:
    engine.put("SendMessage", HELLO)
    child = await run(FLYTE_SLACK_TOKEN="xoxb-000000000000-nobodyknowsit", FLYTE_SLACK_APP_TOKEN="").start()
    assert await child.ended() == 3
    message = the_only_complaint(child)
    assert "invalid_auth" in message
    assert "copy FLYTE_SLACK_TOKEN again" in message
    assert engine.counts.get("take", 0) == 0


async def test_an_app_token_that_slack_refuses_ends_the_start_with_3(
    engine: ScriptedEngine, run: Run
) -> None:
    engine.put("SendMessage", HELLO)
    child = await run(FLYTE_SLACK_APP_TOKEN="xapp-1-A0FLYTEPACK-1-nobodyknowsit").start()
    assert await child.ended() == 3
    message = the_only_complaint(child)
    assert "apps.connections.open" in message
    assert "invalid_auth" in message
    assert engine.counts.get("take", 0) == 0


async def test_a_jwt_that_the_engine_refuses_ends_the_start_with_3(run: Run) -> None:
    async with EmbeddedEngine(jwt="the.right.one") as engine:
        child = await run(FLYTE_API=engine.url, FLYTE_JWT="the.wrong.one").start()
        assert await child.ended() == 3
        message = the_only_complaint(child)
        assert "401" in message
        assert "FLYTE_JWT" in message
        assert engine.requests("take") == 0


async def test_a_jwt_from_a_file_is_accepted(run: Run, children: list[Child]) -> None:
    async with EmbeddedEngine(jwt="the.right.one") as engine:
        child = run(FLYTE_API=engine.url, FLYTE_JWT_FILE="jwt.txt")
        (child.directory / "jwt.txt").write_text("the.right.one\n")
        await child.start()
        await child.ready()
        assert await child.stop() == 0


async def test_a_token_that_is_revoked_later_fails_every_command_until_it_works_again(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    child = await run().start()
    await child.ready()
    slack.faults.answer("*", error="token_revoked", times=None)
    for command, given, failed in (
        ("SendMessage", HELLO, "SendMessageFailed"),
        ("SendRichMessage", {"channel": "#general", "text": "hello"}, "SendRichMessageFailed"),
        ("JoinChannel", {"channelId": "random"}, "JoinChannelFailed"),
        ("Broadcast", {"message": "hello"}, "BroadcastFailed"),
        ("LeaveChannel", {"channelId": "general"}, "LeaveChannelFailed"),
    ):
        result = await engine.run(command, given)
        assert (result.name, result.payload["errorCode"]) == (failed, "token_revoked"), result
        assert "reinstall the app" in result.payload["error"]
    assert (await child.health("/ready"))[0] == 500
    status, body = await child.health("/")
    assert (status, body["Slack"]["healthy"]) == (200, True)
    assert "token_revoked" in body["Slack"]["status"]
    slack.faults.clear()
    assert (await engine.run("SendMessage", HELLO)).name == "MessageSent"
    await child.ready()


async def test_a_jwt_that_is_refused_later_is_named_while_it_keeps_running_and_works_again_after(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    child = await run(FLYTE_JWT="a.secret.jwt").start()
    await child.ready()
    engine.answer("take", *[401] * 4)
    body = await child.ready(500)
    assert "refuses the pack's credentials" in body["Engine"]["status"]
    assert "FLYTE_JWT" in body["Engine"]["status"]
    assert (await child.health())[0] == 200
    assert (await engine.run("SendMessage", HELLO)).name == "MessageSent"
    await child.ready()
    assert len(child.lines("the engine refuses the pack's credentials", "error")) == 1
