"""A configuration that cannot be used ends the start with 2, with one message that says what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Run

pytestmark = pytest.mark.slow


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))
        holder.listen()
        yield int(holder.getsockname()[1])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"FLYTE_API": "", "FLYTE_SLACK_TOKEN": ""},
            ["FLYTE_API is not set: set it to", "FLYTE_SLACK_TOKEN is not set: set it to"],
        ),
        (
            {"FLYTE_SLACK_TOKEN": "xapp-1-A-1-swapped", "FLYTE_SLACK_APP_TOKEN": "xoxb-1-swapped"},
            ["FLYTE_SLACK_TOKEN begins with xapp-;", "FLYTE_SLACK_APP_TOKEN begins with xoxb-;"],
        ),
        (
            {"FLYTE_JWT_FILE": "/nowhere/jwt", "FLYTE_SLACK_HEALTH_PORT": "99999"},
            ["FLYTE_JWT_FILE: cannot read /nowhere/jwt: No such file"],
        ),
        (
            {"FLYTE_LABELS": "env", "FLYTE_SLACK_HEALTH_PORT": "99999", "FLYTE_API": "flyte:8080"},
            ["FLYTE_LABELS: 'env'", "FLYTE_SLACK_HEALTH_PORT=", "FLYTE_API: expected an address"],
        ),
    ],
    ids=["missing", "swapped tokens", "unreadable secret", "wrong values"],
)
async def test_missing_and_wrong_settings_are_all_named_before_anything_is_called(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, settings: dict[str, str], expected: list[str]
) -> None:
    child = await run(**settings).start()
    assert await child.ended() == 2
    for text in expected:
        assert text in child.output
    assert child.err[0] == "flyte-slack cannot start:"
    assert child.records == []
    assert engine.counts == {}
    assert slack.faults.connections_accepted == 0


async def test_a_token_of_an_unknown_kind_is_tried_with_a_warning(run: Run) -> None:
    child = await run(FLYTE_SLACK_TOKEN="token_abc", FLYTE_SLACK_APP_TOKEN="").start()
    assert await child.ended() == 3
    warning, error = child.loud()
    assert "FLYTE_SLACK_TOKEN does not begin with xoxb-" in warning
    assert "invalid_auth" in error


async def test_a_health_port_that_is_taken_ends_the_start_with_2(
    engine: ScriptedEngine, run: Run, taken_port: int
) -> None:
    child = await run(FLYTE_SLACK_HEALTH_PORT=str(taken_port)).start()
    assert await child.ended() == 2
    [message] = child.loud()
    assert f"FLYTE_SLACK_HEALTH_PORT={taken_port}: " in message
    assert "choose another port" in message
    assert engine.counts == {}


async def test_an_events_port_that_is_taken_ends_the_start_with_2_and_nothing_is_taken(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run, taken_port: int
) -> None:
    child = await run(
        FLYTE_SLACK_SIGNING_SECRET=slack.signing_secret, FLYTE_SLACK_EVENTS_PORT=str(taken_port)
    ).start()
    assert await child.ended() == 2
    [message] = child.loud()
    assert str(taken_port) in message
    assert "FLYTE_SLACK_EVENTS_PORT" in message
    assert engine.counts.get("take", 0) == 0


async def test_a_backup_directory_that_was_set_and_cannot_be_used_ends_the_start_with_2_and_the_fix(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    child = run(FLYTE_SLACK_BACKUP_DIR="volume/slack")
    (child.directory / "volume").write_text("a file, so that nobody can make a directory here")
    await child.start()
    assert await child.ended() == 2
    [message] = child.loud()
    assert message.startswith("FLYTE_SLACK_BACKUP_DIR=volume/slack cannot be used")
    assert re.search(r"\(uid \d+\): Not a directory", message)
    assert "volume is a file" in message
    assert engine.counts == {}
    assert slack.faults.connections_accepted == 0


async def test_a_default_backup_directory_that_cannot_be_used_is_done_without_and_shown_on_the_health_page(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    child = run()
    (child.directory / "flyte-slack").write_text("a file, so that nobody can make a directory here")
    await child.start()
    body = await child.ready()
    assert "kept in memory only" in body["Channels"]["status"]
    assert "FLYTE_SLACK_BACKUP_DIR" in body["Channels"]["status"]
    assert (await engine.run("JoinChannel", {"channelId": "random"})).name == "ChannelJoined"
    sent = await engine.run("Broadcast", {"message": "hello"})
    assert len(sent.payload["sent"]) == 2
    [warning] = child.loud()
    assert warning.startswith("joined channels are kept in memory only: FLYTE_SLACK_BACKUP_DIR=")
    assert await child.stop() == 0


async def test_an_engine_that_will_not_have_the_pack_ends_the_start_with_2(
    engine: ScriptedEngine, run: Run
) -> None:
    engine.answer("register", 400)
    child = await run().start()
    assert await child.ended() == 2
    [message] = child.loud()
    assert message.startswith("the engine refuses this pack: POST ")
    assert "400 Bad Request: scripted" in message
    assert engine.counts.get("take", 0) == 0
