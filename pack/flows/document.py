"""A flow's text read with the places of everything in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pack.flows.go_json import json_value
from pack.flows.json_places import json_characters, json_places
from pack.flows.paths import Path, Position
from pack.flows.spans import Places, Span, Style
from pack.flows.yaml_characters import yaml_characters
from pack.flows.yaml_in import compose, yaml_text, yaml_value
from pack.flows.yaml_places import yaml_places

__all__ = ["Document", "Path", "Position", "Span", "Style", "read_document"]

Json = Any


@dataclass(frozen=True)
class Document:
    """A flow's text as JSON, with the place of each key and value.

    A path may name a field in another case than the text does, as Flyte reads it.
    """

    value: Json
    text: str = ""
    places: Places = field(default_factory=Places)
    yaml: bool = False
    replaced: int | None = None
    """The index of the first character that stands for bytes that are no UTF-8, if there is one."""

    def key(self, path: Path) -> Position:
        """Return where the key of something is; where the value is, when it has none."""
        span = self.places.keys.get(self.real(path))
        return self.position(path) if span is None else self.place(span.start)

    def position(self, path: Path) -> Position:
        """Return where a value begins; for what is not there, where that begins in which it is missing."""
        path = self.real(path)
        while path and not (path in self.places.values and self._has(path)):
            path = path[:-1]
        span = self.places.values.get(path)
        return Position(1, 1) if span is None else self.place(span.start)

    def inside(self, path: Path, line: int, column: int) -> Position:
        """Return where a character of a text is: ``line`` and ``column`` count from 1 in the text's value.

        Behind the text's end it is where the text ends. Where it cannot be told, it is the text's beginning.
        """
        text, indexes = self._characters(self.real(path))
        if not indexes:
            return self.position(path)
        lines = text.split("\n")
        before = sum(len(one) + 1 for one in lines[: line - 1])
        offset = min(before + column - 1, len(text))
        return self.place(indexes[offset] if offset < len(indexes) else indexes[-1] + 1)

    def place(self, index: int) -> Position:
        """Return the place of an index into the text."""
        line = bisect_right(self._line_starts, index)
        return Position(line, index - self._line_starts[line - 1] + 1)

    def written(self, path: Path) -> tuple[str, Style] | None:
        """Return how a value is written, and in which style; None for what is not there."""
        span = self.places.values.get(self.real(path))
        return None if span is None else (self.text[span.start : span.end], span.style)

    def written_key(self, path: Path) -> tuple[str, Style] | None:
        """Return how a key is written, and in which style; None for what has none."""
        span = self.places.keys.get(self.real(path))
        return None if span is None else (self.text[span.start : span.end], span.style)

    def paths(self) -> Iterator[tuple[Path, Json]]:
        """Yield every value with its path, from the top, in the order of the text."""
        return _walk((), self.value)

    def real(self, path: Path) -> Path:
        """Return a path as the text spells it; what is not there stays as it is."""
        if path in self.places.values:
            return path
        found: list[str | int] = []
        value = self.value
        for part in path:
            if isinstance(value, dict) and isinstance(part, str) and part not in value:
                part = next((key for key in reversed(value) if key.lower() == part.lower()), part)
            found.append(part)
            value = _inner(value, part)
        return tuple(found)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, index = [0], self.text.find("\n")
        while index >= 0:
            starts.append(index + 1)
            index = self.text.find("\n", index + 1)
        return starts

    @cached_property
    def _read_characters(self) -> dict[Path, tuple[str, list[int]]]:
        return {}

    def _characters(self, path: Path) -> tuple[str, list[int]]:
        """Return a text, and the index at which each of its characters is written; none if not known."""
        span, text = self.places.values.get(path), self._at(path)
        if span is None or not isinstance(text, str):
            return "", []
        if path not in self._read_characters:
            indexes = _indexes(self.text, span, text)
            self._read_characters[path] = text, indexes
        return self._read_characters[path]

    def _has(self, path: Path) -> bool:
        """Say whether something is there; a key that a later one replaced left its places behind."""
        if not self.places.repeated:
            return True
        value = self._at(path[:-1])
        return path[-1] in value if isinstance(value, dict) else isinstance(value, list)

    def _at(self, path: Path) -> Json:
        value = self.value
        for part in path:
            value = _inner(value, part)
        return value


def read_document(data: bytes, *, yaml: bool) -> Document:
    """Read a flow's text.

    Raises:
        FormatError: it is not JSON or YAML, or stands for something that JSON has not.
    """
    if not yaml:
        text = data.decode("utf-8", "replace")
        value = json_value(text, whole=True)
        return Document(value, text, json_places(text), replaced=_first_bad(data))
    text = yaml_text(data)
    composed = compose(text)
    value = yaml_value(composed.node)
    return Document(value, text, yaml_places(composed.node, text, composed.rest), yaml=True)


def _first_bad(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data[: error.start].decode("utf-8"))
    return None


def _indexes(source: str, span: Span, text: str) -> list[int]:
    if span.style is not Style.JSON:
        return yaml_characters(source, span, text) or []
    return [index for _, index in json_characters(source, span)]


def _inner(value: Json, part: str | int) -> Json:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _walk(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    yield path, value
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in entries:
        yield from _walk((*path, key), item)
