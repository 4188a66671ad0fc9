"""Situations in which people, bots and user groups are refused."""

from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


@situations("bots.info", "bot_not_found")
async def _a_bot_by_the_id_of_its_user(stage: Stage) -> dict[str, Any]:
    return await stage.call("bots.info", bot=stage.slack.bot_user_id)


@situations("bots.info", "team_not_found")
async def _a_bot_of_another_workspace(stage: Stage) -> dict[str, Any]:
    return await stage.call("bots.info", bot=stage.slack.bot_id, team_id="T0OTHER")
