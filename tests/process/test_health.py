"""The health page over the wire, and the command that containers ask it with."""

from __future__ import annotations

import asyncio
import signal

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run, eventually, python, unused_port

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}


async def test_every_path_but_ready_is_200_with_the_old_body_while_ready_follows_the_engine(
    engine: ScriptedEngine, run: Run
) -> None:
    child = await run().start()
    await child.ready()
    port = engine.port
    await engine.stop()
    body = await child.ready(500)
    assert "not reachable since" in body["Engine"]["status"]
    for path in ("/", "/health", "/healthz?probe=1", "/any/other%20path", "/ready/", "//ready"):
        status, body = await child.health(path)
        assert status == 200, path
        assert body.keys() >= {"Engine", "Slack", "SocketMode"}
        for check in body.values():
            assert check.keys() == {"healthy", "status"}
            assert check["healthy"] is True
            assert isinstance(check["status"], str)
            assert check["status"]
    assert (await child.health("/", "HEAD"))[0] == 200
    assert (await child.health("/", "POST"))[0] == 200
    assert (await child.health("/ready", "HEAD"))[0] == 500
    assert (await child.health("/ready?probe=1"))[0] == 500
    await engine.start(port)
    assert "registered since" in (await child.ready())["Engine"]["status"]


async def test_ready_follows_the_socket_and_slack_and_each_outage_is_told_in_one_line(
    slack: SimulatedSlack, run: Run
) -> None:
    child = await run().start()
    await child.ready()
    slack.faults.close_sockets(abrupt=True)
    await child.logged("Socket Mode is not connected")
    body = await child.ready(500)
    assert "Not connected to Slack" in body["SocketMode"]["status"]
    assert (await child.health())[0] == 200
    await child.ready()
    assert len(child.loud()) == 1
    await slack.stop()
    await eventually(lambda: len(child.lines("Socket Mode is not connected")) == 3)
    body = await child.ready(500)
    assert "Not connected to Slack" in body["SocketMode"]["status"]
    assert (await child.health())[0] == 200
    await slack.start()
    await child.ready()
    assert len(child.loud()) == 2
    assert len(child.lines("Socket Mode is connected", "info")) == 3


async def test_ready_follows_slack_without_a_socket_and_a_command_outlives_a_short_outage(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    child = await run(FLYTE_SLACK_APP_TOKEN="").start()
    await child.ready()
    await slack.stop()
    action = engine.put("SendMessage", HELLO)
    body = await child.ready(500)
    status = body["Slack"]["status"]
    assert "cannot be reached" in status or "no answer came" in status
    assert (await child.health())[0] == 200
    assert engine.results == []
    await slack.start()
    assert (await engine.result_of(action)).name == "MessageSent"
    assert (await child.ready())["Slack"]["status"] == "ok"


async def test_the_health_command_tells_a_container_whether_a_restart_would_help(
    engine: ScriptedEngine, run: Run
) -> None:
    port = str(unused_port())
    child = await run(FLYTE_SLACK_HEALTH_PORT=port).start()
    await child.ready()
    await engine.stop()
    await child.ready(500)
    nowhere = f"http://127.0.0.1:{unused_port()}"
    here = run(command=python("health"), FLYTE_SLACK_HEALTH_PORT=port, http_proxy=nowhere, HTTP_PROXY=nowhere)
    ready = run(command=python("health", "--url", f"http://127.0.0.1:{port}/ready"))
    others = [
        run(command=python("health", "--url", nowhere)),
        run(command=python("health", "--url", "nonsense")),
        run(command=python("health"), FLYTE_SLACK_HEALTH_PORT="eighty"),
    ]
    asked = (here, ready, *others)
    await asyncio.gather(*(one.start() for one in asked))
    assert await asyncio.gather(*(one.ended() for one in asked)) == [0, 1, 1, 1, 1]
    assert '"Engine"' in here.output
    assert "not reachable since" in ready.output
    for other in others:
        [line] = other.err
        assert line.startswith("the health page does not answer at ")


async def test_a_second_process_that_waits_for_the_first_waits_for_its_port_too(run: Run) -> None:
    port = str(unused_port())
    first = await run(FLYTE_SLACK_HEALTH_PORT=port).start()
    await first.ready()
    second = await run(FLYTE_SLACK_HEALTH_PORT=port).start()
    await second.logged(f"FLYTE_SLACK_HEALTH_PORT={port} is used")
    first.send(signal.SIGTERM)
    assert await first.ended() == 0
    await second.logged("the pack works")
    assert (await second.ready())["Journal"]["status"] == "ok"
