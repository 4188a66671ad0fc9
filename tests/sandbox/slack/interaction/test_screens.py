"""What a person sees of what was done, and for how long one waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock) -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack(clock=clock) as simulated:
        yield simulated


def speak(slack: SimulatedSlack, channel: str, text: str) -> None:
    where = slack.workspace.channel(channel)
    slack.workspace.post(where, text, user=slack.bot_user_id, fields={"bot_id": slack.bot_id})


def seen(slack: SimulatedSlack, user: str, channel: str = "") -> list[str]:
    shown = slack.interactions.screens.since(0, slack.workspace.user(user).id, channel)
    return [one["text"] for one in shown]


async def test_what_the_bot_says_in_a_direct_message_is_seen_wherever_the_person_acted(slack) -> None:
    bob, ada = slack.workspace.user("bob").id, slack.workspace.user("ada").id
    speak(slack, slack.workspace.add_im("bob").id, "to bob")
    group, _ = slack.workspace.open_direct([bob, ada], slack.bot_user_id)
    speak(slack, group.id, "to both")
    speak(slack, "general", "to all")
    assert seen(slack, "bob") == ["to bob", "to both"]
    assert seen(slack, "ada", slack.workspace.channel("general").id) == ["to both", "to all"]
    assert seen(slack, "carol") == []


@pytest.fixture
async def waiting(slack: SimulatedSlack) -> AsyncIterator[asyncio.Task[None]]:
    """Ada waits for at most two seconds."""
    screens, ada = slack.interactions.screens, slack.workspace.user("ada").id
    task = asyncio.create_task(screens.wait(screens.mark(), ada, "", 2.0))
    await asyncio.sleep(0)
    yield task
    task.cancel()


async def test_one_waits_until_nothing_more_comes_for_a_short_while(slack, clock, waiting) -> None:
    im = slack.workspace.add_im("ada").id
    await clock.advance(1.0)
    for text in ("one", "two", "three"):
        speak(slack, im, text)
        await clock.advance(0.25)
        assert not waiting.done()
    speak(slack, slack.workspace.add_im("bob").id, "not for her")
    await clock.advance(0.1)
    assert waiting.done()


async def test_however_much_comes_the_wait_has_an_end(slack, clock, waiting) -> None:
    im = slack.workspace.add_im("ada").id
    for _ in range(7):
        await clock.advance(0.25)
        speak(slack, im, "and on")
        assert not waiting.done()
    await clock.advance(0.25)
    assert waiting.done()


async def test_that_a_modal_closes_ends_no_wait(slack, clock, waiting) -> None:
    ada = slack.workspace.user("ada").id
    closed = {"kind": "view", "change": "closed", "view_id": "V1", "title": "T", "callback_id": ""}
    slack.interactions.screens.show(ada, closed)
    await clock.advance(1.0)
    assert not waiting.done()
    speak(slack, slack.workspace.add_im("ada").id, "it is deployed")
    await clock.advance(0.4)
    assert waiting.done()
