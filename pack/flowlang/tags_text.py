"""The tags that write something of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.arithmetic import divide
from pack.flowlang.errors import Refusal
from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.expressions import escaped
from pack.flowlang.gotime import Moment, format_moment, parse_rfc3339
from pack.flowlang.kinds import Function, Record, clean
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.lorem import PARAGRAPHS, WORDS
from pack.flowlang.patterns import substituted
from pack.flowlang.run import Frame
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tags_files import Nothing
from pack.flowlang.tree import Body, Expression, Node, Text
from pack.flowlang.values import cut, integer, number, text, truth

_FAKE_NOW = "2014-02-05T18:31:45Z"
_BETWEEN_TAGS = r"(?U:(<.*>))([\t\n\v\f\r ]+)(?U:(<.*>))"
_TEMPLATE_TAGS: Mapping[str, str] = MappingProxyType(
    {
        "openblock": "{%",
        "closeblock": "%}",
        "openvariable": "{{",
        "closevariable": "}}",
        "openbrace": "{",
        "closebrace": "}",
        "opencomment": "{#",
        "closecomment": "#}",
    }
)


def parse_comment(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% comment %}`` up to ``{% endcomment %}``; what is between need not be right."""
    document.skip("endcomment")
    arguments.need_end("{% comment %}")
    return Nothing(token)


def parse_template_tag(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% templatetag openblock %}`` and its sisters."""
    name = arguments.need(Kind.NAME, "a word such as 'openblock'")
    if name.text not in _TEMPLATE_TAGS:
        raise arguments.error(f"the words here are {', '.join(_TEMPLATE_TAGS)}", name)
    arguments.need_end("{% templatetag %}")
    return Text(token, _TEMPLATE_TAGS[name.text])


class CycleValue(Record):
    """What ``cycle … as name`` sets: it prints as the value where the cycle is."""

    __slots__ = ("cycle", "value")
    type_name: ClassVar[str] = "*pongo2.tagCycleValue"
    comparable: ClassVar[bool] = True

    def __init__(self, cycle: Cycle, value: object) -> None:
        self.cycle = cycle
        self.value = value

    def text(self) -> str:
        """Return what the value prints as."""
        return text(self.value)

    def method(self, name: str) -> Function | None:
        """Return ``String``."""
        return Function(name, (), lambda run: self.text()) if name == "String" else None


@dataclass(frozen=True, slots=True, eq=False)
class Cycle(Node):
    """``cycle a b as name silent``: the next value every time."""

    values: tuple[Expression, ...]
    name: str
    silent: bool

    def write(self, frame: Frame) -> None:
        """Write the next value, or move on the cycle that is named.

        Raises:
            Refusal: there are no values.
        """
        value = self._next(frame)
        if isinstance(value, CycleValue):
            cycle = value.cycle
            value.value = cycle._next(frame)
            if not cycle.silent:
                frame.output.write(text(value.value))
            return
        if self.name:
            frame.private[self.name] = CycleValue(self, value)
        if not self.silent:
            frame.output.write(text(value))

    def _next(self, frame: Frame) -> object:
        if not self.values:
            raise Refusal("{% cycle %} needs at least one value")
        index = integer(frame.memory.get(id(self)))
        frame.memory[id(self)] = index + 1
        return self.values[index % len(self.values)].evaluate(frame)


def parse_cycle(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% cycle a b as name silent %}``."""
    values, name, silent = [], "", False
    while len(arguments):
        values.append(parse_expression(arguments))
        if arguments.keyword("as"):
            name = arguments.need(Kind.NAME, "a name").text
            silent = arguments.word("silent") is not None
            break
    arguments.need_end("{% cycle %}")
    return Cycle(token, tuple(values), name, silent)


@dataclass(frozen=True, slots=True, eq=False)
class FirstOf(Node):
    """``firstof a b``: the first value that is true."""

    values: tuple[Expression, ...]

    def write(self, frame: Frame) -> None:
        """Write that value, if there is one."""
        for expression in self.values:
            value = expression.evaluate(frame)
            if truth(value):
                shown = text(value)
                safe = not frame.autoescape or expression.has_filter("safe")
                frame.output.write(shown if safe else escaped(shown))
                return


