"""Text for a terminal of any width: lines end between words."""

from __future__ import annotations

import textwrap

from rich.cells import cell_len
from rich.text import Text

_NARROWEST = 24
"""Columns that the second column needs at least; else it goes below the first."""


def wrap(text: Text, width: int) -> Text:
    """Return the text with its lines broken between words; what follows is indented like its line."""
    lines = [part for line in text.split("\n", allow_blank=True) for part in _wrap_line(line, width)]
    return Text("\n").join(lines)


def columns(name: str, value: str, start: int, width: int | None) -> str:
    """Return a row: the name, and at column ``start`` the value in as many lines as it needs.

    With too few columns the value is below the name. None: the terminal's width does not matter.
    """
    head = f"{name:{start}}" if len(name) < start else f"{name} "
    if width is None or cell_len(head + value) <= width:
        return head + value
    if width - len(head) < _NARROWEST:
        indent = " " * (len(name) - len(name.lstrip()) + 2)
        return f"{name}\n{_fill(value, indent, width)}"
    return head + _fill(value, " " * len(head), width).lstrip()


def _fill(text: str, indent: str, width: int) -> str:
    return textwrap.fill(
        text,
        max(width, len(indent) + 1),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrap_line(line: Text, width: int) -> list[Text]:
    if cell_len(line.plain) <= width:
        return [line]
    indent = min(len(line.plain) - len(line.plain.lstrip()), width // 2)
    filled = _fill(line.plain.lstrip(), " " * indent, width)
    return [Text(part, line.style) for part in filled.split("\n")]
