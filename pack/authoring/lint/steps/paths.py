"""Which fields of the event and the context a flow's templates ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pack.authoring.lint.subject import Subject, TemplateText
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.expressions import Filtered, Literal
from pack.flowlang.kinds import clean
from pack.flowlang.lexer import Token
from pack.flowlang.parser import parse
from pack.flowlang.position import place
from pack.flowlang.tags_control import For
from pack.flowlang.tags_macro import Macro
from pack.flowlang.tags_scope import Block, Set, With
from pack.flowlang.tags_text import Cycle, WidthRatio
from pack.flowlang.tree import Expression
from pack.flowlang.variables import Variable
from pack.flowlang.walk import walk

ROOTS = ("Event", "Context")
ITEM = "[]"
"""Stands in a path for what a loop gives out one by one."""
_MOST_NAMES_BEHIND_NAMES = 8


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a template asks for something: ``names`` begins with ``Event`` or ``Context``."""

    text: TemplateText
    names: tuple[str, ...]
    line: int
    column: int

    @property
    def step(self) -> int:
        """The index of the step that the template belongs to."""
        return int(self.text.path[1])


def uses(subject: Subject) -> Iterator[Use]:
    """Yield every use of the event and the context, template by template; broken ones are passed over."""
    for text in subject.templates():
        if "Event" not in text.text and "Context" not in text.text:
            continue
        try:
            tree = parse(clean(text.text))
        except TemplateSyntaxError:
            continue
        for token, names in _paths(tuple(walk(tree))):
            _, line, column = place(tree.source, token.offset)
            yield Use(text, names, line, column)


def _paths(nodes: Sequence[object]) -> Iterator[tuple[Token, tuple[str, ...]]]:
    bound = _bound(nodes)
    keyed = {
        id(node.value): key
        for node in nodes
        if isinstance(node, Filtered) and (key := _key(node)) is not None
    }
    for node in nodes:
        if isinstance(node, Variable):
            names = _resolve(node, bound, _MOST_NAMES_BEHIND_NAMES)
            if names is not None:
                key = keyed.get(id(node))
                yield node.token, names if key is None else (*names, key)


def _key(node: Filtered) -> str | None:
    """Return the key of ``x|key:"some-key"``."""
    first = node.filters[0]
    if first.name == "key" and isinstance(first.argument, Literal) and isinstance(first.argument.value, str):
        return first.argument.value
    return None


@dataclass(frozen=True, slots=True)
class _Given:
    """What a template's own name stands for: an expression, or each item of it; None: not known."""

    of: Expression | None
    each: bool = False


def _resolve(
    expression: Expression | None, bound: Mapping[str, list[_Given]], depth: int
) -> tuple[str, ...] | None:
    """Return the path of a name, through the names that the template gave; None when it is not known."""
    if not isinstance(expression, Variable) or depth == 0:
        return None
    names = []
    for part in expression.parts:
        if part.arguments is not None:
            break
        names.append(str(part))
    if not names:
        return None
    if names[0] in bound:
        given = bound[names[0]]
        before = _resolve(given[0].of, bound, depth - 1) if len(given) == 1 else None
        item = (ITEM,) if given[0].each else ()
        return None if before is None else (*before, *item, *names[1:])
    return tuple(names) if names[0] in ROOTS else None


def _bound(nodes: Sequence[object]) -> dict[str, list[_Given]]:
    """Return what the template's own names stand for, by every place that gives one."""
    found: dict[str, list[_Given]] = defaultdict(list)
    for node in nodes:
        for name, given in _given(node):
            found[name].append(given)
    return found


def _given(node: object) -> Iterator[tuple[str, _Given]]:
    if isinstance(node, Set):
        yield node.name, _Given(node.expression)
    elif isinstance(node, With):
        yield from ((name, _Given(expression)) for name, expression in node.pairs.items())
    elif isinstance(node, For):
        yield node.key, _Given(None if node.value else node.whole, each=True)
        yield from ((name, _Given(None)) for name in ("forloop", node.value) if name)
    elif isinstance(node, Macro):
        yield from ((name, _Given(None)) for name in (node.name, *node.parameters))
    elif isinstance(node, (Cycle, WidthRatio)) and node.name:
        yield node.name, _Given(None)
    elif isinstance(node, Block):
        yield "block", _Given(None)
