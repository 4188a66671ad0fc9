"""What Slack adds to blocks on taking them: ids, defaults, and in messages the escapes of their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pack.sandbox.slack.kit.escaping import escape
from pack.sandbox.slack.kit.naming import block_id
from pack.sandbox.slack.kit.walking import every_block

Json = Any

_TEXT_DEFAULTS: Mapping[str, tuple[str, bool]] = {
    "plain_text": ("emoji", True),
    "mrkdwn": ("verbatim", False),
}
_INPUT_DEFAULTS: Mapping[str, bool] = {"optional": False, "dispatch_action": False}
_ON_ENTER: Mapping[str, Json] = {"trigger_actions_on": ["on_enter_pressed"]}
_LEFT_ALONE = frozenset({"call", "icon"})
"""What has no texts and no elements, and may be anything."""

_NO_ACTION_ID = frozenset({"image", "url"})
_ACTING = frozenset(
    {
        ("section", "accessory"),
        ("auth_provider", "accessory"),
        ("input", "element"),
        ("actions", "elements"),
        ("context_actions", "elements"),
        ("card", "actions"),
        ("action_cell", "element"),
    }
)
"""Where elements stand that get an ``action_id``: the type of what holds them, and its field."""

_BLOCKS = frozenset({"child_blocks", "fallback"})


def finish(
    blocks: Sequence[Mapping[str, Json]], seed: str = "", *, escaped: bool = False
) -> list[dict[str, Json]]:
    """Return blocks as Slack gives them back.

    They get ``block_id`` and ``action_id``, text objects ``emoji`` or ``verbatim``, inputs ``optional`` and
    ``dispatch_action``, text inputs their ``dispatch_action_config``, layouts a ``fallback`` (recorded
    payloads of views and messages). The ids follow from the seed and the block's place, so that a message
    keeps its own. ``escaped``: ``&``, ``<`` and ``>`` in text objects are escaped, as in messages
    (slackapi/bolt-python#513 and a recorded answer of chat.postMessage of 2024); doing so twice changes
    nothing.
    """
    seed = block_id(seed)
    taken = {str(block["block_id"]) for block, _ in every_block(blocks) if block.get("block_id")}
    finishing = _Finishing(taken, escaped)
    return [finishing.block(block, f"{seed}/{index}") for index, block in enumerate(blocks)]


class _Finishing:
    """One document: the ids that are taken in it, and whether its texts are escaped."""

    def __init__(self, taken: set[str], escaped: bool) -> None:
        self._taken = taken
        self._escaped = escaped

    def block(self, block: Mapping[str, Json], place: str) -> dict[str, Json]:
        kind = block["type"]
        finished = {"type": kind, "block_id": block.get("block_id") or self._new_id(place)}
        for name, content in block.items():
            if name in ("type", "block_id"):
                continue
            if name in _BLOCKS or (kind, name) == ("carousel", "elements"):
                finished[name] = self._several(content, place)
            elif kind == "rich_text" or name in _LEFT_ALONE:
                finished[name] = content
            elif (kind, name) == ("layout", "rows"):
                finished[name] = [
                    {"items": self._items(row["items"], f"{place}/rows/{index}")}
                    for index, row in enumerate(content)
                ]
            else:
                finished[name] = self._content(content, f"{place}/{name}", acting=(kind, name) in _ACTING)
        if kind == "input":
            return _with_input_defaults(finished)
        if kind == "layout":
            finished.setdefault("fallback", [])
        return finished

    def _several(self, blocks: Sequence[Mapping[str, Json]], place: str) -> list[dict[str, Json]]:
        return [self.block(block, f"{place}/{index}") for index, block in enumerate(blocks)]

    def _items(self, items: Sequence[Mapping[str, Json]], place: str) -> list[dict[str, Json]]:
        return [
            {**item, "block": self.block(item["block"], f"{place}/{index}")}
            for index, item in enumerate(items)
        ]

    def _content(self, content: Json, place: str, *, acting: bool = False) -> Json:
        if isinstance(content, list):
            return [
                self._content(item, f"{place}/{index}", acting=acting) for index, item in enumerate(content)
            ]
        if not isinstance(content, dict) or (kind := content.get("type")) == "rich_text":
            return content
        if isinstance(kind, str) and kind in _TEXT_DEFAULTS:
            return self._text(content, kind)
        finished = {
            name: item
            if name in _LEFT_ALONE
            else self._content(item, f"{place}/{name}", acting=(kind, name) in _ACTING)
            for name, item in content.items()
        }
        if acting and kind not in _NO_ACTION_ID and not finished.get("action_id"):
            finished["action_id"] = self._new_id(place)
        return finished

    def _text(self, text: Mapping[str, Json], kind: str) -> dict[str, Json]:
        name, default = _TEXT_DEFAULTS[kind]
        finished = {**text, name: text.get(name, default)}
        if self._escaped:
            finished["text"] = escape(text["text"], markup=kind == "mrkdwn")
        return finished

    def _new_id(self, place: str) -> str:
        number = 0
        while (found := block_id(f"{place}#{number}")) in self._taken:
            number += 1
        self._taken.add(found)
        return found


def _with_input_defaults(block: dict[str, Json]) -> dict[str, Json]:
    finished = {**block, **{name: block.get(name, default) for name, default in _INPUT_DEFAULTS.items()}}
    if block["element"]["type"] == "plain_text_input":
        element = {**block["element"]}
        element.setdefault("dispatch_action_config", {**_ON_ENTER})
        finished["element"] = element
    return finished
