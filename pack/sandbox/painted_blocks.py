"""Blocks and their elements as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from pack.sandbox.mrkdwn import NameOf, printable, render, unescape
from pack.sandbox.slack.kit.block_text import rich_to_text

Json = Any

_TEXTS = ("title", "text", "subtitle", "body", "label")
_BUTTONS = ("button", "workflow_button")


def paint_block(block: Mapping[str, Json], name_of: NameOf) -> Text:
    """Return what a block says, with its buttons as ``[Go]``; of one that says nothing, its type."""
    if block.get("type") == "rich_text":
        return render(rich_to_text(block), name_of)
    words = [_words(block.get(name), name_of) for name in _TEXTS]
    words += [_words(field, name_of) for field in objects(block.get("fields"))]
    elements = [*objects(block.get("elements")), *objects([block.get("accessory"), block.get("element")])]
    words.append(Text(" ").join(_element(element, name_of) for element in elements))
    said = [one for one in words if one.plain]
    return Text("\n").join(said) if said else _named(block)


def objects(given: Json) -> list[dict[str, Json]]:
    """Return the JSON objects of a list; of what is no list, none."""
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _element(element: Mapping[str, Json], name_of: NameOf) -> Text:
    if element.get("type") in _BUTTONS:
        return Text(f"[{_plain(element.get('text'))}]", "key")
    written = element.get("text")
    if isinstance(written, str):
        return render(written, name_of)
    return _named(element)


def _named(part: Mapping[str, Json]) -> Text:
    """Return what stands for something without words: its type, with a picture's or a menu's own text."""
    about = printable(str(part.get("alt_text") or "")) or _plain(part.get("placeholder"))
    kind = printable(str(part.get("type")))
    return Text(f"[{kind}: {about}]" if about else f"[{kind}]", "hint")


def _words(text: Json, name_of: NameOf) -> Text:
    written = text.get("text") if isinstance(text, dict) else text
    return render(written, name_of) if isinstance(written, str) and written else Text()


def _plain(text: Json) -> str:
    return printable(unescape(str(text.get("text") or ""))) if isinstance(text, dict) else ""
