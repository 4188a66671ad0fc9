"""Where something is in a document, and in its text."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]
"""Where something is in a document: keys and indexes from the top."""


def written(path: Path) -> str:
    """Return a path as messages name it: ``steps.0.event``; the flow itself when it is empty."""
    return ".".join(str(part) for part in path) or "the flow"


class Position(NamedTuple):
    """A place in a text; both count from 1, in characters."""

    line: int
    column: int


def place_in(text: str, index: int) -> Position:
    """Return the place of a character of a text, or that behind its end."""
    line_start = text.rfind("\n", 0, index) + 1
    return Position(text.count("\n", 0, index) + 1, index - line_start + 1)
