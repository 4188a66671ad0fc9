"""``docs/sandbox.md`` and the control API's page: what they tell readers to type works as it is written."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import typer
from typer.testing import CliRunner

from pack.cli import app as command_line
from pack.sandbox.engine import EmbeddedEngine
from pack.sandbox.slack import SimulatedSlack
from tests.sandbox.process import PATIENCE_SECONDS
from tests.sandbox.slack.app_server import AppServer, serve_app

ROOT = Path(__file__).parents[2]
NAMES = ("sandbox.md", "simulated-slack-control.md")
PAGES = {name: (ROOT / "docs" / name).read_text("utf-8") for name in NAMES}
PAGE = PAGES["sandbox.md"]
LINES = [line for page in PAGES.values() for line in page.splitlines()]
CURLS = sorted({line.strip() for line in LINES if line.startswith("    curl ")})
SLACK, ENGINE, APP = "http://127.0.0.1:8081", "http://127.0.0.1:8080", "http://127.0.0.1:8070"
SOME_TS, SOME_TOKEN = "1669027200.123456", "xoxb-1"
BUTTON = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}
VERSION = {
    "type": "input",
    "block_id": "version",
    "label": {"type": "plain_text", "text": "Version"},
    "element": {"type": "plain_text_input", "action_id": "version"},
}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Deploy"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [VERSION],
}


def section(heading: str) -> str:
    """Return what stands under a heading, its own headings included."""
    level = heading.split(" ", 1)[0]
    return re.split(rf"\n#{{2,{len(level)}}} ", PAGE.split(f"\n{heading}\n", 1)[1])[0]


def snippets(heading: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", section(heading), re.S)


# --- curl ----------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A sandbox in which everything that the examples take for granted is there."""

    slack: SimulatedSlack
    engine: EmbeddedEngine
    app: AppServer

    def here(self, text: str) -> str:
        """Return an example with this place's addresses, token and message."""
        ts = self.slack.workspace.say("general", "something", user="ada").ts
        known = {SLACK: self.slack.url, ENGINE: self.engine.url, APP: self.app.url, SOME_TS: ts}
        for written, real in {**known, SOME_TOKEN: self.slack.bot_token}.items():
            text = text.replace(written, real)
        return text


async def ask(session: aiohttp.ClientSession, address: str, body: Any, token: str = "-") -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(address, json=body, headers=headers) as answer:
        assert answer.ok
        assert b'"ok":false' not in (await answer.read()).replace(b" ", b"")


@asynccontextmanager
async def furnished() -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SimulatedSlack())
        engine = await stack.enter_async_context(EmbeddedEngine(control=True))
        place = Place(slack, engine, await stack.enter_async_context(serve_app()))
        slack.workspace.join("general", slack.bot_user_id)
        bob = slack.workspace.user("bob").id
        slack.interactions.views.open(bob, MODAL)
        slack.http_delivery.further_urls |= dict.fromkeys(("interactivity", "commands"), place.app.url)
        async with aiohttp.ClientSession() as session:
            message = {"channel": "#general", "blocks": [{"type": "actions", "elements": [BUTTON]}]}
            await ask(session, f"{slack.api_url}chat.postMessage", message, slack.bot_token)
            pack = {"name": "MyContinuousDeploymentToolPack", "events": [{"name": "DeploymentSucceeded"}]}
            await ask(session, f"{engine.url}/v1/packs", pack)
        yield place


@pytest.mark.parametrize("command", CURLS)
async def test_a_request_by_curl_does_what_is_asked(command: str) -> None:
    async with furnished() as place, aiohttp.ClientSession() as session:
        words = shlex.split(place.here(command))
        options = [words[at + 1] for at, word in enumerate(words) if word in ("-d", "--data-binary")]
        data = options[0] if options else None
        if data and data.startswith("@"):
            data = (ROOT / data[1:]).read_text("utf-8")
        async with session.request("POST" if options else "GET", words[-1], data=data) as answer:
            assert answer.status in (200, 201, 202), await answer.text()
            if words[1] != "-N" and "/sandbox/" in words[-1]:
                told = await answer.json()
                assert told["ok"] is True
                assert told.get("accepted", True), told


# --- programs ------------------------------------------------------------------------------------------


