"""The ways through a criteria: what it prints, by what its conditions choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pack.flowlang.expressions import Literal, Printed
from pack.flowlang.tags_control import For, If, IfEqual
from pack.flowlang.tags_files import Nothing
from pack.flowlang.tags_macro import Macro
from pack.flowlang.tags_scope import Set, With
from pack.flowlang.tree import Body, Expression, Node, Text
from pack.flowlang.variables import Variable
from pack.flowlang.walk import walk

Piece = Text | Expression

_MAX_WAYS = 64


@dataclass(frozen=True, slots=True)
class Way:
    """One way through a criteria: what it prints, and the place of the last tag that chose it."""

    pieces: tuple[Piece, ...]
    place: int


def ways(nodes: Sequence[Node], place: int) -> list[Way] | None:
    """Return every way through some nodes; None when there are too many, or a tag of which one cannot say."""
    found = [Way((), place)]
    if sum(isinstance(node, (If, IfEqual, For)) for node in nodes) > 1:
        # which of their ways go together is not known
        return None
    for node in nodes:
        following = _ways_of(node, place)
        if following is None or len(found) * len(following) > _MAX_WAYS:
            return None
        found = [
            Way(way.pieces + more.pieces, more.place if more.place != place else way.place)
            for way in found
            for more in following
        ]
    return found


def prints(node: Node) -> bool:
    """Say whether a node may write anything."""
    return not isinstance(node, (Set, Macro, Nothing)) and not (isinstance(node, Text) and not node.text)


def _ways_of(node: Node, place: int) -> list[Way] | None:
    if isinstance(node, Text):
        return [Way((node,) if node.text else (), place)]
    if isinstance(node, Printed):
        return [Way(_printed(node), place)]
    if not prints(node):
        return [Way((), place)]
    if isinstance(node, With):
        return ways(node.body.nodes, place)
    if isinstance(node, If):
        has_else = len(node.bodies) > len(node.conditions)
        bodies = list(node.bodies[: len(node.conditions) + 1])
        return _branches(bodies, has_else, node.token.offset)
    if isinstance(node, IfEqual):
        bodies = [node.then] if node.otherwise is None else [node.then, node.otherwise]
        return _branches(bodies, node.otherwise is not None, node.token.offset)
    if isinstance(node, For) and not _writes(node.body):
        return [Way((), place)] if node.empty is None else None
    return None


def repeats(loop: For) -> bool:
    """Say whether a loop prints in each round, as far as is known: what asks for the round may not."""
    asks = any(isinstance(part, Variable) and part.parts[0].name == "forloop" for part in walk(loop.body))
    return not asks and _writes(loop.body)


def _writes(body: Body) -> bool:
    """Say whether anything in a body prints, apart from choosing and setting."""
    return any(
        isinstance(part, Node) and prints(part) and not isinstance(part, (If, IfEqual, For, With))
        for part in walk(body)
    )


def _printed(node: Printed) -> tuple[Piece, ...]:
    """Return what is printed; a text that stands there as a literal is plain text."""
    if isinstance(node.expression, Literal) and isinstance(node.expression.value, str):
        text = node.expression.value
        return (Text(node.expression.token, text),) if text else ()
    return (node.expression,)


def _branches(bodies: list[Body], has_else: bool, place: int) -> list[Way] | None:
    found = [] if has_else else [Way((), place)]
    for body in bodies:
        more = ways(body.nodes, place)
        if more is None:
            return None
        found.extend(more)
    return found
