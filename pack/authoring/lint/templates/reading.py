"""One template as it is checked: its tree, the names in it, and the remarks that rules make on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Rule
from pack.authoring.lint.subject import Role, Subject, TemplateText
from pack.authoring.lint.templates.shapes import Shapes
from pack.authoring.lint.templates.source import Writer
from pack.flowlang.functions import BUILT_IN
from pack.flowlang.lexer import Token, tokenize
from pack.flowlang.tags_control import For, If
from pack.flowlang.tags_macro import Macro
from pack.flowlang.tags_scope import Block, Set, With
from pack.flowlang.tags_text import Cycle, WidthRatio
from pack.flowlang.tree import Body, Expression, Template
from pack.flowlang.variables import Variable
from pack.flowlang.walk import body_of, walk

FUNCTIONS = frozenset({*BUILT_IN, "datastore"})
"""What a template can call; ``datastore`` comes from the engine."""
ROOTS = frozenset({"Event", "Context", "pongo2"})
"""The names that every template has besides functions."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding before it has a file. ``offset`` is in the wrapped text of the template.

    Of two remarks at one place the first is kept; ``claims`` are more places that it explains.
    """

    rule: Rule
    message: str
    advice: str
    offset: int
    claims: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A template that could be parsed, with what it is a part of."""

    subject: Subject
    declarations: Declarations
    text: TemplateText
    tree: Template
    tokens: tuple[Token, ...]
    nodes: tuple[object, ...]
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    known: dict[str, tuple[Shapes, Shapes]] = field(default_factory=dict)
    """What the names of the template may be and have in them, once somebody asked."""

    @property
    def body(self) -> Body:
        """Return what the author wrote."""
        return body_of(self.tree)

    @property
    def is_criteria(self) -> bool:
        """Say whether the template is a step's criteria."""
        return self.text.role is Role.CRITERIA

    @property
    def writer(self) -> Writer:
        """Return what writes expressions with the author's quotation mark."""
        text = self.text.text
        return Writer('"' if '"' in text and "'" not in text else "'")

    def knows(self, name: str) -> bool:
        """Say whether a name stands for something somewhere in the template."""
        return name in ROOTS or name in FUNCTIONS or name in self.bindings

    def index(self, token: Token) -> int:
        """Return which of the tokens one is, by its place."""
        return next(number for number, found in enumerate(self.tokens) if found.offset == token.offset)

    def conditions(self) -> Iterator[Expression]:
        """Yield the conditions of every ``if``."""
        for node in self.nodes:
            if isinstance(node, If):
                yield from node.conditions


@dataclass(frozen=True, slots=True)
class Binding:
    """One place where a template gives a name: ``of`` an expression, or of each item of one (``each``).

    ``each`` is ``key`` for the first name of a loop, ``value`` for the second, and empty outside loops;
    ``of`` is None when nothing is known of the value.
    """

    of: Expression | None
    each: str = ""


def read(subject: Subject, declarations: Declarations, text: TemplateText, tree: Template) -> Reading:
    """Return a parsed template with its names."""
    nodes = tuple(walk(tree))
    return Reading(subject, declarations, text, tree, tokenize(tree.source), nodes, _bindings(nodes))


def binds(node: object, name: str) -> bool:
    """Say whether a node gives a name to something."""
    is_parameter = isinstance(node, Macro) and name in node.parameters
    return is_parameter or any(bound == name for bound, _ in _bound_by(node))


def _bindings(nodes: tuple[object, ...]) -> dict[str, list[Binding]]:
    found: dict[str, list[Binding]] = defaultdict(list)
    for node in nodes:
        for name, binding in _bound_by(node):
            found[name].append(binding)
        if isinstance(node, Macro):
            for name, binding in _arguments(nodes, node):
                found[name].append(binding)
    return dict(found)


def _arguments(nodes: tuple[object, ...], macro: Macro) -> Iterator[tuple[str, Binding]]:
    """Yield what the parameters of a macro may be: defaults, and what each call gives."""
    calls = [
        node.parts[0].arguments or ()
        for node in nodes
        if isinstance(node, Variable) and node.parts[0].name == macro.name
    ]
    for number, (name, default) in enumerate(macro.parameters.items()):
        if not calls or any(len(call) <= number for call in calls):
            yield name, Binding(default)
        yield from ((name, Binding(call[number])) for call in calls if len(call) > number)


def _bound_by(node: object) -> Iterator[tuple[str, Binding]]:
    if isinstance(node, Set):
        yield node.name, Binding(node.expression)
    elif isinstance(node, With):
        yield from ((name, Binding(expression)) for name, expression in node.pairs.items())
    elif isinstance(node, For):
        yield "forloop", Binding(None)
        yield node.key, Binding(node.whole, "key")
        if node.value:
            yield node.value, Binding(node.whole, "value")
    elif isinstance(node, Macro) or (isinstance(node, (Cycle, WidthRatio)) and node.name):
        yield node.name, Binding(None)
    elif isinstance(node, Block):
        yield "block", Binding(None)
