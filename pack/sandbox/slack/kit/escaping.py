"""Slack's three escapes: ``&amp;``, ``&lt;`` and ``&gt;``."""

from __future__ import annotations

import re

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_RAW = re.compile(r"&(?!(?:amp|lt|gt);)|[<>]")
_RAW_BESIDE_MARKUP = re.compile(
    r"(?P<markup><(?:[@#!][^<>\n]+|[a-zA-Z][a-zA-Z0-9+.\-]*:[^<>\n]+)>)|&(?!(?:amp|lt|gt);)|[<>]"
)
_ESCAPED = re.compile("&(amp|lt|gt);")
_MEANT = {"amp": "&", "lt": "<", "gt": ">"}


def escape(text: str, *, markup: bool = False) -> str:
    """Return a text with ``&``, ``<`` and ``>`` escaped; what is escaped already stays as it is.

    ``markup``: links and mentions in angle brackets stay too.
    """
    if markup:
        return _RAW_BESIDE_MARKUP.sub(
            lambda match: match["markup"] or _ESCAPES[match[0]],
            text,
        )
    return _RAW.sub(lambda match: _ESCAPES[match[0]], text)


def unescape(text: str) -> str:
    """Return a text without the three escapes; other entities are none at Slack."""
    return _ESCAPED.sub(lambda match: _MEANT[match[1]], text) if "&" in text else text
