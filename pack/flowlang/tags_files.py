"""The tags that read files: there are none here, so each answers as Flyte does for a file that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.run import Frame
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tags_scope import parse_pair
from pack.flowlang.tree import Expression, Node
from pack.flowlang.values import text

_NO_FILES = "templates are never read from a disk here"


@dataclass(frozen=True, slots=True, eq=False)
class Nothing(Node):
    """A tag that writes nothing."""

    def write(self, frame: Frame) -> None:
        """Write nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Include(Node):
    """``include expression``: a file whose name is known only when the template is rendered."""

    file: Expression
    values: tuple[Expression, ...]
    if_exists: bool

    def write(self, frame: Frame) -> None:
        """Write nothing when the file need not exist.

        Raises:
            Refusal: it has to.
        """
        for value in self.values:
            value.evaluate(frame)
        file = text(self.file.evaluate(frame))
        if not file:
            raise Refusal(
                "the name of the file to include is empty",
                engine_text=EngineText("Filename for 'include'-tag evaluated to an empty string."),
                placeless=True,
            )
        if not self.if_exists:
            raise Refusal(
                f"{file!r} cannot be included: {_NO_FILES}",
                engine_text=EngineText("unable to resolve template", "fromfile", file),
                placeless=True,
            )


def parse_include(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% include file if_exists with a=1 only %}``."""
    name = arguments.take(Kind.STRING)
    if name is not None:
        if arguments.word("if_exists"):
            return Nothing(token)
        raise arguments.error(f"{name.text!r} cannot be included: {_NO_FILES}", name)
    file = parse_expression(arguments)
    if_exists = arguments.word("if_exists") is not None
    values = []
    if arguments.word("with"):
        while len(arguments):
            values.append(parse_pair(arguments)[1])
            if arguments.word("only"):
                break
    arguments.need_end("{% include %}")
    return Include(token, file, tuple(values), if_exists)


def parse_file(document: Document, token: Token, arguments: Tokens) -> Node:
    """Refuse ``{% extends %}``, ``{% import %}`` and ``{% ssi %}``, which need a file."""
    name = arguments.need(Kind.STRING, "the name of a file, as a text,")
    raise arguments.error(f"{name.text!r} cannot be read by {{% {token.text} %}}: {_NO_FILES}", name)


FILE_TAGS: Mapping[str, TagParser] = MappingProxyType(
    {"extends": parse_file, "import": parse_file, "include": parse_include, "ssi": parse_file}
)
