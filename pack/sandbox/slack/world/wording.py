"""What Slack makes of a message's text: what is escaped, what becomes a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_ANYTHING = re.compile(r"[&<>@#]|://")
_TOKEN = re.compile(
    r"(?P<angled><(?:[@#!][^<>\n]+|[a-zA-Z][a-zA-Z0-9+.\-]*:[^<>\n]+)>)"
    r"|(?P<entity>&(?:amp|lt|gt);)"
    r"|(?P<url>https?://[^\s<>|\"]+)"
    r"|(?P<address>(?<![\w.+\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+)"
    r"|(?P<name>(?<![\w@#/])[@#][\w.\-]+)"
    r"|(?P<raw>[&<>])"
)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
_AFTER_URL = ".,;:!?'\")]}"
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EVERYBODY = frozenset({"channel", "everyone", "here"})

Lookup = Callable[[str], str | None]
"""Returns the mention for a name with its ``@`` or ``#``; None: nothing has that name."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a text is read.

    ``markup``: what stands in angle brackets is a link or a mention; else the brackets are text.
    ``urls``: addresses become links. ``mention``: names become mentions; None: they stay text.
    """

    markup: bool = True
    urls: bool = True
    mention: Lookup | None = None


def rewrite(text: str, wording: Wording) -> str:
    """Return the text as Slack stores it: ``&``, ``<`` and ``>`` escaped, links and mentions in brackets.

    What is escaped already stays as it is, so that rewriting twice changes nothing.
    """
    if not _ANYTHING.search(text):
        return text
    return _TOKEN.sub(lambda match: _replace(match, wording), text)


def _replace(match: re.Match[str], wording: Wording) -> str:
    kind, found = match.lastgroup, match[0]
    if kind == "raw":
        return _ESCAPED[found]
    if kind == "angled":
        return found if wording.markup else f"&lt;{rewrite(found[1:-1], wording)}&gt;"
    if kind == "url":
        return _link(found, wording)
    if kind == "address" and wording.urls:
        return f"<mailto:{found}|{found}>"
    if kind == "name" and wording.mention is not None:
        return _mention(found, wording.mention)
    return found


def _link(found: str, wording: Wording) -> str:
    url = found.rstrip(_AFTER_URL)
    rest = found[len(url) :]
    unclosed = max(0, url.count("(") - url.count(")"))
    closing = min(unclosed, len(rest) - len(rest.lstrip(")")))
    url, rest = url + rest[:closing], rest[closing:]
    escaped = _BARE_AMPERSAND.sub("&amp;", url)
    return f"<{escaped}>{rest}" if wording.urls else f"{escaped}{rest}"


def _mention(found: str, lookup: Lookup) -> str:
    name = found.rstrip(".-")
    rest = found[len(name) :]
    if name[0] == "@" and name[1:] in _EVERYBODY:
        return f"<!{name[1:]}>{rest}"
    return (lookup(name) or name) + rest
