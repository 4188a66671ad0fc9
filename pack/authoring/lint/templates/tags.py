"""Which tags of a template are open where: for templates that cannot be parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from pack.flowlang.lexer import Kind, LexicalError, Token, tokenize

_BLOCKS = frozenset(
    {
        "autoescape",
        "block",
        "comment",
        "filter",
        "for",
        "if",
        "ifchanged",
        "ifequal",
        "ifnotequal",
        "macro",
        "spaceless",
        "with",
    }
)
_DIVIDERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "else": frozenset({"if", "ifequal", "ifnotequal", "ifchanged"}),
        "elif": frozenset({"if"}),
        "empty": frozenset({"for"}),
    }
)


@dataclass(frozen=True, slots=True)
class OpenTag:
    """A tag that has an end, and where its name stands."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Balance:
    """How the tags of a template lie in each other.

    ``wrong`` is the first tag that closes or divides what is not open; ``inside`` is what is open there, or
    at the template's end when nothing is wrong before.
    """

    wrong: OpenTag | None
    inside: tuple[OpenTag, ...]


def balance(template: str) -> Balance:
    """Return how far the tags are balanced; nothing is said of what cannot be cut into tokens."""
    try:
        tokens = tokenize(template)
    except LexicalError:
        return Balance(None, ())
    open_tags: list[OpenTag] = []
    for tag in _tags(tokens):
        if open_tags and open_tags[-1].name == "comment":
            if tag.name == "endcomment":
                open_tags.pop()
        elif tag.name in _BLOCKS:
            open_tags.append(tag)
        elif tag.name in _DIVIDERS:
            if not open_tags or open_tags[-1].name not in _DIVIDERS[tag.name]:
                return Balance(tag, tuple(open_tags))
        elif tag.name.startswith("end") and tag.name[3:] in _BLOCKS:
            if not open_tags or open_tags[-1].name != tag.name[3:]:
                return Balance(tag, tuple(open_tags))
            open_tags.pop()
    return Balance(None, tuple(open_tags))


def _tags(tokens: tuple[Token, ...]) -> Iterator[OpenTag]:
    for token, name in pairwise(tokens):
        if token.kind is Kind.SYMBOL and token.text == "{%" and name.kind is Kind.NAME:
            yield OpenTag(name.text, name.offset)
