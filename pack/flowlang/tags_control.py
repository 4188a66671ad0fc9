"""The tags that choose and repeat: ``if``, ``ifequal``, ``ifnotequal``, ``ifchanged``, ``for``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.errors import Refusal
from pack.flowlang.expression_parser import parse_expression
from pack.flowlang.kinds import MISSING, Entries, Items, Record, from_bytes, to_bytes
from pack.flowlang.lexer import Kind, Token
from pack.flowlang.run import Frame, stored
from pack.flowlang.stream import Tokens
from pack.flowlang.tags import Document, TagParser
from pack.flowlang.tree import Body, Expression, Node
from pack.flowlang.values import equal, length, truth


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """``if``/``elif``: a body for every condition, and the first ``else`` behind the last condition."""

    conditions: tuple[Expression, ...]
    bodies: tuple[Body, ...]

    def write(self, frame: Frame) -> None:
        """Write the first body whose condition is true, or the one after the last condition's."""
        for condition, body in zip(self.conditions, self.bodies, strict=False):
            if truth(condition.evaluate(frame)):
                body.write(frame)
                return
        if len(self.bodies) > len(self.conditions):
            self.bodies[len(self.conditions)].write(frame)


def parse_if(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% if %}`` up to ``{% endif %}``."""
    conditions, bodies = [parse_expression(arguments)], []
    arguments.need_end("a condition")
    while True:
        body, rest = document.body("elif", "else", "endif")
        bodies.append(body)
        if body.end == "elif":
            conditions.append(parse_expression(rest))
        rest.need_end(f"{{% {body.end} %}}")
        if body.end == "endif":
            return If(token, tuple(conditions), tuple(bodies))


@dataclass(frozen=True, slots=True, eq=False)
class IfEqual(Node):
    """``ifequal`` and, where ``wanted`` is False, ``ifnotequal``."""

    left: Expression
    right: Expression
    then: Body
    otherwise: Body | None
    wanted: bool

    def write(self, frame: Frame) -> None:
        """Write one of the two bodies."""
        left, right = self.left.evaluate(frame), self.right.evaluate(frame)
        if frame.attempt(self.token, equal, left, right) is self.wanted:
            self.then.write(frame)
        elif self.otherwise is not None:
            self.otherwise.write(frame)


def parse_if_equal(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% ifequal a b %}`` or ``{% ifnotequal a b %}`` up to its end."""
    left, right = parse_expression(arguments), parse_expression(arguments)
    arguments.need_end(f"{{% {token.text} %}}")
    then, otherwise = _two_bodies(document, f"end{token.text}")
    return IfEqual(token, left, right, then, otherwise, token.text == "ifequal")


def _two_bodies(document: Document, end: str, between: str = "else") -> tuple[Body, Body | None]:
    first = document.plain_body(between, end)
    return first, document.plain_body(end) if first.end == between else None


@dataclass(frozen=True, slots=True, eq=False)
class IfChanged(Node):
    """``ifchanged``: with values to watch, or else watching what its body renders to."""

    watched: tuple[Expression, ...]
    then: Body
    otherwise: Body | None

    def write(self, frame: Frame) -> None:
        """Write the body when something changed since the last time in this rendering.

        Raises:
            Refusal: nothing changed and there is no ``else``, which crashes Flyte.
        """
        if not self.watched:
            captured = frame.captured()
            self.then.write(captured)
            shown = captured.output.text()
            if shown != frame.memory.get(id(self), ""):
                frame.memory[id(self)] = shown
                frame.output.write(shown)
            return
        before = frame.memory.get(id(self))
        now = [expression.reference(frame) for expression in self.watched]
        changed = not isinstance(before, list) or any(
            not equal(stored(old), stored(new)) for old, new in zip(before, now, strict=True)
        )
        frame.memory[id(self)] = now
        if changed:
            self.then.write(frame)
        elif self.otherwise is None:
            raise Refusal("{% ifchanged … %} with values needs an {% else %}: Flyte fails without one")
        else:
            self.otherwise.write(frame)


