"""Secondary attachments of messages: read, checked, numbered, and given a fallback.

Fields: docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.kit.blocks import message_faults, parse, refusal
from pack.sandbox.slack.kit.finishing import finish
from pack.sandbox.slack.kit.pictures import ShowsFile
from pack.sandbox.slack.kit.rules import check_message
from pack.sandbox.slack.kit.shapes import is_deep
from pack.sandbox.slack.refusal import Refusal

Json = Any

MOST_ATTACHMENTS = 100
NO_PREVIEW = "[no preview available]"

_NAMED_COLORS: Mapping[str, str] = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
_BESIDE_BLOCKS = frozenset(
    {"blocks", "color", "fallback", "id", "app_id", "app_unfurl_url", "bot_id", "from_url"}
    | {"hide_border", "hide_color", "is_app_unfurl", "original_url", "preview"}
)


def read_attachments(value: Json, shows: ShowsFile) -> list[dict[str, Json]] | None:
    """Return the attachments of a message as Slack gives them back, None when there are none.

    ``shows``: which uploaded files their author can show in blocks. Each has an ``id`` (from 1) and a
    ``fallback``; colours come back as six digits. What is no JSON, and what is no list of objects, is passed
    over in silence. An attachment with blocks has no other content (slackapi/node-slack-sdk#832:
    ``invalid_keys``).

    Raises:
        Refusal: ``too_many_attachments``; ``invalid_attachments`` with what is wrong, as with blocks.
    """
    try:
        attachments = parse(value, "invalid_attachments")
    except Refusal:
        return None
    if not isinstance(attachments, list):
        return None
    attachments = [item for item in attachments if isinstance(item, dict) and not is_deep(item)]
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    _check(attachments, shows)
    return [_finish(item, number) for number, item in enumerate(attachments, start=1)] or None


def _check(attachments: list[dict[str, Json]], shows: ShowsFile) -> None:
    faults = [
        fault
        for index, item in enumerate(attachments)
        if item.get("blocks")
        for fault in message_faults(item["blocks"], f"/attachments/{index}/blocks", shows)
    ]
    if faults:
        raise refusal("invalid_attachments", faults)
    for item in attachments:
        given = {name for name, content in item.items() if content is not None}
        if item.get("blocks") and not given <= _BESIDE_BLOCKS:
            raise Refusal("invalid_attachments", messages=["[ERROR] invalid_keys"], errors=["invalid_keys"])
    check_message([block for item in attachments for block in item.get("blocks") or ()])


def _finish(item: Mapping[str, Json], number: int) -> dict[str, Json]:
    finished = {name: content for name, content in item.items() if content is not None}
    finished["id"] = number
    if not finished.get("blocks"):
        finished.pop("blocks", None)
    else:
        seed = f"{number}{json.dumps(item['blocks'])}"
        finished["blocks"] = finish(item["blocks"], seed, escaped=True)
    if isinstance(color := finished.get("color"), str):
        finished["color"] = _NAMED_COLORS.get(color, color.removeprefix("#"))
    if isinstance(actions := finished.get("actions"), list):
        finished["actions"] = [
            {"id": str(place), **action} if isinstance(action, dict) else action
            for place, action in enumerate(actions, start=1)
        ]
    finished["fallback"] = _fallback(finished)
    return finished


def _fallback(item: Mapping[str, Json]) -> str:
    for name in ("fallback", "text", "title", "pretext"):
        if isinstance(content := item.get(name), str) and content:
            return content
    return NO_PREVIEW
