"""What each part of a template gave, in lines for people."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from pack.flowlang import Explanation, Gap, Lookup, Operation, Part, Place, Shown
from pack.flowlang.excerpts import printable

INDENT = " " * 4
_NAME_WIDTH = 44
_SHOWN_KEYS = 12
_SAME = str.maketrans("'", '"', " ()")


def safe(text: str) -> str:
    """Return a text on one line, without what would steer a terminal."""
    return printable(text.replace("\n", " "))


def quoted(text: str) -> str:
    """Return a text as JSON writes it, safe to print."""
    return printable(json.dumps(text, ensure_ascii=False))


def is_plain(explanation: Explanation) -> bool:
    """Say whether there is nothing to tell: a text without templates."""
    return explanation.failure is None and explanation.result == explanation.template


def template_lines(name: str, explanation: Explanation) -> Iterator[str]:
    """Yield the result of a template, and below it what its parts and names gave."""
    result = "fails" if explanation.failure is not None else quoted(explanation.result or "")
    yield f"{INDENT}{safe(name)} = {result}"
    for row in sorted(_rows(explanation), key=lambda row: row.order):
        written = safe(row.written).ljust(_NAME_WIDTH - 2 * row.depth)
        yield f"{INDENT * 2}{'  ' * row.depth}{written}  {row.gave}"
    if explanation.omitted:
        yield f"{INDENT * 2}… and {explanation.omitted} more"


_Order = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line below a template."""

    order: _Order
    depth: int
    written: str
    gave: str


def _rows(explanation: Explanation) -> Iterator[_Row]:
    parts = sorted(explanation.parts, key=lambda part: _order(part.place, 0))
    begins = [_order(part.place, 0) for part in parts]

    def row(written: str, place: Place, rank: int, gave: str, tells_more: bool) -> Iterator[_Row]:
        order = _order(place, rank)
        before = bisect_left(begins, order)
        part = parts[before - 1] if before else None
        if part is None or tells_more or _plain(written) != _interior(part.source):
            yield _Row(order, part.depth + 1 if part else 0, written, gave)

    for part in parts:
        yield _Row(_order(part.place, 0), part.depth, part.source, _outputs(part))
    for lookup in explanation.lookups:
        yield from row(lookup.name, lookup.place, 1, _lookup(lookup), lookup.gap is not None)
    for operation in explanation.operations:
        yield from row(operation.written, operation.place, 2, _operation(operation), operation.failed)


def _order(place: Place, rank: int) -> _Order:
    return place.within, place.line, place.column, rank


def _interior(source: str) -> str:
    return _plain(source.removeprefix("{{").removesuffix("}}").strip("- ")) if source.startswith("{{") else ""


def _plain(written: str) -> str:
    """Return what is left to compare of two ways to write the same expression."""
    return written.translate(_SAME)


def _outputs(part: Part) -> str:
    if part.failed and not part.outputs:
        return "→ fails"
    return f"→ {', '.join(quoted(output) for output in part.outputs)}{_times(part.times)}"


def _lookup(lookup: Lookup) -> str:
    if lookup.failed:
        return "fails"
    if lookup.gap is not None:
        return f"is missing{_times(lookup.times)}: {gap_text(lookup.gap)}"
    return f"{_values(lookup.values)}{_times(lookup.times)}"


def _operation(operation: Operation) -> str:
    return "fails" if operation.failed else f"{_values(operation.values)}{_times(operation.times)}"


def _values(values: tuple[Shown, ...]) -> str:
    return ", ".join(
        safe(f"{value.text} (number)" if value.kind == "number" else value.text) for value in values
    )


def _times(times: int) -> str:
    return f"  ({times} times)" if times > 1 else ""


def gap_text(gap: Gap) -> str:
    """Return why a name leads nowhere, and what may have been meant."""
    meant = f"; did you mean {safe(' or '.join(gap.similar))}?" if gap.similar else ""
    if gap.value is None:
        return f"there is no name {quoted(gap.part)}{meant}"
    return f"{safe(gap.owner)} {_has(gap.value)}{meant}"


def _has(owner: Shown) -> str:
    if owner.kind != "map":
        return f"is {safe(owner.text)} (a {owner.kind})"
    if not owner.keys:
        return "is an empty map"
    more = ", …" if len(owner.keys) > _SHOWN_KEYS else ""
    return f"has only {safe(', '.join(owner.keys[:_SHOWN_KEYS]))}{more}"