async def run_python(*arguments: str, slack: SimulatedSlack | None = None) -> asyncio.subprocess.Process:
    """Start Python, with the variables that the sandbox prints."""
    variables = {}
    if slack is not None:
        variables["FLYTE_SLACK_API_URL"] = slack.api_url
        variables["FLYTE_SLACK_TOKEN"] = slack.bot_token
        variables["FLYTE_SLACK_APP_TOKEN"] = slack.app_token
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, **variables},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def said_by(process: asyncio.subprocess.Process) -> str:
    """Wait for a program's good end; return what it printed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.slow
async def test_the_program_with_slack_sdk_posts() -> None:
    (program,) = snippets("### slack_sdk")
    async with SimulatedSlack() as slack:
        printed = await said_by(await run_python("-c", program, slack=slack))
        message = slack.workspace.messages("general")[-1]
        assert (message.text, message.ts) == ("Hello everybody", printed.strip())


@pytest.mark.slow
async def test_the_program_with_bolt_takes_everything_that_is_typed_below_it() -> None:
    text = section("### Bolt for Python")
    (program,) = snippets("### Bolt for Python")
    commands = [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("    flyte-slack ")]
    async with SimulatedSlack() as slack:
        slack.workspace.join("general", slack.bot_user_id)
        bot = await run_python("-c", program, slack=slack)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not slack.faults.open_sockets:  # noqa: ASYNC110 - another process connects
                    await asyncio.sleep(0.02)
            told = [await typed(slack, command) for command in commands]
        finally:
            bot.kill()
            await bot.communicate()
        assert told[0] == "Shall I?"
        assert told[1] == "ephemeral: I do"
        assert told[2].startswith("modal “Deploy” opened")
        assert "modal “Deploy” closed" in told[3]
        assert "direct message: 1.2 is deployed" in told[3].splitlines()
        direct = slack.workspace.add_im("bob")
        assert slack.workspace.messages(direct.id)[-1].text == "1.2 is deployed"
        assert told[4] == "f1: server_error at Slack"


async def typed(slack: SimulatedSlack, command: list[str]) -> str:
    """Run a command of the page against this Slack; return what it prints."""
    arguments = [*command, "--slack-url", slack.url]
    result = await asyncio.to_thread(CliRunner().invoke, command_line, arguments)
    assert result.exit_code == 0, (command, result.output)
    return result.stdout.strip()


@pytest.mark.slow
async def test_the_tests_on_the_page_pass(tmp_path: Path) -> None:
    tests = tmp_path / "test_bot.py"
    tests.write_text(snippets("## In your own tests")[0])
    pytest_options = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path))
    process = await run_python("-m", "pytest", *pytest_options, "-o", "asyncio_mode=auto", str(tests))
    assert "2 passed" in await said_by(process)


@pytest.mark.slow
async def test_the_client_drives_a_sandbox_that_runs_elsewhere() -> None:
    program = snippets("## In your own tests")[1]
    async with SimulatedSlack() as slack:
        printed = await said_by(await run_python("-c", program.replace(SLACK, slack.url)))
    assert "'text': 'hello'" in printed
    assert "'name': 'eyes'" in printed


async def test_the_control_pages_program_runs() -> None:
    program = re.findall(r"```python\n(.*?)```", PAGES["simulated-slack-control.md"], re.S)[0]
    async with SimulatedSlack() as slack:
        body = "\n".join(f"    {line}" for line in program.replace(SLACK, slack.url).splitlines())
        names: dict[str, Any] = {}
        exec(compile(f"async def main():\n{body}\n", "simulated-slack-control.md", "exec"), names)
        await names["main"]()
        assert list(slack.workspace.messages("general")[-1].reactions) == ["eyes"]


# --- commands and options ------------------------------------------------------------------------------


def options_of(command: str) -> set[str]:
    group: Any = typer.main.get_command(command_line)
    found = group.get_command(typer.Context(group), command)
    assert found is not None, f"there is no flyte-slack {command}"
    return {option for parameter in found.params for option in parameter.opts if option[:2] == "--"}


def test_every_command_on_the_page_is_one_and_takes_its_options() -> None:
    written = re.findall(r"`flyte-slack ([^`]+)`", PAGE) + re.findall(r"^    flyte-slack (.+)$", PAGE, re.M)
    for line in written:
        name, *words = shlex.split(line)
        assert {word for word in words if word.startswith("--")} <= options_of(name) | {"--help"}, line


def test_every_option_of_the_sandbox_is_in_the_table() -> None:
    rows = (row.split(" | ")[0] for row in section("## All options").splitlines())
    listed = {name for row in rows for name in re.findall(r"^\| `(--[a-z-]+)|, `(--[a-z-]+)", row)}
    listed = {first or second for first, second in listed}
    assert listed == options_of("sandbox")


def anchors(text: str) -> set[str]:
    """Return the addresses of a page's headings, as they are made of what is read."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", NAMES)
def test_the_addresses_of_other_sections_are_there(page: str) -> None:
    links = re.findall(r"\]\(([\w.-]*)#([\w-]+)\)", PAGES[page])
    assert links
    for name, anchor in links:
        assert anchor in anchors((ROOT / "docs" / (name or page)).read_text("utf-8")), anchor
