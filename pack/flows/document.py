"""A flow's text read with the places of everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pack.flows.go_json import decode_json
from pack.flows.violations import Path
from pack.flows.yaml_in import decode_yaml

__all__ = ["Document", "Path", "Position", "read_document"]

Json = Any


class Position(NamedTuple):
    """A place in a text; both count from 1, in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A flow's text as JSON, with the place of each key and value."""

    value: Json
    keys: Mapping[Path, Position] = field(default_factory=dict)
    values: Mapping[Path, Position] = field(default_factory=dict)

    def key(self, path: Path) -> Position:
        """Return where the key of something is; where the value is, when it has none."""
        return self.keys.get(path) or self.position(path)

    def position(self, path: Path) -> Position:
        """Return where a value begins; for what is not there, where that begins in which it is missing."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Position(1, 1))

    def inside(self, path: Path, line: int, column: int) -> Position:
        """Return where a character of a text is: ``line`` and ``column`` count from 1 in the text's value."""
        return self.position(path)


def read_document(data: bytes, *, yaml: bool) -> Document:
    """Read a flow's text.

    Raises:
        FormatError: it is not JSON or YAML, or stands for something that JSON has not.
    """
    return Document(decode_yaml(data) if yaml else decode_json(data, whole=True))
