"""Cutting HTML to a length without breaking its tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pack.flowlang.kinds import clean, to_bytes
from pack.flowlang.limits import ITEMS_PER_STEP

_WORD_ENDS = " .,;"
_ELLIPSIS = "..."
_BROKEN = re.compile("\ufffd")


class _Cutter:
    """Goes through a text, writing tags as they are and remembering which are open."""

    def __init__(self, source: str, spend: Callable[[int], None]) -> None:
        self._spend = spend
        # bytes that are no UTF-8, and the character that stands for them, are left out
        self.source = _BROKEN.sub("", clean(source))
        self.position = 0
        self.parts: list[str] = []
        self._open: list[str] = []

    def at_tag(self) -> bool:
        return self.source[self.position] == "<"

    def more(self) -> bool:
        return self.position < len(self.source)

    def tag(self) -> None:
        """Write a tag. A ``<`` with at most one byte behind it is written alone."""
        self.parts.append("<")
        self.position += 1
        rest = self.source[self.position : self.position + 2]
        if len(to_bytes(rest)) < 2:
            return
        closing = rest[0] == "/"
        begin = self.position + closing
        end = self.source.find(">", begin)
        stop = len(self.source) if end < 0 else end
        inside = self.source[begin:stop]
        self.position = stop if end < 0 else end + 1
        if closing:
            self._close(inside)
            self.parts.append(f"/{inside}>")
        else:
            self._open.append(inside.partition(" ")[0])
            self.parts.append(inside if end < 0 else inside + ">")

    def _close(self, name: str) -> None:
        self._spend(len(self._open) // ITEMS_PER_STEP)
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] == name:
                self._open[index] = self._open[-1]
                self._open.pop()
                return

    def result(self) -> str:
        return "".join([*self.parts, *self._closing()])

    def _closing(self) -> Iterator[str]:
        return (f"</{name}>" for name in reversed(self._open))


def cut_characters(source: str, longest: int, spend: Callable[[int], None]) -> str:
    """Return at most ``longest`` characters, three of them for the dots; tags do not count.

    ``spend`` counts work that grows faster than the text, and may refuse it.
    """
    wanted, counted = max(longest - len(_ELLIPSIS), 0), 0
    cutter = _Cutter(source, spend)
    while counted < wanted and cutter.more():
        if cutter.at_tag():
            cutter.tag()
        else:
            cutter.parts.append(cutter.source[cutter.position])
            cutter.position += 1
            counted += 1
    if wanted <= counted < len(to_bytes(source)):
        cutter.parts.append(_ELLIPSIS)
    return cutter.result()


def cut_words(source: str, longest: int, spend: Callable[[int], None]) -> str:
    """Return at most ``longest`` words and then dots; tags do not count."""
    wanted, counted = max(longest, 0), 0
    cutter = _Cutter(source, spend)
    while counted < wanted and cutter.more():
        if cutter.at_tag():
            cutter.tag()
            continue
        counted += _word(cutter)
    if counted >= wanted:
        cutter.parts.append(_ELLIPSIS)
    return cutter.result()


def _word(cutter: _Cutter) -> bool:
    """Write up to the end of a word; say whether it counts as one. Before a tag it does not."""
    found = False
    while cutter.more():
        if cutter.at_tag():
            return False
        character = cutter.source[cutter.position]
        cutter.parts.append(character)
        cutter.position += 1
        if character in _WORD_ENDS:
            break
        found = True
    return found
