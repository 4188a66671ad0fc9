"""Loops over what has other items than meant, and names that end with a loop."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.templates.reading import Reading, Remark, binds
from pack.authoring.lint.templates.shapes import JSON, Shape, Shapes, is_certainly
from pack.authoring.lint.templates.types import element_shapes, shapes
from pack.flowlang.tags_control import For, IfChanged
from pack.flowlang.tags_scope import Set
from pack.flowlang.tree import Expression, Node
from pack.flowlang.variables import Variable
from pack.flowlang.walk import walk

OVER_TEXT = Rule("for-over-text", Severity.WARNING, "A loop goes over a text, byte by byte.")
NOT_SORTED = Rule("sorted-payload-list", Severity.WARNING, "A payload's list is to be sorted, and is not.")
TWO_NAMES = Rule("for-two-names", Severity.WARNING, "A loop over a list has two names; the second is empty.")
ANY_ORDER = Rule("map-order", Severity.NOTE, "A loop goes over a map in an order that changes each time.")
SET_IN_LOOP = Rule("set-in-loop", Severity.WARNING, "A name that is set in a loop is used behind it.")
IF_CHANGED = Rule("ifchanged-without-else", Severity.ERROR, "ifchanged watches a value and has no else.")

RULES = (OVER_TEXT, NOT_SORTED, TWO_NAMES, ANY_ORDER, SET_IN_LOOP, IF_CHANGED)

_TEXT: Shapes = frozenset({Shape.TEXT})
_LIST: Shapes = frozenset({Shape.LIST})


def remarks(reading: Reading) -> Iterator[Remark]:
    """Yield loops that do something else than they seem to."""
    for node in reading.nodes:
        if isinstance(node, For):
            yield from _loop(reading, node)
            yield from _names_after(reading, node)
        elif isinstance(node, IfChanged) and node.watched and node.otherwise is None:
            yield Remark(
                IF_CHANGED,
                "ifchanged with a value and without {% else %} skips the step as soon as the value stays",
                "write {% else %} before {% endifchanged %}, with nothing behind it if need be",
                node.token.offset,
            )


def _loop(reading: Reading, loop: For) -> Iterator[Remark]:
    found = shapes(reading, loop.whole)
    whole, place = reading.writer.whole(loop.whole), loop.token.offset
    if is_certainly(found, _TEXT):
        yield Remark(
            OVER_TEXT,
            f"{whole} is a text: the loop goes over its bytes, which are no whole letters outside of ASCII"
            + (", and a text cannot be sorted: the step is skipped" if loop.ordered else ""),
            f"write {whole}|split:',' for its parts, or {whole}|make_list for its characters",
            place,
        )
    elif is_certainly(found, _LIST):
        if loop.value:
            yield Remark(
                TWO_NAMES,
                f"{whole} is a list: {loop.key} is the item, and {loop.value} is empty",
                f"write {{% for {loop.key} in {whole} %}}; forloop.Counter0 is the item's number",
                place,
            )
        elif loop.ordered and element_shapes(reading, loop.whole) == JSON:
            yield Remark(
                NOT_SORTED,
                "`sorted` leaves lists of a payload as they are; it sorts maps and what |split makes",
                f"have it sorted by whoever sends it; of texts, {whole}|join:','|split:',' can be sorted",
                place,
            )
    elif loop.value and not loop.ordered:
        order = "reversed sorted" if loop.backwards else "sorted"
        yield Remark(
            ANY_ORDER,
            f"a map has no order: {whole} comes in another one each time",
            f"write {{% for {loop.key}, {loop.value} in {whole} {order} %}}",
            place,
        )


def _names_after(reading: Reading, loop: For) -> Iterator[Remark]:
    """Find names that are set in a loop and looked at behind it, as if they were still set."""
    inside = list(walk(loop.body))
    end = max((part.token.offset for part in inside if isinstance(part, (Node, Expression))), default=0)
    for name in dict.fromkeys(node.name for node in inside if isinstance(node, Set)):
        used = _used_behind(reading, name, end)
        if used is None:
            continue
        before = any(
            isinstance(node, Set) and node.name == name and node.token.offset < loop.token.offset
            for node in reading.nodes
        )
        yield Remark(
            SET_IN_LOOP,
            f"what {name} is set to in the loop ends with the loop: behind it, it is "
            + ("as before" if before else "empty"),
            "nothing can be counted or collected over a loop: use it inside, or ask of the whole list by "
            "|length, |join, |last or `in`",
            used.token.offset,
        )


def _used_behind(reading: Reading, name: str, end: int) -> Variable | None:
    """Return where a name is used first behind a place, None when it is set anew there."""
    for node in reading.nodes:
        if not isinstance(node, (Node, Expression)) or node.token.offset <= end:
            continue
        if isinstance(node, Variable) and node.parts[0].name == name:
            return node
        if binds(node, name) and not (isinstance(node, Set) and _uses(node, name)):
            return None
    return None


def _uses(node: Set, name: str) -> bool:
    return any(isinstance(part, Variable) and part.parts[0].name == name for part in walk(node.expression))
