from __future__ import annotations

from typing import Any

from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()


@situations("chat.postMessage", "is_archived")
async def _posting_into_an_archived_channel(stage: Stage) -> dict[str, Any]:
    channel = stage.general
    stage.slack.workspace.archive(channel)
    return await stage.call("chat.postMessage", channel=channel, text="hello")
