"""The tags that set names or change how their body is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.run import Frame
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tree import Body, Expression, Node


@dataclass(frozen=True, slots=True, eq=False)
class Autoescape(Node):
    """``autoescape on`` and ``autoescape off``."""

    body: Body
    escapes: bool

    def write(self, frame: Frame) -> None:
        """Write the body; the names that it sets stay."""
        before = frame.autoescape
        frame.autoescape = self.escapes
        self.body.write(frame)
        frame.autoescape = before


def parse_autoescape(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% autoescape on|off %}`` up to its end."""
    body, _ = document.body("endautoescape")
    mode = arguments.need(Kind.NAME, "'on' or 'off'")
    if mode.text not in ("on", "off"):
        raise arguments.error("'on' or 'off' is expected here", mode)
    arguments.need_end("{% autoescape %}")
    return Autoescape(token, body, mode.text == "on")


@dataclass(frozen=True, slots=True, eq=False)
class Set(Node):
    """``set name = expression``."""

    name: str
    expression: Expression

    def write(self, frame: Frame) -> None:
        """Set the name, from here to the end of the loop, ``with`` or macro."""
        frame.private[self.name] = self.expression.evaluate(frame)


def parse_set(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% set name = expression %}``."""
    name = arguments.need(Kind.NAME, "a name")
    if not arguments.symbol("="):
        raise arguments.error("'=' is expected here")
    expression = parse_expression(arguments)
    arguments.need_end("{% set %}")
    return Set(token, name.text, expression)


SCOPE_TAGS: Mapping[str, TagParser] = MappingProxyType({"autoescape": parse_autoescape, "set": parse_set})
