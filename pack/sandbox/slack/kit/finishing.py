"""What Slack adds to blocks on taking them: ids, and the defaults of text objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pack.sandbox.slack.kit.naming import block_id
from pack.sandbox.slack.kit.walking import every_block

Json = Any

_TEXT_DEFAULTS: Mapping[str, tuple[str, bool]] = {
    "plain_text": ("emoji", True),
    "mrkdwn": ("verbatim", False),
}
_LEFT_ALONE = frozenset({"call", "icon"})
"""What has no texts and no elements, and may be anything."""

_NO_ACTION_ID = frozenset({"image", "url"})


def finish(blocks: Sequence[Mapping[str, Json]], seed: str = "") -> list[dict[str, Json]]:
    """Return blocks as Slack gives them back: with ``block_id``, ``action_id``, ``emoji`` and ``verbatim``.

    The ids follow from the seed and the block's place, so that a message keeps its own.
    """
    seed = block_id(seed)
    taken = {str(block["block_id"]) for block, _ in every_block(blocks) if block.get("block_id")}
    return [_finish_block(block, f"{seed}/{index}", taken) for index, block in enumerate(blocks)]


def _finish_block(block: Mapping[str, Json], place: str, taken: set[str]) -> dict[str, Json]:
    named = {"type": block["type"], "block_id": block.get("block_id") or _new_id(place, taken)}
    for name, content in block.items():
        if name in ("type", "block_id"):
            continue
        if name == "child_blocks" or (name == "elements" and block["type"] == "carousel"):
            named[name] = [
                _finish_block(child, f"{place}/{index}", taken) for index, child in enumerate(content)
            ]
        elif block["type"] == "rich_text" or name in _LEFT_ALONE:
            named[name] = content
        else:
            named[name] = _finish_content(content, f"{place}/{name}", taken, acting=_acts(block, name))
    return named


def _acts(block: Mapping[str, Json], name: str) -> bool:
    return (block["type"], name) in {
        ("section", "accessory"),
        ("input", "element"),
        ("actions", "elements"),
        ("context_actions", "elements"),
        ("card", "actions"),
    }


def _finish_content(content: Json, place: str, taken: set[str], *, acting: bool = False) -> Json:
    if isinstance(content, list):
        return [
            _finish_content(item, f"{place}/{index}", taken, acting=acting)
            for index, item in enumerate(content)
        ]
    if not isinstance(content, dict):
        return content
    kind = content.get("type")
    if kind == "rich_text":
        return content
    finished = {
        name: item if name in _LEFT_ALONE else _finish_content(item, f"{place}/{name}", taken)
        for name, item in content.items()
    }
    if isinstance(kind, str) and kind in _TEXT_DEFAULTS:
        name, default = _TEXT_DEFAULTS[kind]
        finished.setdefault(name, default)
    if acting and kind not in _NO_ACTION_ID and not finished.get("action_id"):
        finished["action_id"] = _new_id(place, taken)
    return finished


def _new_id(place: str, taken: set[str]) -> str:
    number = 0
    while (found := block_id(f"{place}#{number}")) in taken:
        number += 1
    taken.add(found)
    return found
