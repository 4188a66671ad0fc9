from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


@situations("team.info", "team_not_found")
async def _asking_for_another_workspace(stage: Stage) -> dict[str, Any]:
    return await stage.call("team.info", team="T0ELSEWHERE")
