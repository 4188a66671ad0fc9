"""Where everything stands in a JSON text, and from which characters its texts were read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pack.flows.go_json import without_surrogates
from pack.flows.paths import Path
from pack.flows.spans import Places, Span, Style

_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[^\s,\]}]+")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}")


def json_places(text: str) -> Places:
    """Return where everything stands in a text that begins with valid JSON, not nested too deep."""
    scanner = _Scanner(text)
    scanner.value(())
    return scanner.places


def json_characters(text: str, span: Span) -> Iterator[tuple[str, int]]:
    """Yield each character of a JSON text with the index at which it is written."""
    index, end = span.start + 1, span.end - 1
    while index < end:
        written = _escape(text, index) if text[index] == "\\" else text[index]
        yield without_surrogates(json.loads(f'"{written}"')), index
        index += len(written)


def _escape(text: str, index: int) -> str:
    match = _PAIR.match(text, index) or _UNIT.match(text, index)
    return match[0] if match else text[index : index + 2]


class _Scanner:
    """Goes through a text once."""

    def __init__(self, text: str) -> None:
        self.places = Places()
        self._text = text
        self._index = 0

    def value(self, path: Path) -> None:
        start = self._skip_space()
        style = Style.COLLECTION
        if self._text[start] == "{":
            self._object(path)
        elif self._text[start] == "[":
            self._list(path)
        else:
            style = Style.JSON if self._text[start] == '"' else Style.PLAIN
            self._take(_TEXT if style is Style.JSON else _WORD)
        self.places.values[path] = Span(start, self._index, style)

    def _object(self, path: Path) -> None:
        while self._next("}"):
            start = self._skip_space()
            key = without_surrogates(json.loads(self._take(_TEXT)))
            span = Span(start, self._index, Style.JSON)
            if (*path, key) in self.places.keys:
                self.places.repeated.append(((*path, key), self.places.keys[(*path, key)]))
            self.places.keys[(*path, key)] = span
            self._skip_space()
            self._index += 1
            self.value((*path, key))

    def _list(self, path: Path) -> None:
        index = 0
        while self._next("]"):
            self.value((*path, index))
            index += 1

    def _next(self, end: str) -> bool:
        """Step over the bracket or comma before an entry, or over the end when none follows."""
        self._skip_space()
        if self._text[self._index] != end:
            self._index += 1
            self._skip_space()
        if self._text[self._index] != end:
            return True
        self._index += 1
        return False

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._index)
        found = match[0] if match else ""
        self._index += len(found)
        return found

    def _skip_space(self) -> int:
        self._take(_SPACE)
        return self._index
