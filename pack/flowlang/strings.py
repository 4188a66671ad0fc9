"""Go's functions for texts, where Python's differ."""

from __future__ import annotations

import re

WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go calls white space, as the inside of a character class."""

_FIELD = re.compile(f"[^{WHITE_SPACE}]+")
_LEADING = re.compile(f"[{WHITE_SPACE}]+")
_SPACE = re.compile(f"[{WHITE_SPACE}]")


def fields(text: str) -> list[str]:
    """Return the words of a text."""
    return _FIELD.findall(text)


def trim(text: str) -> str:
    """Return a text without white space at its ends."""
    found = _LEADING.match(text)
    start, end = (found.end() if found else 0), len(text)
    while end > start and _SPACE.match(text, end - 1):
        end -= 1
    return text[start:end]


def upper(text: str) -> str:
    """Return a text in capitals, character by character: ``ß`` stays."""
    if text.isascii():
        return text.upper()
    return text.translate({ord(character): upper_character(character) for character in set(text)})


def lower(text: str) -> str:
    """Return a text in small letters, character by character."""
    if text.isascii():
        return text.lower()
    return text.translate({ord(character): character.lower()[:1] for character in set(text)})


def upper_character(character: str) -> str:
    """Return the capital of one character, or the character where none is a single character."""
    for changed in (character.upper(), character.title()):
        if len(changed) == 1:
            return changed
    return character


def title_character(character: str) -> str:
    """Return one character as it begins a title."""
    changed = character.title()
    return changed if len(changed) == 1 else character


def title(text: str) -> str:
    """Return a text with the first letter of every word as a title has it."""
    found = []
    previous = " "
    for character in text:
        found.append(title_character(character) if _separates(previous) else character)
        previous = character
    return "".join(found)


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    if character.isalpha() or character.isdecimal():
        return False
    return _SPACE.match(character) is not None
