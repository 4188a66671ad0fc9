"""From which characters of a YAML text a value was read: undoing escapes, folding and indentation."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator

from pack.flows.spans import Span, Style

Characters = Iterator[tuple[str, int]]

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_SPACES = re.compile(r"[ \t]*")
_NO_BREAK = re.compile("[^\r\n\x85\u2028\u2029]*")
_ESCAPED = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")
_LETTERS = dict(zip('0abt\tnvfre "\\/N_LP', '\0\a\b\t\t\n\v\f\r\x1b "\\/\x85\xa0\u2028\u2029', strict=True))
_DEEPEST_INDENTATION = 80


def yaml_characters(text: str, span: Span, value: str) -> list[int] | None:
    """Return the index at which each character of a value is written; None when that cannot be told."""
    for candidate in _candidates(text, span):
        found = _as_written(candidate, value)
        if found is not None:
            return found
    return None


def _candidates(text: str, span: Span) -> Iterator[Characters]:
    if span.style in (Style.LITERAL, Style.FOLDED):
        first = _block_start(text, span.start)
        guessed = _indentation(text, first)
        for indentation in (guessed, *range(1, _DEEPEST_INDENTATION)):
            yield _block(text, first, indentation, folded=span.style is Style.FOLDED)
    elif span.style in (Style.SINGLE, Style.DOUBLE):
        yield _flow(text, span.start + 1, span.end - 1, span.style)
    else:
        yield _flow(text, span.start, span.end, span.style)


def _as_written(characters: Iterable[tuple[str, int]], value: str) -> list[int] | None:
    """Return where the characters are from, when the value begins with just these."""
    indexes = []
    for (character, index), wanted in zip(characters, value, strict=False):
        if character != wanted:
            return None
        indexes.append(index)
    return indexes if len(indexes) == len(value) else None


def _flow(text: str, start: int, end: int, style: Style) -> Characters:
    index = start
    while index < end:
        behind = _end(_SPACES, text, index)
        if _BREAK.match(text, behind, end):
            index = yield from _folded(text, behind, end)
        elif behind > index:
            yield from ((text[place], place) for place in range(index, behind))
            index = behind
        elif style is Style.DOUBLE and text[index] == "\\":
            index = yield from _escape(text, index, end)
        else:
            yield text[index], index
            index += 2 if style is Style.SINGLE and text[index] == "'" else 1


def _folded(text: str, index: int, end: int) -> Generator[tuple[str, int], None, int]:
    """Yield what a line break and the empty lines behind it become; return where the next text begins."""
    first, index = index, _end(_BREAK, text, index)
    breaks = []
    while True:
        index = _end(_SPACES, text, index)
        if not _BREAK.match(text, index, end):
            break
        breaks.append(index)
        index = _end(_BREAK, text, index)
    if _line_break(text, first) != "\n":
        yield _line_break(text, first), first
    elif not breaks:
        yield " ", first
    yield from ((_line_break(text, place), place) for place in breaks)
    return index


def _escape(text: str, index: int, end: int) -> Generator[tuple[str, int], None, int]:
    """Yield what a backslash and what follows it become; return where the next text begins."""
    if _BREAK.match(text, index + 1, end):
        behind = _end(_BREAK, text, index + 1)
        while True:
            behind = _end(_SPACES, text, behind)
            if not _BREAK.match(text, behind, end):
                return behind
            yield _line_break(text, behind), behind
            behind = _end(_BREAK, text, behind)
    code = _ESCAPED.match(text, index + 1)
    if code:
        yield chr(int(code[1] or code[2] or code[3], 16)), index
        return code.end()
    yield _LETTERS.get(text[index + 1], text[index + 1]), index
    return index + 2


def _block(text: str, index: int, indentation: int, *, folded: bool) -> Characters:
    """Yield a block with all its last line breaks, whichever of them its header keeps."""
    breaks, index = _empty_lines(text, index, indentation)
    while index < len(text):
        yield from breaks
        end = _end(_NO_BREAK, text, index)
        starts_with_space = text[index] in " \t"
        yield from ((text[place], place) for place in range(index, end))
        line_break = (_line_break(text, end), end)
        breaks, index = _empty_lines(text, _end(_BREAK, text, end), indentation)
        goes_on = text[index : index + 1] not in ("", " ", "\t")
        if not (folded and goes_on and not starts_with_space and line_break[0] == "\n"):
            yield line_break
        elif not breaks:
            yield " ", end
    yield from breaks


def _empty_lines(text: str, index: int, indentation: int) -> tuple[list[tuple[str, int]], int]:
    """Return the line breaks of empty lines, and where the block's next line begins behind its indentation.

    It begins at the text's end when the block has no further line.
    """
    breaks: list[tuple[str, int]] = []
    while True:
        behind = index
        while behind < len(text) and behind - index < indentation and text[behind] == " ":
            behind += 1
        if not _BREAK.match(text, behind):
            return breaks, behind if behind - index == indentation else len(text)
        breaks.append((_line_break(text, behind), behind))
        index = _end(_BREAK, text, behind)


def _block_start(text: str, index: int) -> int:
    """Return where the line behind a block's header begins."""
    return _end(_BREAK, text, _end(_NO_BREAK, text, index))


def _indentation(text: str, index: int) -> int:
    """Return how far the first line that is not empty is indented."""
    while index < len(text):
        behind = index
        while text[behind : behind + 1] == " ":
            behind += 1
        if not _BREAK.match(text, behind):
            return behind - index
        index = _end(_BREAK, text, behind)
    return 1


def _line_break(text: str, index: int) -> str:
    """Return what a line break is read as."""
    found = text[index : index + 1]
    return found if found in "\u2028\u2029" else "\n"


def _end(pattern: re.Pattern[str], text: str, index: int) -> int:
    match = pattern.match(text, index)
    return match.end() if match else index
