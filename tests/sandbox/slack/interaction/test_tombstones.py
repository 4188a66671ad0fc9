"""What is left of a thread's deleted root: nobody can do anything with it."""

from __future__ import annotations

import pytest

from tests.sandbox.slack.interaction.conftest import plain

BUTTON = {"type": "button", "action_id": "yes", "text": plain("Yes"), "value": "1"}


@pytest.fixture
def tombstone(slack, general) -> str:
    """The ts of a root of the bot's that is deleted, and has a reply."""
    fields = {"blocks": [{"type": "actions", "block_id": "b", "elements": [BUTTON]}], "bot_id": slack.bot_id}
    channel = slack.workspace.channel(general)
    root = slack.workspace.post(channel, "ok?", user=slack.bot_user_id, fields=fields)
    slack.workspace.say(general, "reply", thread_ts=root.ts)
    slack.workspace.delete(general, root.ts)
    return root.ts


async def test_an_answer_cannot_bring_it_back(slack, session, general, tombstone) -> None:
    ada = slack.workspace.user("ada").id
    url = slack.interactions.response_urls.issue("actions", general, ada, message_ts=tombstone)
    for body in ({"text": "after", "replace_original": True}, {"delete_original": True}):
        async with session.post(url, json=body) as answer:
            assert (answer.status, (await answer.json())["error"]) == (404, "message_not_found")
    message = slack.workspace.channel(general).timeline.get(tombstone)
    assert (message.text, message.edited) == ("This message was deleted.", None)


async def test_people_cannot_use_it(refused, general, tombstone) -> None:
    there = {"channel": "general", "ts": tombstone}
    for action, more in (
        ("edit", {"text": "x"}),
        ("delete", {}),
        ("react", {"name": "eyes"}),
        ("pin", {}),
        ("message-shortcut", {"callback_id": "x"}),
    ):
        assert (await refused(action, **there, **more))["error"] == "message_not_found", action


async def test_the_app_can_neither_react_to_it_nor_pin_it(call, general, tombstone) -> None:
    there = {"channel": general, "timestamp": tombstone}
    assert await call.error("reactions.add", **there, name="eyes") == "message_not_found"
    assert await call.error("pins.add", **there) == "message_not_found"
