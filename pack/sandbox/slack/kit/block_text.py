"""The text that Slack makes of blocks for a message that was posted without one."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pack.sandbox.slack.kit.walking import elements_of, every_block, interactives

Json = Any
Element = Mapping[str, Json]

_INTERACTIVE = "This message contains interactive elements."
_NO_PREVIEW = "[no preview available]"
_TOLD_AS_INTERACTIVE = frozenset({"context_actions", "plan", "task_card"})
_MARKS: Mapping[str, str] = {"code": "`", "strike": "~", "italic": "_", "bold": "*"}


def to_text(blocks: Sequence[Mapping[str, Json]]) -> str:
    """Return what blocks that were read say, as one line per message: their texts and buttons in order.

    Slack appends what it can of the blocks, with a space between, buttons as ``Approve button``, plain
    texts escaped (a recorded ``block_actions`` payload of 2023), plans and feedback buttons as a sentence
    (messages seen in 2026). What it makes of images and menus is not known; they are left out, and when
    nothing is left, that sentence stands for elements, and ``[no preview available]`` for the rest.
    """
    text = " ".join(said for block, _ in every_block(blocks) for said in _said(block) if said.strip())
    return text or (_INTERACTIVE if any(interactives(blocks)) else _NO_PREVIEW)


def _said(block: Mapping[str, Json]) -> Iterator[str]:
    if block["type"] == "rich_text":
        yield rich_to_text(block)
        return
    if block["type"] in _TOLD_AS_INTERACTIVE:
        yield _INTERACTIVE
        return
    for name in ("title", "text", "subtitle", "body", "label"):
        yield _words(block.get(name))
    for field in block.get("fields", ()):
        yield _words(field)
    if block["type"] == "context":
        for element in block["elements"]:
            yield _words(element) if element["type"] != "image" else ""
    for element, _ in elements_of(block):
        if element["type"] in ("button", "workflow_button"):
            yield f"{_words(element['text'])} button"


def _words(text: Json) -> str:
    if isinstance(text, str):
        return text
    if not isinstance(text, dict) or not isinstance(text.get("text"), str):
        return ""
    return str(text["text"])


def rich_to_text(block: Mapping[str, Json]) -> str:
    """Return a ``rich_text`` block as mrkdwn: what a message of a person has as its text."""
    parts = [_part(element) for element in block["elements"]]
    return "".join(
        part if place == len(parts) - 1 or part.endswith("\n") else f"{part}\n"
        for place, part in enumerate(parts)
    )


def _part(element: Element) -> str:
    kind = element["type"]
    if kind == "rich_text_list":
        return "\n".join(_items(element))
    inner = "".join(_inline(one) for one in element["elements"])
    if kind == "rich_text_preformatted":
        return f"```{inner}```"
    if kind == "rich_text_quote":
        return "\n".join(f"&gt; {line}" for line in inner.split("\n"))
    return inner


def _items(element: Element) -> Iterator[str]:
    indent = "    " * element.get("indent", 0)
    for number, item in enumerate(element["elements"], start=1 + element.get("offset", 0)):
        mark = "•" if element["style"] == "bullet" else f"{number}."
        yield f"{indent}{mark} " + "".join(_inline(one) for one in item["elements"])


def _inline(element: Element) -> str:
    text = _bare(element)
    for style, mark in _MARKS.items():
        if text.strip() and element.get("style", {}).get(style):
            text = f"{mark}{text}{mark}"
    return text


def _bare(element: Element) -> str:
    kind = element["type"]
    if kind not in ("date", "emoji") and element.get("url"):
        label = f"|{_escaped(element['text'])}" if element.get("text") else ""
        return f"<{_escaped(element['url'])}{label}>"
    if kind == "emoji":
        tone = f":skin-tone-{element['skin_tone']}:" if "skin_tone" in element else ""
        return f":{element['name']}:{tone}"
    if kind == "date":
        url = f"^{element['url']}" if element.get("url") else ""
        return f"<!date^{element['timestamp']}^{element['format']}{url}|{element.get('fallback', '')}>"
    mentions = {
        "user": "<@{user_id}>",
        "canvas_user_mention": "<@{user_id}>",
        "channel": "<#{channel_id}>",
        "usergroup": "<!subteam^{usergroup_id}>",
        "broadcast": "<!{range}>",
        "team": "<!team^{team_id}>",
        "color": "{value}",
    }
    return mentions[kind].format_map(element) if kind in mentions else _escaped(element.get("text", ""))


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
