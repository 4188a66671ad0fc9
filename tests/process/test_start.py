"""The process starts: with everything there, with something missing, and while others are down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pack.commands.catalogue import COMMANDS
from pack.contracts.events import OBSERVED_EVENTS
from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Gateway, Run, eventually, python, script, unused_port

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}


async def test_it_registers_is_ready_within_seconds_and_carries_a_command_and_an_event(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    action = engine.put("SendMessage", HELLO)
    child = await run(FLYTE_LABELS="env=test,az=1", PACK_NAME="Chat").start()
    await child.ready(200, seconds=10)
    sent = await engine.result_of(action)
    assert sent.name == "MessageSent"
    message = slack.workspace.message("general", sent.payload["timestamp"])
    assert (message.text, message.user) == ("hello", slack.bot_user_id)
    said = slack.workspace.say("general", "hello yourself", user="ada")
    told = await engine.event()
    assert (told.name, told.payload["timestamp"]) == ("ReceivedMessage", said.ts)
    [registered] = engine.registrations
    assert registered["name"] == "Chat"
    assert registered["labels"] == {"env": "test", "az": "1"}
    commands = {command["name"]: command for command in registered["commands"]}
    assert {name: tuple(command["events"]) for name, command in commands.items()} == {
        command.name: command.events for command in COMMANDS
    }
    events = {event["name"]: event for event in registered["events"]}
    assert events.keys() >= {event.name for event in OBSERVED_EVENTS}
    for thing in (registered, *commands.values(), *events.values()):
        [link] = thing["links"]
        assert link["rel"] == "help"
        assert link["href"].startswith("https://")
    assert child.loud() == []


async def test_the_module_and_the_script_are_the_same_and_without_a_way_for_events_it_says_so_once(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, tmp_path: Path
) -> None:
    slack.workspace.invite_bot("general")
    engines = engine, await ScriptedEngine().start()
    ways = python("run"), script("run")
    children = [
        run(
            command=way,
            FLYTE_API=one.url,
            FLYTE_SLACK_APP_TOKEN="",
            FLYTE_SLACK_BACKUP_DIR=str(tmp_path / f"volume {len(way)}"),
        )
        for way, one in zip(ways, engines, strict=True)
    ]
    try:
        for one in engines:
            one.put("SendMessage", HELLO)
        await asyncio.gather(*(child.start() for child in children))
        for one, child in zip(engines, children, strict=True):
            assert (await one.result_of("action1")).name == "MessageSent"
            body = await child.ready()
            assert "SocketMode" not in body
            assert "EventsApi" not in body
            [warning] = child.loud()
            assert "no events will be received" in warning
            assert "FLYTE_SLACK_APP_TOKEN" in warning
            assert "FLYTE_SLACK_SIGNING_SECRET" in warning
            assert await child.stop() == 0
        assert engines[0].registrations == engines[1].registrations
    finally:
        await engines[1].stop()


async def test_events_come_in_by_signed_requests_when_only_the_signing_secret_is_set(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    child = await run(
        FLYTE_SLACK_APP_TOKEN="",
        FLYTE_SLACK_SIGNING_SECRET=slack.signing_secret,
        FLYTE_SLACK_EVENTS_PORT="0",
    ).start()
    port = (await child.logged("Listening for Slack's requests"))["port"]
    assert "EventsApi" in await child.ready()
    await slack.http_delivery.subscribe(f"http://127.0.0.1:{port}/slack/events")
    slack.workspace.say("general", "hello")
    assert (await engine.event()).payload["message"] == "hello"
    assert child.loud() == []


async def test_starting_while_the_engine_is_down_waits_and_goes_on_when_it_comes_up(
    slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    port = unused_port()
    child = await run(FLYTE_API=f"http://127.0.0.1:{port}").start()
    await child.logged("the engine cannot be reached")
    assert (await child.health("/ready"))[0] == 500
    status, body = await child.health("/")
    assert status == 200
    assert body["Engine"]["healthy"] is True
    assert "not reachable" in body["Engine"]["status"]
    engine = ScriptedEngine()
    action = engine.put("SendMessage", HELLO)
    await engine.start(port)
    try:
        assert (await engine.result_of(action)).name == "MessageSent"
        await child.ready()
        assert len(child.loud()) == 1
    finally:
        await engine.stop()


async def test_starting_while_slack_is_down_registers_waits_and_takes_nothing_before_it_knows_who_it_is(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    action = engine.put("SendMessage", HELLO)
    api = slack.api_url
    await slack.stop()
    child = await run(FLYTE_SLACK_API_URL=api).start()
    await eventually(lambda: engine.registrations)
    await child.logged("waiting for Slack")
    assert (await child.health("/ready"))[0] == 500
    status, body = await child.health("/")
    assert (status, body["Slack"]["healthy"]) == (200, True)
    assert "cannot be reached" in body["Slack"]["status"]
    assert engine.counts.get("take", 0) == 0
    await slack.start()
    assert (await engine.result_of(action)).name == "MessageSent"
    await child.ready()


async def test_the_engines_address_may_have_a_path(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    action = engine.put("SendMessage", HELLO)
    async with Gateway(engine.url, "/teams/flyte") as gateway:
        child = await run(FLYTE_API=gateway.url).start()
        assert (await engine.result_of(action)).name == "MessageSent"
        await child.ready()
        assert gateway.strays == []
        assert child.loud() == []