def parse_if_changed(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% ifchanged %}`` up to ``{% endifchanged %}``."""
    watched = []
    while len(arguments):
        watched.append(parse_expression(arguments))
    then, otherwise = _two_bodies(document, "endifchanged")
    return IfChanged(token, tuple(watched), then, otherwise)


class Loop(Record):
    """``forloop``: where a loop is. All fields begin with a capital."""

    __slots__ = ("_fields",)
    type_name: ClassVar[str] = "pongo2.tagForLoopInformation"
    comparable: ClassVar[bool] = True
    changes: ClassVar[bool] = True

    def __init__(self, parent: Loop | None) -> None:
        self._fields: dict[str, object] = {
            "Counter": 0,
            "Counter0": 0,
            "Revcounter": 0,
            "Revcounter0": 0,
            "First": True,
            "Last": False,
            "Parentloop": parent,
        }

    def at(self, index: int, count: int) -> None:
        """Go to an item. First ends with index 1 and Last begins with the last, whatever the order is."""
        fields = self._fields
        fields |= {"Counter": index + 1, "Counter0": index}
        fields |= {"Revcounter": count - index, "Revcounter0": count - index - 1}
        if index == 1:
            fields["First"] = False
        if index + 1 == count:
            fields["Last"] = True

    def names(self) -> tuple[str, ...]:
        """Return the names of the counters."""
        return tuple(self._fields)

    def field(self, name: str) -> object:
        """Return one of the counters."""
        return self._fields.get(name, MISSING)


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """``for key, value in whole reversed sorted``."""

    key: str
    value: str
    whole: Expression
    backwards: bool
    ordered: bool
    body: Body
    empty: Body | None

    def write(self, frame: Frame) -> None:
        """Write the body for every item, or the other one when there is none."""
        inner = frame.child()
        parent = inner.private.get("forloop", MISSING)
        if parent is not MISSING and not isinstance(parent, Loop):
            raise Refusal("a name 'forloop' was set, and Flyte fails when a loop begins after it")
        loop = Loop(parent if isinstance(parent, Loop) else None)
        inner.private["forloop"] = loop
        whole = self.whole.evaluate(inner)
        size = 0
        if self.ordered:
            frame.run.spend(length(whole))
        for index, count, key, value in self._items(whole):
            size += 1
            frame.run.spend()
            inner.private[self.key] = key
            if value is not MISSING:
                inner.private[self.value] = value
            loop.at(index, count)
            self.body.write(inner)
        if not size and self.empty is not None:
            self.empty.write(inner)

    def _items(self, whole: object) -> Iterator[tuple[int, int, object, object]]:
        if isinstance(whole, Entries):
            keys = whole.keys()
            if self.ordered:
                keys.sort(reverse=self.backwards)
            for index, key in enumerate(keys):
                yield index, len(keys), key, whole.get(key)
        elif isinstance(whole, Items):
            for index, item in enumerate(self._in_order(whole)):
                yield index, len(whole), item, MISSING
        elif isinstance(whole, str):
            if self.ordered:
                raise Refusal("a text cannot be walked 'sorted'")
            data = to_bytes(whole)
            order = range(len(data))
            for index in reversed(order) if self.backwards else order:
                yield index, len(data), from_bytes(data[index : index + 1]), MISSING

    def _in_order(self, whole: Items) -> list[object]:
        items = list(whole)
        if self.ordered:
            # only lists made by a filter are sorted: all items of a payload's list compare as equal
            return sorted(items, key=str, reverse=self.backwards) if whole.sortable else items
        return items[::-1] if self.backwards else items


def parse_for(document: Document, token: Token, arguments: Tokens) -> Node:
    """Read ``{% for %}`` up to ``{% endfor %}``."""
    key = arguments.need(Kind.NAME, "a name")
    value = arguments.need(Kind.NAME, "a second name").text if arguments.symbol(",") else ""
    if not arguments.keyword("in"):
        raise arguments.error("the word 'in' is expected here")
    whole = parse_expression(arguments)
    backwards = arguments.word("reversed") is not None
    ordered = arguments.word("sorted") is not None
    arguments.need_end("{% for %} (the order of the words is: reversed sorted)")
    body, empty = _two_bodies(document, "endfor", "empty")
    return For(token, key.text, value, whole, backwards, ordered, body, empty)


CONTROL_TAGS: Mapping[str, TagParser] = MappingProxyType(
    {
        "if": parse_if,
        "ifequal": parse_if_equal,
        "ifnotequal": parse_if_equal,
        "ifchanged": parse_if_changed,
        "for": parse_for,
    }
)
