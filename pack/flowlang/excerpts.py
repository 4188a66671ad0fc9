"""A line of a template with a mark under one place."""

from __future__ import annotations

from pack.flowlang.kinds import clean

WIDTH = 96
"""How many characters of a line are shown."""
_BEFORE = 60


def excerpt(template: str, line: int, column: int) -> tuple[str, str]:
    """Return a line, cut to WIDTH around the column, and a line with a caret under it; both count from 1.

    Every character stands for itself or is shown as one, so that the caret is right.
    """
    lines = template.split("\n")
    whole = lines[line - 1] if 0 < line <= len(lines) else ""
    begin = max(0, column - 1 - _BEFORE) if len(whole) > WIDTH else 0
    end = begin + WIDTH
    before, after = "…" if begin else "", "…" if end < len(whole) else ""
    shown = f"{before}{printable(whole[begin:end])}{after}"
    return shown, " " * (len(before) + column - 1 - begin) + "^"


def printable(text: str) -> str:
    """Return a text with a mark for every character that a terminal would not show as one."""
    return "".join(
        character if character.isprintable() else " " if character == "\t" else "�"
        for character in clean(text)
    )
