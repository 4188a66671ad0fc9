"""What becomes of an action whose ID is known already."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.in_process import Stage, open_stage

HELLO = {"channelId": "general", "message": "hello"}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, FLYTE_SLACK_DEFAULT_JOIN_CHANNEL="general") as opened:
        yield opened


def said(stage: Stage) -> list[str]:
    bot = stage.slack.bot_user_id
    return [
        one.text for one in stage.slack.workspace.messages("general") if one.user == bot and not one.subtype
    ]


async def test_an_action_that_is_handed_out_again_is_answered_again_and_not_carried_out_again(
    stage: Stage,
) -> None:
    action = stage.engine.put("SendMessage", HELLO)
    first = await stage.engine.result_of(action)
    stage.engine.put("SendMessage", HELLO, action=action)
    await stage.until(lambda: len(stage.engine.results) == 2)
    assert [one.action for one in stage.engine.results] == [action, action]
    assert stage.engine.results[1].payload == first.payload
    assert said(stage) == ["hello"]


async def test_another_action_with_the_id_of_one_that_ended_is_carried_out(stage: Stage) -> None:
    action = stage.engine.put("SendMessage", HELLO)
    await stage.engine.result_of(action)
    stage.engine.put("SendMessage", HELLO | {"message": "another"}, action=action)
    await stage.until(lambda: len(stage.engine.results) == 2)
    assert stage.engine.results[1].payload["message"] == "another"
    assert said(stage) == ["hello", "another"]
