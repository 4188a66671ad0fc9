"""Going through a parsed template: for what wants to know a template without rendering it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from pack.flowlang.lexer import Token
from pack.flowlang.tree import Body, Template

_LEAVES = (str, int, float, bytes, Token)


def walk(tree: object) -> Iterator[object]:
    """Yield nodes, bodies, expressions and filter calls of a tree, each before what is in it."""
    waiting: list[object] = [tree.body if isinstance(tree, Template) else tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _LEAVES) or part is None:
            continue
        if isinstance(part, Mapping):
            waiting += reversed(list(part.values()))
        elif isinstance(part, (tuple, list)):
            waiting += reversed(part)
        elif is_dataclass(part) and not isinstance(part, type):
            yield part
            waiting += [getattr(part, field.name) for field in reversed(fields(part))]


def body_of(template: Template) -> Body:
    """Return the body that the author wrote, out of the autoescape that Flyte puts around every template.

    A template that closes that from inside has no such body: then it is everything.
    """
    nodes = template.body.nodes
    inner = getattr(nodes[0], "body", None) if len(nodes) == 1 else None
    return inner if isinstance(inner, Body) else template.body
