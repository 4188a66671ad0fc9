"""Values as an author is shown them: the kind in a word, the value as JSON, both short."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pack.flowlang.kinds import Entries, Function, Items, Record, clean
from pack.flowlang.values import text

SHOWN_CHARACTERS = 200
"""How much of a value is shown."""
SHOWN_KEYS = 30
"""How many keys of a map are named."""
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A value, shortened.

    ``kind``: text, number (with a fraction, as all of a payload), whole number, boolean, list, map, nothing,
    function, or what the engine calls it (``execution.Event``). ``text``: the value as JSON where it is JSON,
    else as it prints; … stands for what was left out. ``keys``: the first keys of a map.
    """

    kind: str
    text: str
    keys: tuple[str, ...] = ()


def show(value: object) -> Shown:
    """Return what is shown of a value."""
    keys = tuple(value.keys()[:SHOWN_KEYS]) if isinstance(value, Entries) else ()
    return Shown(_kind(value), shortened("".join(_Writer().pieces(value))), keys)


def shortened(source: str) -> str:
    """Return the beginning of a text, with a mark where something was cut off; safe to print."""
    short = source if len(source) <= SHOWN_CHARACTERS else source[:SHOWN_CHARACTERS] + "…"
    return clean(short)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    for python_type, word in (
        (str, "text"),
        (bool, "boolean"),
        (int, "whole number"),
        (float, "number"),
        (Entries, "map"),
        (Items, "list"),
        (Function, "function"),
    ):
        if isinstance(value, python_type):
            return word
    return value.type_name if isinstance(value, Record) else "value"


class _Writer:
    """Writes a value as JSON until enough is written."""

    def __init__(self) -> None:
        self._left = SHOWN_CHARACTERS + 1

    def pieces(self, value: object, depth: int = 0) -> Iterator[str]:
        if isinstance(value, (Entries, Items)):
            yield from self._whole(value, depth)
        else:
            piece = _scalar(value)
            self._left -= len(piece)
            yield piece

    def _whole(self, value: Entries | Items, depth: int) -> Iterator[str]:
        begin, end = ("{", "}") if isinstance(value, Entries) else ("[", "]")
        self._left -= 2
        yield begin
        names = value.keys() if isinstance(value, Entries) else range(len(value))
        for number, name in enumerate(names):
            if self._left <= 0 or depth >= _DEPTH:
                yield "…"
                break
            if number:
                yield ", "
            if isinstance(value, Items):
                yield from self.pieces(value.at(number), depth + 1)
            else:
                label = f"{_scalar(name)}: "
                self._left -= len(label)
                yield label
                yield from self.pieces(value.get(str(name)), depth + 1)
        yield end


def _scalar(value: object) -> str:
    if isinstance(value, str):
        cut = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
        return json.dumps(clean(cut), ensure_ascii=False)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return f"{value.name}()" if isinstance(value, Function) else text(value)
