"""What a tag's parser gets to read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from pack.flowlang.lexer import Token
from pack.flowlang.stream import Tokens
from pack.flowlang.tree import Body, Node


class Document(ABC):
    """The template from where the parser is. ``blocks`` and ``exported`` are the names taken so far."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.blocks: set[str] = set()
        self.exported: dict[str, Token] = {}

    @abstractmethod
    def body(self, *ends: str) -> tuple[Body, Tokens]:
        """Read up to one of these end tags; return what stands before it, and the end tag's arguments.

        Raises:
            TemplateSyntaxError: the template ends before.
        """

    @abstractmethod
    def skip(self, end: str) -> None:
        """Go past this end tag without reading what stands before it.

        Raises:
            TemplateSyntaxError: the template ends before, or the end tag has arguments.
        """

    def plain_body(self, *ends: str) -> Body:
        """Read up to one of these end tags, which may have no arguments.

        Raises:
            TemplateSyntaxError: the template ends before, or the end tag has arguments.
        """
        body, arguments = self.body(*ends)
        arguments.need_end(f"{{% {body.end} %}}")
        return body


TagParser = Callable[[Document, Token, Tokens], Node]
"""Reads a tag: the template behind it, the tag's name and its arguments."""
