"""The shape of a parsed template: expressions, which become values, and nodes, which write text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pack.flowlang.errors import Refusal
from pack.flowlang.lexer import SPACES, Token

if TYPE_CHECKING:
    from pack.flowlang.run import Frame


@dataclass(frozen=True, slots=True, eq=False)
class Expression(ABC):
    """Something that has a value. ``token`` is where it begins. A tree is never changed after parsing."""

    token: Token

    @abstractmethod
    def evaluate(self, frame: Frame) -> object:
        """Return the value in this frame (see :mod:`pack.flowlang.values` for what values are)."""

    def reference(self, frame: Frame) -> object:
        """Return what is kept when the value gets a name: the value, or a field that may change."""
        return self.evaluate(frame)

    def has_filter(self, name: str) -> bool:
        """Say whether every part of the expression goes through that filter."""
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Node(ABC):
    """Something that writes to the output. ``token`` is where it begins (a tag's name)."""

    token: Token

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Write what this node renders to in this frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Text(Node):
    """Plain text; ``text`` is what is left of it beside ``{{-`` and ``-}}``."""

    text: str

    def write(self, frame: Frame) -> None:
        """Write the text as it is."""
        frame.output.write(self.text)


def text_node(token: Token, left: Token | None, right: Token | None) -> Text:
    """Return the node of a text between two tokens that may eat its white space."""
    text = token.text
    if left is not None and left.trims:
        text = text.lstrip(SPACES)
    if right is not None and right.trims:
        text = text.rstrip(SPACES)
    return Text(token, text)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What stands between a tag and its end tag (``end``: which of them it was)."""

    nodes: tuple[Node, ...]
    end: str = ""

    def write(self, frame: Frame) -> None:
        """Write all nodes in order."""
        for node in self.nodes:
            try:
                frame.run.spend()
                node.write(frame)
            except Refusal as refusal:
                raise frame.failure(node.token, refusal) from refusal


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A parsed template. ``exported``: macros whose name no name of the scope may be, with their token."""

    source: str
    body: Body
    exported: Mapping[str, Token]
