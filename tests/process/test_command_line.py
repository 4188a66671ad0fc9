"""The other commands: settings, manifest, version, help; and what is never loaded."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from pack import __version__
from pack.commands.catalogue import bot_scopes
from pack.contracts.events import MEMBERSHIP_SUBSCRIPTIONS, OBSERVED_EVENTS
from pack.sandbox.slack import SimulatedSlack
from tests.peers import ScriptedEngine
from tests.process.harness import Child, Run, python, script

pytestmark = pytest.mark.slow

HELLO = {"channelId": "general", "message": "hello"}

SANDBOX_ONLY = ("yaml", "_yaml", "re2", "_re2")
"""The modules of the packages that only the extra ``sandbox`` brings, and typer does not."""

WITHOUT_THE_EXTRA = f"""
import sys
sys.modules.update(dict.fromkeys({SANDBOX_ONLY!r}))  # None: importing it fails
from pack.__main__ import main
main()
"""


def imported(child: Child) -> set[str]:
    """Return the modules that a child run with ``-X importtime`` imported."""
    return {line.rpartition("|")[2].strip() for line in child.err if line.startswith("import time:")}


async def test_settings_are_printed_with_their_sources_and_secrets_masked(
    slack: SimulatedSlack, run: Run
) -> None:
    child = run(
        command=python("settings"),
        FLYTE_SLACK_SIGNING_SECRET=slack.signing_secret,
        FLYTE_JWT_FILE="jwt.txt",
        FLYTE_API="http://user:hunter2@flyte:8080/",
    )
    (child.directory / "jwt.txt").write_text("the.secret.jwt")
    await child.start()
    assert await child.ended() == 0
    printed = dict(line.split("=", 1) for line in child.out if not line.startswith(" "))
    assert printed["FLYTE_SLACK_TOKEN"] == f"xoxb-*** ({len(slack.bot_token)} characters)"
    assert printed["FLYTE_SLACK_APP_TOKEN"] == f"xapp-*** ({len(slack.app_token)} characters)"
    assert printed["FLYTE_SLACK_SIGNING_SECRET"] == "*** (32 characters)"
    assert printed["FLYTE_JWT"] == "*** (14 characters)"
    assert printed["FLYTE_SLACK_HEALTH_PORT"] == "0"
    assert printed["PACK_NAME"] == "Slack"
    assert "    FLYTE_JWT_FILE; default: none" in child.out
    assert "    environment; default: 8090" in child.out
    assert "hunter2" not in child.output
    assert child.err == []


async def test_settings_that_cannot_be_used_are_printed_too_and_end_with_2(run: Run) -> None:
    wrong = run(
        command=python("settings"), FLYTE_API="", FLYTE_SLACK_TOKEN="xapp-1-A-1-swapped", LOGLEVEL="loud"
    )
    await wrong.start()
    assert await wrong.ended() == 2
    assert "FLYTE_API=" in wrong.out
    assert "LOGLEVEL=loud" in wrong.out
    for text in ("These settings cannot be used:", "FLYTE_API is not set", "LOGLEVEL=loud: "):
        assert text in "\n".join(wrong.err)


async def test_settings_are_printed_when_the_file_of_a_secret_cannot_be_read(run: Run) -> None:
    child = run(command=python("settings"), FLYTE_SLACK_TOKEN="", FLYTE_SLACK_TOKEN_FILE="nowhere")
    await child.start()
    assert await child.ended() == 2
    assert "FLYTE_SLACK_TOKEN_FILE: cannot read nowhere" in "\n".join(child.err)
    assert any(line.startswith("PACK_NAME=") for line in child.out)


async def test_the_manifest_is_json_with_the_declared_events_and_scopes(run: Run) -> None:
    ways = ((), ("--name", "Flows", "--request-url", "https://flyte.example.com/slack"))
    children = [run(command=script("manifest", *more)) for more in ways]
    await asyncio.gather(*(child.start() for child in children))
    assert await asyncio.gather(*(child.ended() for child in children)) == [0, 0]
    socket, http = (json.loads("\n".join(child.out)) for child in children)
    declared = {name for event in OBSERVED_EVENTS for name in event.subscriptions}
    for manifest in (socket, http):
        events = manifest["settings"]["event_subscriptions"]["bot_events"]
        assert events == sorted(declared | set(MEMBERSHIP_SUBSCRIPTIONS))
        assert manifest["oauth_config"]["scopes"]["bot"] == list(bot_scopes())
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in socket["settings"]["event_subscriptions"]
    assert http["settings"]["socket_mode_enabled"] is False
    url = http["settings"]["event_subscriptions"]["request_url"]
    assert url == "https://flyte.example.com/slack"
    assert http["display_information"]["name"] == "Flows"


async def test_version_and_help_work_without_the_extra_for_the_sandbox(run: Run) -> None:
    asked = (("version",), ("--help",), ("run", "--help"), ("sandbox", "--help"), ("manifest",))
    children = [run(command=(sys.executable, "-c", WITHOUT_THE_EXTRA, *more)) for more in asked]
    await asyncio.gather(*(child.start() for child in children))
    for child in children:
        assert await child.ended() == 0, child.output
    version, everything, about_run, about_sandbox, _ = children
    assert version.out == [__version__]
    for name in ("run", "settings", "manifest", "version", "health", "sandbox", "say"):
        assert f" {name} " in everything.output
    assert "Exit codes" in about_run.output
    assert "--headless" in about_sandbox.output


async def test_running_loads_neither_the_sandbox_nor_its_libraries(
    engine: ScriptedEngine, slack: SimulatedSlack, run: Run
) -> None:
    slack.workspace.invite_bot("general")
    action = engine.put("SendMessage", HELLO)
    running = await run(command=(sys.executable, "-X", "importtime", "-m", "pack", "run")).start()
    assert (await engine.result_of(action)).name == "MessageSent"
    slack.workspace.say("general", "hello")
    await engine.event()
    assert await running.stop() == 0
    children = [running]
    for command in ("settings", "manifest"):
        child = await run(command=(sys.executable, "-X", "importtime", "-m", "pack", command)).start()
        assert await child.ended() == 0
        children.append(child)
    for child in children:
        modules = imported(child)
        assert "pack.errors" in modules
        assert not {name for name in modules if name.partition(".")[0] in SANDBOX_ONLY}
        assert not {name for name in modules if name.startswith(("pack.sandbox", "pack.flowlang"))}
    assert "pack.worker" in imported(running)
    assert not {"pack.cli", "typer"} & imported(running)
