"""An engine that forgets, fails, goes away and comes back: the process goes on, and says it once."""

from __future__ import annotations

import pytest

from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run, eventually, unused_port

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}


@pytest.fixture(autouse=True)
def bot_in_general(slack: SimulatedSlack) -> None:
    slack.workspace.invite_bot("general")


async def test_an_engine_that_forgot_the_pack_is_registered_with_again(
    engine: ScriptedEngine, run: Run
) -> None:
    child = await run().start()
    await child.ready()
    engine.answer("take", 404)
    await eventually(lambda: len(engine.registrations) == 2)
    assert engine.registrations[0] == engine.registrations[1]
    assert (await engine.run("SendMessage", HELLO)).name == "MessageSent"
    await child.ready()
    [warning] = child.loud()
    assert "does not know this pack any more" in warning


async def test_an_event_for_an_engine_that_forgot_the_pack_is_told_after_registering_again(
    slack: SimulatedSlack, run: Run
) -> None:
    async with EmbeddedEngine() as engine:
        child = await run(FLYTE_API=engine.url).start()
        await child.ready()
        assert engine.forget_pack("Slack")
        before = engine.requests("event")
        slack.workspace.say("general", "hello")
        await eventually(lambda: engine.requests("event") > before and engine.requests("packs") > 1)
        await child.ready()
        assert not engine.forget_pack("Nobody")
        assert engine.forget_pack("Slack")


async def test_an_engine_that_is_restarted_on_its_port_is_worked_for_again(
    engine: ScriptedEngine, run: Run
) -> None:
    child = await run().start()
    port = engine.port
    await child.ready()
    await engine.stop()
    await child.logged("the engine cannot be reached")
    action = engine.put("SendMessage", HELLO)
    await engine.start(port)
    assert (await engine.result_of(action)).name == "MessageSent"
    await child.ready()
    assert len(engine.registrations) == 1


async def test_answers_of_500_to_taking_are_survived_without_a_word(engine: ScriptedEngine, run: Run) -> None:
    child = await run().start()
    await child.ready()
    engine.answer("take", *[500] * 5)
    action = engine.put("SendMessage", HELLO)
    assert (await engine.result_of(action)).name == "MessageSent"
    assert engine.counts["take"] > 5
    await child.ready()
    assert child.loud() == []


async def test_a_long_outage_is_told_in_one_line_and_its_end_in_another(
    engine: ScriptedEngine, run: Run
) -> None:
    child = await run(LOGLEVEL="info", FLYTE_SLACK_HEALTH_PORT=str(unused_port())).start()
    await child.logged("Socket Mode is connected")
    await child.ready()
    before = len(child.err)
    engine.answer("take", *[503] * 6)
    action = engine.put("SendMessage", HELLO)
    assert (await engine.result_of(action)).name == "MessageSent"
    assert engine.counts["take"] > 6
    await child.ready()
    told = [
        (record["level"], record["message"])
        for record in child.records[before:]
        if record["logger"] != "pack.delivery.backfill"
    ]
    assert [level for level, _ in told] == ["warning", "info"], told
    assert told[0][1].startswith("the engine cannot be reached: POST ")
    assert "503 Service Unavailable" in told[0][1]
    assert told[1][1] == "the engine works again"
