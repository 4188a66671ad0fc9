"""An ordinary blocking Bolt app in Socket Mode; people use it by the control addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk import WebClient

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.delivery.sockets import PING_SECONDS
from tests.sandbox.programs.bots import register
from tests.sandbox.programs.conftest import until


@dataclass
class People:
    """What people do, by the control addresses."""

    slack: SimulatedSlack
    session: aiohttp.ClientSession
    seen: list[str]

    async def do(self, what: str, **fields: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.slack.url}/sandbox/{what}", json=fields) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def noticed(self, what: str) -> None:
        await until(lambda: what in self.seen)


def _start(slack: SimulatedSlack, seen: list[str]) -> SocketModeHandler:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url))
    register(app, seen)
    handler = SocketModeHandler(app, slack.app_token)
    handler.connect()
    return handler


@pytest.fixture
async def people(slack: SimulatedSlack, session: aiohttp.ClientSession) -> AsyncIterator[People]:
    seen: list[str] = []
    slack.workspace.join("general", slack.bot_user_id)
    handler = await asyncio.to_thread(_start, slack, seen)
    yield People(slack, session, seen)
    closing = asyncio.create_task(asyncio.to_thread(handler.close))
    await until(lambda: handler.client.closed)
    # Closing waits for a thread that looks up after three seconds only, or when a frame comes: a ping.
    slack.clock.advance(PING_SECONDS)
    await closing


async def test_a_release_goes_from_a_word_to_a_form_and_its_correction(people: People) -> None:
    await people.do("say", channel="#general", text="a release, please", user="bob")
    await people.noticed("message")
    await until(lambda: people.slack.workspace.messages("general")[-1].text == "A release?")
    pressed = await people.do("click", element="open_form", channel="#general", user="bob", wait=5)
    assert pressed["accepted"]
    await people.noticed("action web")
    wrong = await people.do("submit", user="bob", values={"Version": "next"})
    assert wrong["errors"] == {"version": "begin with a digit"}
    right = await people.do("submit", user="bob", values={"Version": "2.0"})
    assert (right["accepted"], right["view"]) == (True, None)
    await people.noticed("released 2.0")


async def test_a_command_is_answered_to_its_person_and_then_to_all(people: People) -> None:
    answer = await people.do("slash", channel="#general", command="/release", text="3.1", user="ada")
    assert answer["accepted"]
    assert "on its way: 3.1" in [shown["text"] for shown in answer["shown"]]
    await people.noticed("command 3.1")
    await until(lambda: people.slack.workspace.messages("general")[-1].text == "done")


async def test_a_shortcut_opens_a_form_that_is_closed_again(people: People) -> None:
    started = await people.do("shortcut", callback_id="new_release", user="carol", wait=5)
    assert started["accepted"]
    await people.noticed("shortcut shortcut")
    await people.do("close", user="carol")
    await people.noticed("closed")


async def test_mentions_reactions_and_the_home_are_told(people: People) -> None:
    bot = people.slack.bot_user_id
    said = await people.do("say", channel="#general", text=f"<@{bot}> hello")
    await people.noticed("mention hello")
    await people.do("react", channel="#general", ts=said["ts"], name="eyes", user="bob")
    await people.noticed("reaction eyes")
    await people.do("open-home", user="ada")
    await people.noticed("home")