def parse_first_of(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% firstof a b %}``."""
    values = []
    while len(arguments):
        values.append(parse_expression(arguments))
    return FirstOf(token, tuple(values))


@dataclass(frozen=True, slots=True, eq=False)
class Lorem(Node):
    """``lorem count method random``: filler text."""

    count: int
    method: str
    by_chance: bool

    def write(self, frame: Frame) -> None:
        """Write words (``w``), or paragraphs as lines (``b``) or in ``<p>`` (``p``)."""
        pieces: Sequence[str] = WORDS if self.method == "w" else PARAGRAPHS
        before, after = ("<p>", "</p>") if self.method == "p" else ("", "")
        for index in range(max(0, self.count)):
            frame.run.spend()
            if index:
                frame.output.write(" " if self.method == "w" else "\n")
            place = frame.run.random_below(len(pieces)) if self.by_chance else index % len(pieces)
            frame.output.write(f"{before}{pieces[place]}{after}")


def parse_lorem(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% lorem 3 w random %}``."""
    amount = arguments.take(Kind.NUMBER)
    method = arguments.take(Kind.NAME)
    if method is not None and method.text not in ("w", "p", "b"):
        raise arguments.error("'w', 'p' or 'b' is expected here", method)
    by_chance = arguments.word("random") is not None
    arguments.need_end("{% lorem %}")
    count = integer(amount.text) if amount else 1
    return Lorem(token, count, method.text if method else "b", by_chance)


@dataclass(frozen=True, slots=True, eq=False)
class Now(Node):
    """``now layout``: the time of rendering, or with ``fake`` always the same."""

    layout: str
    fake: bool

    def write(self, frame: Frame) -> None:
        """Write the time in Go's layout."""
        moment = parse_rfc3339(_FAKE_NOW) if self.fake else None
        frame.run.reserve(4 * len(self.layout))
        frame.output.write(format_moment(moment or Moment.of(frame.run.clock.now()), self.layout))


def parse_now(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% now "2006-01-02" %}``."""
    layout = arguments.need(Kind.STRING, "a layout, as a text,")
    fake = arguments.word("fake") is not None
    arguments.need_end("{% now %}")
    return Now(token, layout.text, fake)


@dataclass(frozen=True, slots=True, eq=False)
class Spaceless(Node):
    """``spaceless``: no white space between HTML tags."""

    body: Body

    def write(self, frame: Frame) -> None:
        """Write the body without it."""
        captured = frame.captured()
        self.body.write(captured)
        shown = clean(captured.output.text())
        while True:
            frame.run.reserve(len(shown))
            shorter = substituted(_BETWEEN_TAGS, r"\1\3", shown)
            if shorter == shown:
                break
            shown = shorter
        frame.output.write(shown)


def parse_spaceless(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% spaceless %}`` up to ``{% endspaceless %}``."""
    body, _ = document.body("endspaceless")
    arguments.need_end("{% spaceless %}")
    return Spaceless(token, body)


@dataclass(frozen=True, slots=True, eq=False)
class WidthRatio(Node):
    """``widthratio value max width as name``."""

    value: Expression
    maximum: Expression
    width: Expression
    name: str

    def write(self, frame: Frame) -> None:
        """Write the part of the width, or set the name to it; half is added before it is rounded up."""
        value, maximum, width = (
            number(expression.evaluate(frame)) for expression in (self.value, self.maximum, self.width)
        )
        ratio = number(divide(value, maximum)) * width + 0.5
        result = cut(math.ceil(ratio) if math.isfinite(ratio) else ratio)
        if self.name:
            frame.private[self.name] = result
        else:
            frame.output.write(str(result))


def parse_width_ratio(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% widthratio value max width as name %}``."""
    value, maximum, width = (parse_expression(arguments) for _ in range(3))
    name = arguments.need(Kind.NAME, "a name").text if arguments.keyword("as") else ""
    arguments.need_end("{% widthratio %}")
    return WidthRatio(token, value, maximum, width, name)


TEXT_TAGS: Mapping[str, TagParser] = MappingProxyType(
    {
        "comment": parse_comment,
        "cycle": parse_cycle,
        "firstof": parse_first_of,
        "lorem": parse_lorem,
        "now": parse_now,
        "spaceless": parse_spaceless,
        "templatetag": parse_template_tag,
        "widthratio": parse_width_ratio,
    }
)
