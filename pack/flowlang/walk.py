"""Going through a parsed template: for what wants to know a template without rendering it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from pack.flowlang.lexer import Token
from pack.flowlang.tree import Body, Template

_LEAVES = (str, int, float, bytes, Token)


def walk(tree: object) -> Iterator[object]:
    """Yield nodes, bodies, expressions and filter calls of a tree, each before what is in it."""
    if isinstance(tree, Template):
        yield from walk(tree.body)
        return
    if isinstance(tree, _LEAVES) or tree is None:
        return
    if isinstance(tree, Mapping):
        yield from walk(tuple(tree.values()))
    elif isinstance(tree, (tuple, list)):
        for item in tree:
            yield from walk(item)
    elif is_dataclass(tree):
        if not isinstance(tree, type):
            yield tree
        yield from walk([getattr(tree, field.name) for field in fields(tree)])


def body_of(template: Template) -> Body:
    """Return the body that the author wrote, out of the autoescape that Flyte puts around every template.

    A template that closes that from inside has no such body: then it is everything.
    """
    nodes = template.body.nodes
    inner = getattr(nodes[0], "body", None) if len(nodes) == 1 else None
    return inner if isinstance(inner, Body) else template.body
