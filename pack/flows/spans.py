"""From where to where things stand in a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from pack.flows.paths import Path


class Style(Enum):
    """How a value is written."""

    JSON = "a JSON text"
    PLAIN = "a word or number without quotes"
    TAGGED = "without quotes, behind a tag such as !!str"
    SINGLE = "in single quotes"
    DOUBLE = "in double quotes"
    LITERAL = "a block behind |"
    FOLDED = "a block behind >"
    COLLECTION = "an object or a list"


@dataclass(frozen=True, slots=True)
class Span:
    """A value's first character, and the one behind its last, as indexes into the text."""

    start: int
    end: int
    style: Style


@dataclass(frozen=True, slots=True)
class Places:
    """Where each key and each value stands.

    ``repeated`` are keys that a later one of the same object replaces; ``rest`` is where something begins
    behind what was read.
    """

    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    repeated: list[tuple[Path, Span]] = field(default_factory=list)
    rest: int | None = None
