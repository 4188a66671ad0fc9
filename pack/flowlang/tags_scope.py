"""The tags that set names or change how their body is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.expression_parser import parse_expression, parse_operand
from pack.flowlang.filters import FILTERS
from pack.flowlang.kinds import Function, Record
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.run import Frame, Run
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tree import Body, Expression, Node
from pack.flowlang.values import text


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
        frame.private[self.name] = self.expression.reference(frame)


def parse_set(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% set name = expression %}``."""
    name = arguments.need(Kind.NAME, "a name")
    if not arguments.symbol("="):
        raise arguments.error("'=' is expected here")
    expression = parse_expression(arguments)
    arguments.need_end("{% set %}")
    return Set(token, name.text, expression)


@dataclass(frozen=True, slots=True, eq=False)
class With(Node):
    """``with name=expression …``: the names end with the body."""

    pairs: Mapping[str, Expression]
    body: Body

    def write(self, frame: Frame) -> None:
        """Write the body with the names set."""
        inner = frame.child()
        for name, expression in self.pairs.items():
            inner.private[name] = expression.reference(frame)
        self.body.write(inner)


def parse_with(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% with a=1 b=2 %}``, or the old ``{% with 1 as a 2 as b %}``, up to its end."""
    if not len(arguments):
        raise arguments.error("{% with %} needs at least one name")
    body = document.plain_body("endwith")
    old_style = any(
        (found := arguments.peek(shift)) and found.kind is Kind.KEYWORD and found.text == "as"
        for shift in range(len(arguments))
    )
    pairs: dict[str, Expression] = {}
    while len(arguments):
        if old_style:
            expression = parse_expression(arguments)
            if not arguments.keyword("as"):
                raise arguments.error("the word 'as' is expected here")
            pairs[arguments.need(Kind.NAME, "a name").text] = expression
        else:
            name, expression = parse_pair(arguments)
            pairs[name] = expression
    return With(token, pairs, body)


def parse_pair(arguments: Tokens) -> tuple[str, Expression]:
    """Read ``name=expression``.

    Raises:
        TemplateSyntaxError: something else stands there.
    """
    name = arguments.need(Kind.NAME, "a name")
    if not arguments.symbol("="):
        raise arguments.error("'=' is expected here")
    return name.text, parse_expression(arguments)


class BlockInformation(Record):
    """``block`` inside a block. There is never a template above, so ``block.Super`` is empty."""

    __slots__ = ()
    type_name: ClassVar[str] = "pongo2.tagBlockInformation"

    def names(self) -> tuple[str, ...]:
        """Return ``Super``."""
        return ("Super",)

    def method(self, name: str) -> Function | None:
        """Return ``Super``."""
        return Function(name, (), lambda run: "") if name == "Super" else None


@dataclass(frozen=True, slots=True, eq=False)
class Block(Node):
    """``block name``."""

    body: Body

    def write(self, frame: Frame) -> None:
        """Write the body; the names that it sets stay."""
        frame.private["block"] = BlockInformation()
        self.body.write(frame)


def parse_block(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% block name %}`` up to ``{% endblock %}``, which may repeat the name."""
    name = arguments.need(Kind.NAME, "the name of the block")
    arguments.need_end("{% block %}")
    body, rest = document.body("endblock")
    if len(rest):
        again = rest.need(Kind.NAME, "the name of the block")
        if again.text != name.text:
            raise rest.error(f"the block {name.text!r} ends here, not {again.text!r}", again)
        rest.need_end("{% endblock %}")
    if name.text in document.blocks:
        raise arguments.error(f"there is a block {name.text!r} already", name)
    document.blocks.add(name.text)
    return Block(token, body)


@dataclass(frozen=True, slots=True, eq=False)
class FilterBlock(Node):
    """``filter name:argument|name``: what the body renders to goes through the filters."""

    body: Body
    calls: tuple[tuple[str, Expression | None], ...]

    def write(self, frame: Frame) -> None:
        """Write what the filters make of the body."""
        captured = frame.captured()
        self.body.write(captured)
        value: object = captured.output.text()
        for name, argument in self.calls:
            given = None if argument is None else argument.evaluate(frame)
            value = frame.attempt(self.token, _filtered, name, value, given, frame.run)
        frame.output.write(text(value))


def _filtered(name: str, value: object, argument: object, run: Run) -> object:
    if name not in FILTERS:
        message = EngineText(f"Filter with name '{name}' not found.", "applyfilter", "")
        raise Refusal(f"there is no filter named {name!r}", engine_text=EngineText(str(message)))
    try:
        run.checked(value)
        return run.checked(FILTERS[name](value, argument, run))
    except Refusal as refusal:
        if refusal.engine_text is None:
            raise
        raise Refusal(str(refusal), engine_text=EngineText(str(refusal.engine_text))) from refusal


def parse_filter(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% filter name|name:argument %}`` up to ``{% endfilter %}``."""
    body, _ = document.body("endfilter")
    calls = []
    while len(arguments):
        name = arguments.need(Kind.NAME, "the name of a filter")
        calls.append((name.text, parse_operand(arguments) if arguments.symbol(":") else None))
        if not arguments.symbol("|"):
            break
    arguments.need_end("{% filter %}")
    return FilterBlock(token, body, tuple(calls))


SCOPE_TAGS: Mapping[str, TagParser] = MappingProxyType(
    {
        "autoescape": parse_autoescape,
        "block": parse_block,
        "filter": parse_filter,
        "set": parse_set,
        "with": parse_with,
    }
)
