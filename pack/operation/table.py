"""Rows for a terminal: as wide as what is in them, the last column cut where the line ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pack.secrets import redact

_GAP = "  "
_WIDEST = 40
"""Columns that a cell may have, unless it is the last of its row."""

_LEAST = 20
"""Columns that the last cell gets, however narrow the terminal is."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return the lines of a table; ``width`` None: nothing is cut."""
    cells = [list(head), *[[clean(cell) for cell in row] for row in rows]]
    if width is not None:
        cells = [[*(cut(cell, _WIDEST) for cell in row[:-1]), row[-1]] for row in cells]
    widths = [max(columns(row[index]) for row in cells) for index in range(len(head) - 1)]
    left = None if width is None else max(_LEAST, width - sum(widths) - len(_GAP) * len(widths))
    return [_line(row, widths, left) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], left: int | None) -> str:
    parts = [cell + " " * (wide - columns(cell)) for cell, wide in zip(row, widths, strict=False)]
    last = row[-1] if left is None else cut(row[-1], left)
    return _GAP.join([*parts, last]).rstrip()


def clean(text: str) -> str:
    """Return the text in one line, without what would steer a terminal, and without secrets."""
    shown = "".join(character if character.isprintable() else " " for character in redact(text))
    return " ".join(shown.split())


def cut(text: str, width: int) -> str:
    """Return as much of the text as that many columns hold, with … where something is left out."""
    if columns(text) <= width:
        return text
    kept, used = "", 1
    for character in text:
        used += columns(character)
        if used > width:
            break
        kept += character
    return kept.rstrip() + "…"


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def age(seconds: float) -> str:
    """Return how long ago something was, as short as an operator reads it: ``12 s``, ``5 min``, ``3 d``."""
    seconds = max(0.0, seconds)
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
