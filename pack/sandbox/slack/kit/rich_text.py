"""Rich text: the block that Slack makes of a message's text, and the text that it makes of blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pack.sandbox.slack.kit.escaping import unescape
from pack.sandbox.slack.kit.naming import block_id
from pack.sandbox.slack.kit.spans import Element, read_line

Json = Any

_FENCE = "```"
_QUOTE = re.compile(r"(?:&gt;|>)[ ]?(?!(?:&gt;|>){2})")
_QUOTE_ALL = re.compile(r"(?:&gt;|>){3}[ ]?")
_ITEM = re.compile(r"(?P<space>[ ]*)(?:(?P<bullet>[•◦▪])\ufe0e?|(?P<number>[0-9]{1,3}|[a-z])\.)[ ]+(?=\S)")
_INDENT = 4
_DEEPEST_LIST = 8


def from_text(text: str, *, lists: bool = True) -> list[dict[str, Json]]:
    """Return the blocks that Slack attaches to a message of this text: one ``rich_text`` block, or none.

    Lines that begin with ``•`` or ``1.`` become lists when ``lists`` is set: that is what a person's client
    sends. Apps have no list syntax (docs.slack.dev, formatting message text), so their lines stay lines.
    The block's id follows from the text alone.
    """
    elements = list(_elements(text, lists))
    if not elements:
        return []
    return [{"type": "rich_text", "block_id": block_id(text), "elements": elements}]


def _elements(text: str, lists: bool) -> Iterator[Element]:
    kept = position = 0
    while (start := text.find(_FENCE, position)) >= 0 and (end := text.find(_FENCE, start + 3)) >= 0:
        content, position = text[start + 3 : end].removeprefix("\n").removesuffix("\n"), end + 3
        if not content.strip("`\n"):
            continue
        yield from _paragraphs(text[kept:start], lists)
        yield {"type": "rich_text_preformatted", "elements": _preformatted(content), "border": 0}
        kept = position = position + text.startswith("\n", position)
    yield from _paragraphs(text[kept:], lists)


def _preformatted(text: str) -> list[Element]:
    """Preformatted text keeps its links and nothing else."""
    return [
        element if element["type"] == "link" else {"type": "text", "text": unescape(raw)}
        for raw, element in _links_of(text)
    ]


def _links_of(text: str) -> Iterator[tuple[str, Element]]:
    kept = 0
    for match in re.finditer(r"<(?:https?|mailto):[^<>\n]+>", text):
        if match.start() > kept:
            yield text[kept : match.start()], {"type": "text"}
        yield match[0], read_line(match[0])[0]
        kept = match.end()
    if kept < len(text):
        yield text[kept:], {"type": "text"}


def _paragraphs(text: str, lists: bool) -> Iterator[Element]:
    """Gather lines of one kind: plain ones into sections, quoted ones into quotes, items into lists."""
    lines = text.split("\n")
    position = 0
    while position < len(lines):
        if match := _QUOTE_ALL.match(lines[position]):
            quoted = [lines[position][match.end() :], *lines[position + 1 :]]
            yield {"type": "rich_text_quote", "elements": read_line("\n".join(quoted))}
            return
        kind = _kind(lines[position], lists)
        end = position + 1
        while end < len(lines) and _kind(lines[end], lists) == kind and not _QUOTE_ALL.match(lines[end]):
            end += 1
        yield from _gathered(kind, lines[position:end], last=end == len(lines))
        position = end


def _kind(line: str, lists: bool) -> tuple[str, str, int]:
    """Return what a line belongs to: its kind, and for an item the list's style and depth."""
    if _QUOTE.match(line):
        return "quote", "", 0
    if lists and (item := _ITEM.match(line)):
        style = "bullet" if item["bullet"] else "ordered"
        return "list", style, min(len(item["space"]) // _INDENT, _DEEPEST_LIST)
    return "section", "", 0


def _gathered(kind: tuple[str, str, int], lines: Sequence[str], *, last: bool) -> Iterator[Element]:
    name, style, indent = kind
    if name == "quote":
        quoted = "\n".join(_QUOTE.sub("", line, count=1) for line in lines)
        yield {"type": "rich_text_quote", "elements": read_line(quoted)}
    elif name == "list":
        items = [
            {"type": "rich_text_section", "elements": read_line(_ITEM.sub("", line, count=1))}
            for line in lines
        ]
        yield {"type": "rich_text_list", "elements": items, "style": style, "indent": indent, "border": 0}
    elif content := read_line("\n".join(lines) + ("" if last else "\n")):
        yield {"type": "rich_text_section", "elements": content}
