"""What is typed at the terminal of a running sandbox is done, and shown with what comes of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from rich.console import Console

from pack.sandbox.assembly import Sandbox
from pack.sandbox.chat import Chat
from pack.sandbox.narration import THEME
from pack.sandbox.options import GivenPorts, Options, plan_of
from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.terminal import Terminal
from tests.process.harness import eventually
from tests.sandbox.slack.caller import Caller, Socket
from tests.sandbox.slack.conftest import open_socket
from tests.sandbox.slack.interaction.conftest import interaction

PLAIN = {"type": "plain_text", "text": "Approve"}
BUTTONS = {"type": "actions", "elements": [{"type": "button", "action_id": "yes", "text": PLAIN}]}


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as running:
        yield running


@pytest.fixture
async def app(slack: SimulatedSlack) -> AsyncIterator[Socket]:
    """An app's socket, driven by hand."""
    async with aiohttp.ClientSession() as session:
        yield await open_socket(slack, session)


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
async def chat(slack: SimulatedSlack, written: io.StringIO) -> AsyncIterator[Chat]:
    sandbox = Sandbox(plan_of(Options(slack_only=True, ports=GivenPorts()), {}))
    sandbox.slack = slack
    chat = Chat(sandbox, Terminal(Console(file=written, theme=THEME, width=200)))
    showing = [asyncio.create_task(show()) for show in chat.shows()]
    await asyncio.sleep(0)
    yield chat
    for task in showing:
        task.cancel()
    await asyncio.gather(*showing, return_exceptions=True)


@pytest.fixture
def shown(written: io.StringIO) -> Callable[[str], Awaitable[None]]:
    async def showing(line: str) -> None:
        """Wait until this line is on the screen, however many spaces it has."""
        await eventually(lambda: line in [" ".join(one.split()) for one in written.getvalue().splitlines()])

    return showing


async def test_a_typed_command_is_sent_and_its_answer_shown(app: Socket, chat: Chat, shown) -> None:
    chat.obey("/deploy web")
    frame = await interaction(app)
    assert (frame["payload"]["command"], frame["payload"]["text"]) == ("/deploy", "web")
    await app.acknowledge(frame, text="on its way")
    await shown("#general ada /deploy web")
    await shown("#general flyte only ada sees: on its way")
    chat.obey("#random /deploy")
    frame = await interaction(app)
    assert (frame["payload"]["channel_name"], frame["payload"]["text"]) == ("random", "")


async def test_a_button_is_clicked_by_its_name_and_opens_a_modal(
    slack: SimulatedSlack, app: Socket, chat: Chat, shown
) -> None:
    slack.workspace.join("general", slack.bot_user_id)
    async with aiohttp.ClientSession() as session:
        call = Caller(slack, session)
        general = slack.workspace.channel("general").id
        for text in ("old", "new"):
            await call.ok("chat.postMessage", channel=general, text=text, blocks=[BUTTONS])
        await shown("#general flyte [Approve]")
        chat.obey("[approve]")
        frame = await interaction(app)
        assert frame["payload"]["message"]["text"] == "new"
        await shown("#general ada clicked [approve]")
        view = {"type": "modal", "title": PLAIN, "blocks": []}
        await call.ok("views.open", trigger_id=frame["payload"]["trigger_id"], view=view)
        await app.acknowledge(frame)
    await shown("ada the modal “Approve” was opened")


async def test_what_nobody_answers_and_what_is_not_there_is_explained(chat: Chat, shown) -> None:
    chat.obey("/deploy web")
    await shown('#general ada /deploy failed with the error "dispatch_failed"')
    chat.obey("[Approve]")
    await shown("ada sees no Approve there, but: nothing that can be used")
    chat.obey("#nowhere /deploy")
    await shown(
        "there is no channel #nowhere; try #general, #random, #deployments, #incidents or @flyte "
        "(channel_not_found)"
    )
