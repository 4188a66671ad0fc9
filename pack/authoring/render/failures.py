"""Why a template failed, in lines for people: the place, the reason, the data around it."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.render.inputs import FlowFile
from pack.authoring.render.parts import INDENT, gap_text, safe
from pack.flowlang import Explanation
from pack.flowlang.excerpts import excerpt
from pack.flows.document import Position


def failure_lines(file: FlowFile, where: Position | None, explanation: Explanation) -> Iterator[str]:
    """Yield the line with a caret under the mistake, what is wrong, and the values that it met."""
    failure = explanation.failure
    if failure is None:
        return
    error, inner = failure.error, INDENT * 2
    at = f"{file.name}:{where.line}:{where.column}" if where is not None else file.name
    yield f"{inner}{safe(at)}, in the template at line {error.line}, column {error.column}:"
    line, caret = excerpt(error.template, error.line, error.column)
    yield f"{inner}| {line}"
    yield f"{inner}| {caret}"
    yield f"{inner}{safe(error.message)}"
    gaps = [lookup.gap for lookup in explanation.lookups if lookup.failed and lookup.gap is not None]
    for gap in gaps:
        yield f"{inner}{gap_text(gap)}"
    if not gaps:
        for value in failure.given:
            yield f"{inner}{safe(failure.written)} was given {safe(value.text)} (a {value.kind})"
