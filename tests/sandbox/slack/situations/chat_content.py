"""What is wrong with what messages say, in every method that takes blocks, attachments and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sandbox.slack.situations.chat import post
from tests.sandbox.slack.situations.declared import Situations, Stage

situations = Situations()

PAYLOAD = {"event_type": "deployed", "event_payload": {}}
UNSOUND = [{"type": "section"}]
WRONG: Mapping[str, Mapping[str, Any]] = {
    "invalid_attachments": {"attachments": [{"blocks": UNSOUND}]},
    "invalid_blocks": {"blocks": UNSOUND},
    "invalid_blocks_format": {"blocks": "[{"},
    "invalid_metadata_format": {"metadata": "[]"},
    "invalid_metadata_schema": {"metadata": {**PAYLOAD, "event_type": "a b"}},
    "markdown_text_conflict": {"markdown_text": "**x**"},
    "metadata_too_large": {"metadata": {**PAYLOAD, "event_payload": {"a": "x" * 17_000}}},
    "msg_blocks_too_long": {"blocks": [{"type": "markdown", "text": "x" * 6_500}] * 2},
    "msg_too_long": {"text": "", "markdown_text": "x" * 12_001},
    "too_many_attachments": {"attachments": [{"text": "x"}] * 101},
}
WITHOUT_METADATA = frozenset(WRONG) - {
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_too_large",
}


def _posted(method: str, code: str) -> None:
    @situations(method, code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        return await post(stage, method, stage.general, **WRONG[code])


for _code in WRONG:
    _posted("chat.scheduleMessage", _code)
    if _code != "msg_blocks_too_long":
        _posted("chat.postMessage", _code)
    if _code in WITHOUT_METADATA:
        _posted("chat.postEphemeral", _code)


def _updated(code: str) -> None:
    @situations("chat.update", code)
    async def _refused(stage: Stage) -> dict[str, Any]:
        mine = await stage.call.ok("chat.postMessage", channel=stage.general, text="first")
        wrong = {"text": "second", **WRONG[code]}
        return await stage.call("chat.update", channel=mine["channel"], ts=mine["ts"], **wrong)


for _code in WRONG:
    _updated(_code)
