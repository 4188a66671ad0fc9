"""Slack's way of marking up text, as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.text import Text

NameOf = Callable[[str], str]
"""Returns the name of a user or channel by its ID, or the ID itself."""

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), "bold"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+)(?<=\S)_(?![\w_])"), "italic"),
    (re.compile(r"`([^`\n]+)`"), "code"),
)


_UNPRINTABLE = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")


def printable(text: str) -> str:
    """Return the text with what a terminal would obey or could not show replaced, line breaks apart."""
    return _UNPRINTABLE.sub("�", text.replace("\r\n", "\n"))


def render(text: str, name_of: NameOf) -> Text:
    """Return a message's text with mentions, links and emphasis resolved; quoted lines are marked."""
    plain = printable(unescape(_REFERENCE.sub(lambda match: _resolve(match, name_of), text)))
    quoted = False
    lines = []
    for line in plain.splitlines() or [""]:
        quoted = quoted or line.startswith(">>>")
        lines.append(_quote(line.lstrip("> ")) if quoted or line.startswith(">") else _emphasize(line))
    return Text("\n").join(lines)


def unescape(text: str) -> str:
    """Undo what Slack escapes, and nothing else."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _resolve(match: re.Match[str], name_of: NameOf) -> str:
    sign, target, label = match.groups()
    if sign in ("@", "#"):
        return sign + (label or name_of(target))
    if sign == "!":
        return "@" + (label or target.partition("^")[0])
    return f"{label} ({target})" if label and label != target else target


def _quote(line: str) -> Text:
    return Text.assemble(("┃ ", "mark"), _emphasize(line))


def _emphasize(line: str) -> Text:
    for pattern, style in _STYLES:
        if match := pattern.search(line):
            before, inside, after = line[: match.start()], match[1], line[match.end() :]
            styled = Text(inside, style) if style == "code" else _wrap(_emphasize(inside), style)
            return Text.assemble(_emphasize(before), styled, _emphasize(after))
    return Text(line)


def _wrap(text: Text, style: str) -> Text:
    text.stylize(style)
    return text
