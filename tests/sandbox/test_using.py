"""``flyte-slack click``, ``submit``, ``slash`` and the like against a simulated Slack."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from pack.cli import app
from pack.sandbox import whereabouts
from pack.sandbox.control_calls import NotDone
from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.using import named_values, use
from tests.sandbox.process import environment, flyte_slack
from tests.sandbox.slack.caller import Socket
from tests.sandbox.slack.conftest import open_socket

BUTTON = {"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}}
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as running:
        running.workspace.join("general", running.bot_user_id)
        yield running


@pytest.fixture
async def app_socket(slack: SimulatedSlack) -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as session:
        yield await open_socket(slack, session)


async def answering(socket: Socket, **payload: Any) -> dict[str, Any]:
    frame = await socket.frame()
    while frame["type"] == "events_api":
        await socket.acknowledge(frame)
        frame = await socket.frame()
    await socket.acknowledge(frame, **payload)
    return frame["payload"]


async def both(doing: Any, answered: Any) -> tuple[Any, dict[str, Any]]:
    return tuple(await asyncio.gather(doing, answered))  # type: ignore[return-value]


async def test_a_commands_answer_is_printed(slack: SimulatedSlack, app_socket: Socket) -> None:
    body = {"channel": "general", "command": "deploy", "text": "now", "user": None}
    (told, accepted), payload = await both(use("slash", body, slack.url), answering(app_socket, text="done"))
    assert (told, accepted) == ("ephemeral: done", True)
    assert (payload["command"], payload["text"], payload["user_name"]) == ("/deploy", "now", "ada")


async def test_what_the_bot_says_in_the_persons_direct_message_is_printed(
    slack: SimulatedSlack, app_socket: Socket
) -> None:
    im = slack.workspace.add_im("bob")

    async def answer() -> None:
        await answering(app_socket)
        slack.workspace.post(im, "deployed", user=slack.bot_user_id, fields={"bot_id": slack.bot_id})

    body = {"callback_id": "deploy", "user": "bob", "wait": 5}
    (told, _), _ = await both(use("shortcut", body, slack.url), answer())
    assert told == "direct message: deployed"


async def test_the_whole_answer_is_printed_as_json(slack: SimulatedSlack, app_socket: Socket) -> None:
    slack.workspace.post(
        slack.workspace.channel("general"), "?", user=slack.bot_user_id, fields={"blocks": BLOCKS}
    )
    (told, accepted), _ = await both(
        use("click", {"element": "Yes"}, slack.url, as_json=True), answering(app_socket)
    )
    assert accepted
    assert json.loads(told)["accepted"] is True


async def test_that_nobody_listens_is_said(slack: SimulatedSlack) -> None:
    told, accepted = await use("shortcut", {"callback_id": "x"}, slack.url)
    assert not accepted
    assert told.startswith("nobody listens")
    assert told.endswith("(dispatch_failed)")


async def test_a_modals_inputs_are_named_and_its_errors_printed(
    slack: SimulatedSlack, app_socket: Socket
) -> None:
    ada = slack.workspace.user("ada").id
    title = {"type": "plain_text", "text": "Deploy"}
    entry = {"type": "plain_text_input", "action_id": "name"}
    blocks = [{"type": "input", "block_id": "service", "label": title, "element": entry}]
    view = {"type": "modal", "title": title, "submit": title, "blocks": blocks}

    async def opening() -> None:
        payload = await answering(app_socket)
        slack.interactions.opener.open(payload["trigger_id"], view)

    (told, _), _ = await both(use("shortcut", {"callback_id": "x", "wait": 5}, slack.url), opening())
    assert told.splitlines()[0].startswith("modal “Deploy” opened (V")
    assert told.splitlines()[1] == "  service: Deploy (plain_text_input)"
    errors = {"response_action": "errors", "errors": {"service": "No such service."}}
    (told, accepted), _ = await both(
        use("submit", {"values": {"service": "x"}}, slack.url), answering(app_socket, **errors)
    )
    assert (told.splitlines(), accepted) == (
        ["the app refused the form (errors)", "  service: No such service."],
        False,
    )
    told, accepted = await use("submit", {"values": {"service": ""}}, slack.url)
    assert "the form is not complete (invalid_input)" in told
    assert slack.interactions.views.top(ada) is not None
    told, accepted = await use("close", {}, slack.url)
    assert (told.startswith("modal “Deploy” closed"), accepted) == (True, True)


@pytest.mark.parametrize(
    ("action", "body", "reason"),
    [
        ("submit", {"user": "bob"}, r"bob has no such modal open \(view_not_found\)"),
        ("slash", {"channel": "#none", "command": "x"}, r"there is no channel #none"),
        ("slash", {"channel": "incidents", "command": "x", "user": "bob"}, r"bob is not in incidents"),
        ("click", {"element": "Yes"}, r"ada sees no Yes there, but: nothing that can be used"),
        ("react", {"channel": "general", "ts": "1.1", "name": "eyes"}, r"no such message"),
    ],
)
async def test_what_the_sandbox_refuses_is_explained(
    slack: SimulatedSlack, action: str, body: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotDone, match=reason):
        await use(action, body, slack.url)


async def test_a_reaction_is_put_on_a_message(slack: SimulatedSlack) -> None:
    message = slack.workspace.say("general", "hello")
    body = {"channel": "general", "ts": message.ts, "name": "eyes", "user": "bob"}
    assert await use("react", body, slack.url) == ("done", True)
    assert message.reactions == {"eyes": [slack.workspace.user("bob").id]}


def test_values_are_read_as_pairs_and_what_is_there_twice_is_a_list() -> None:
    assert named_values(["a=1", "b=x=y", "a=2", "a=3"]) == {"a": ["1", "2", "3"], "b": "x=y"}
    with pytest.raises(NotDone, match="NAME=VALUE"):
        named_values(["no value"])


async def test_the_exit_code_tells_whether_the_app_took_it(slack: SimulatedSlack) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, [*arguments, "--slack-url", slack.url])
        return result.exit_code, result.output

    message = slack.workspace.say("general", "hello")
    assert await asyncio.to_thread(run, "react", "general", message.ts, "eyes") == (0, "done\n")
    code, output = await asyncio.to_thread(run, "slash", "/deploy", "the", "shop")
    assert (code, "nobody listens" in output) == (1, True)
    code, output = await asyncio.to_thread(run, "submit", "x")
    assert (code, "NAME=VALUE" in output) == (1, True)
    for command in (["click", "Yes"], ["close"], ["options", "x", "y"], ["shortcut", "x", "--json"]):
        assert (await asyncio.to_thread(run, *command))[0] == 1, command
    on_message = ("shortcut", "x", "--channel", "general", "--ts", message.ts)
    assert (await asyncio.to_thread(run, *on_message))[0] == 1


async def test_which_sandbox_it_was_is_told_on_standard_error_when_several_run(
    slack: SimulatedSlack, tmp_path: Path
) -> None:
    told = whereabouts.path(tmp_path)
    async with SimulatedSlack() as other:
        whereabouts.announce(whereabouts.Whereabouts(1, other.url), told)
        whereabouts.announce(whereabouts.Whereabouts(os.getppid(), slack.url), told)
        message = slack.workspace.say("general", "hello")
        calls = (("react", "general", message.ts, "eyes"), ("say", "general", "x"), ("fault",))
        for call in calls:
            ended = await asyncio.to_thread(flyte_slack, *call, env=environment(tmp_path))
            taken = f"at {slack.url}, the sandbox that was started last; another one answers at {other.url}"
            assert (ended.returncode, taken in ended.stderr) == (0, True), ended.stderr
            assert "--slack-url" not in ended.stdout


def test_what_an_option_needs_is_told_in_the_options_own_words() -> None:
    for arguments, reason in (
        (("shortcut", "x", "--channel", "#general"), "needs --ts beside --channel"),
        (("shortcut", "x", "--ts", "1.1"), "--ts needs --channel"),
        (("click", "Go", "--ts", "1.1"), "--ts needs --channel"),
        (("options", "Menu", "x", "--ts", "1.1"), "--ts needs --channel"),
    ):
        result = CliRunner().invoke(app, [*arguments])
        assert (result.exit_code, reason in result.output) == (1, True), arguments
