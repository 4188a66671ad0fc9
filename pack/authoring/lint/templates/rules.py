"""The rules about templates: what Flyte cannot read, and what means something else than it seems to."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule
from pack.authoring.lint.subject import Subject, TemplateText
from pack.authoring.lint.templates import (
    comparisons,
    context,
    criteria,
    dates,
    filters,
    functions,
    keys,
    logic,
    loops,
    names,
    numbers,
    orders,
    regex,
    sums,
    syntax,
)
from pack.authoring.lint.templates.reading import Reading, Remark, read
from pack.flowlang.errors import TemplateSyntaxError
from pack.flowlang.kinds import clean
from pack.flowlang.parser import parse
from pack.flowlang.position import place, wrapped

_TOPICS = (
    names,
    dates,
    logic,
    regex,
    filters,
    functions,
    loops,
    context,
    comparisons,
    orders,
    criteria,
    sums,
    numbers,
)
"""Of two remarks on one place the first is heard: what explains more stands before the rest."""

RULES: tuple[Rule, ...] = (
    *syntax.RULES,
    *(rule for topic in _TOPICS for rule in topic.RULES),
    *keys.RULES,
)
"""Every rule about templates."""


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Yield what is wrong with the templates of a flow."""
    for text in subject.templates():
        yield from _check(subject, declarations, text)
    yield from keys.check_keys(subject)


def _check(subject: Subject, declarations: Declarations, text: TemplateText) -> Iterator[Finding]:
    source = wrapped(clean(text.text))
    try:
        tree = parse(clean(text.text))
    except TemplateSyntaxError as error:
        remarks = [syntax.explained(error)]
    else:
        remarks = _heard(_remarks(read(subject, declarations, text, tree)))
    for remark in remarks:
        _, line, column = place(source, remark.offset)
        yield subject.finding(remark.rule, remark.message, remark.advice, text.path, (line, column))


def _remarks(reading: Reading) -> Iterator[Remark]:
    for topic in _TOPICS:
        yield from topic.remarks(reading)


def _heard(remarks: Iterator[Remark]) -> list[Remark]:
    heard: list[Remark] = []
    claimed: set[int] = set()
    for remark in remarks:
        if remark.offset not in claimed:
            heard.append(remark)
            claimed.update((remark.offset, *remark.claims))
    return sorted(heard, key=lambda remark: remark.offset)
