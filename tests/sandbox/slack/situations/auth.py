from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


@situations("auth.teams.list", "invalid_cursor")
async def _going_on_where_nothing_ended(stage: Stage) -> dict[str, Any]:
    return await stage.call("auth.teams.list", cursor="made-up")


@situations("auth.teams.list", "invalid_limit")
async def _asking_for_no_workspaces(stage: Stage) -> dict[str, Any]:
    return await stage.call("auth.teams.list", limit=0)
