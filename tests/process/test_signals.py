"""The process is told to stop: what runs is finished, nothing more is taken, and the exit code says why."""

from __future__ import annotations

import signal
import time

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run, eventually, unused_port

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}
AT_ONCE_SECONDS = 1.5


async def posting(slack: SimulatedSlack, engine: ScriptedEngine, child: Child, *, seconds: float) -> str:
    """Start the child and have it post a message, which Slack takes its time for; return the action."""
    slack.workspace.invite_bot("general")
    slack.faults.delay("chat.postMessage", seconds)
    action = engine.put("SendMessage", HELLO)
    await child.start()
    await eventually(lambda: slack.faults.calls_of("chat.postMessage"))
    return action


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_what_runs_is_finished_and_reported_and_nothing_more_is_taken(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, number: signal.Signals
) -> None:
    child = run()
    action = await posting(slack, engine, child, seconds=0.7)
    child.send(number)
    assert (await child.logged("stopping"))["signal"] == number.name
    engine.put("SendMessage", HELLO)
    taken = engine.counts["take"]
    assert await child.ended() == 0
    [result] = engine.results
    assert (result.action, result.name) == (action, "MessageSent")
    assert engine.counts["take"] == taken
    assert slack.workspace.messages("general")[-1].ts == result.payload["timestamp"]
    assert slack.faults.open_sockets == 0
    assert child.loud() == []


async def test_an_event_that_was_acknowledged_is_told_before_the_end(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    slack.faults.delay("users.info", 0.7)
    child = await run().start()
    await child.ready()
    slack.workspace.say("general", "hello", user="ada")
    await eventually(lambda: slack.faults.calls_of("users.info"))
    assert await child.stop() == 0
    [told] = engine.events
    assert told.payload["message"] == "hello"
    assert told.payload["user"]["name"] == "ada"
    assert slack.faults.unacknowledged == []


async def test_an_engine_that_is_down_holds_the_end_up_for_the_grace_period_at_most(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    child = run(FLYTE_SLACK_GRACE_SECONDS="1")
    await posting(slack, engine, child, seconds=0.3)
    await engine.stop()
    await child.logged("the engine cannot be reached")
    before = time.monotonic()
    assert await child.stop() == 0
    assert time.monotonic() - before < 1 + AT_ONCE_SECONDS
    assert child.lines("stopped with 1 results and events that the engine has not taken", "info")


async def test_a_result_is_delivered_to_an_engine_that_comes_back_within_the_grace_period(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    child = run(FLYTE_SLACK_GRACE_SECONDS="6")
    await posting(slack, engine, child, seconds=0.3)
    port = engine.port
    await engine.stop()
    await child.logged("the engine cannot be reached")
    child.send(signal.SIGTERM)
    await child.logged("stopping")
    await engine.start(port)
    before = time.monotonic()
    assert await child.ended() == 0
    assert time.monotonic() - before < 5
    assert [result.name for result in engine.results] == ["MessageSent"]


async def test_what_the_grace_period_was_too_short_for_is_finished_by_the_next_start(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    child = run(FLYTE_SLACK_GRACE_SECONDS="1", FLYTE_SLACK_SETTLING_SECONDS="0.1")
    first = engine.put("SendMessage", HELLO | {"note": "came first"})
    second = await posting(slack, engine, child, seconds=10)
    await eventually(lambda: engine.counts["take"] > 2)
    before = time.monotonic()
    assert await child.stop() == 0
    assert time.monotonic() - before < 1 + AT_ONCE_SECONDS
    assert engine.results == []
    slack.faults.clear()
    again = await run(FLYTE_SLACK_SETTLING_SECONDS="0.1").start()
    results = [await engine.result_of(action) for action in (first, second)]
    assert [result.name for result in results] == ["MessageSent", "MessageSent"]
    assert results[0].payload["note"] == "came first"
    assert [
        one.text
        for one in slack.workspace.messages("general")
        if one.user == slack.bot_user_id and not one.subtype
    ] == [HELLO["message"]] * 2
    assert await again.stop() == 0


async def test_a_result_that_waits_after_failures_is_tried_again_before_the_end(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    engine.answer("result", *[500] * 5)
    action = engine.put("SendMessage", HELLO)
    child = await run(FLYTE_SLACK_GRACE_SECONDS="1").start()
    await eventually(lambda: engine.counts.get("result") == 5)
    assert await child.stop() == 0
    assert [result.action for result in engine.results] == [action]


async def test_an_event_whose_lookup_hangs_is_told_with_the_id_alone_before_the_end(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    slack.faults.delay("users.info", 10)
    child = await run(FLYTE_SLACK_GRACE_SECONDS="1").start()
    await child.ready()
    slack.workspace.say("general", "hello", user="ada")
    await eventually(lambda: slack.faults.calls_of("users.info") and not slack.faults.unacknowledged)
    assert await child.stop() == 0
    [told] = engine.events
    assert told.payload["message"] == "hello"
    assert told.payload["user"]["id"] == slack.workspace.user("ada").id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_second_signal_ends_it_at_once(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, number: signal.Signals
) -> None:
    child = run(FLYTE_SLACK_GRACE_SECONDS="10")
    await posting(slack, engine, child, seconds=10)
    child.send(signal.SIGTERM)
    await child.logged("stopping")
    before = time.monotonic()
    assert await child.stop(number) == 128 + number
    assert time.monotonic() - before < AT_ONCE_SECONDS


async def test_a_stop_while_it_waits_at_start_for_the_engine_or_for_slack_ends_it_at_once(run: Run) -> None:
    nowhere = f"http://127.0.0.1:{unused_port()}"
    for settings, message in (
        ({"FLYTE_API": nowhere}, "the engine cannot be reached"),
        ({"FLYTE_SLACK_API_URL": nowhere}, "waiting for Slack"),
    ):
        child = await run(**settings).start()
        await child.logged(message)
        before = time.monotonic()
        assert await child.stop() == 0
        assert time.monotonic() - before < AT_ONCE_SECONDS


async def test_a_stop_while_the_engine_and_slack_hang_at_start_ends_it_at_once(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.faults.delay("*", 10)
    child = await run().start()
    await eventually(lambda: slack.faults.calls_of("auth.test") and engine.registrations)
    before = time.monotonic()
    assert await child.stop() == 0
    assert time.monotonic() - before < AT_ONCE_SECONDS
