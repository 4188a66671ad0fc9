"""Checking the texts of flows by all rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.registry import (
    COVERED_BY,
    DRAFT_CHECKS,
    FLOW_CHECKS,
    FLOWS_CHECKS,
    SET_CHECKS,
    STEP_CHECKS,
)
from pack.authoring.lint.subject import Draft, Subject
from pack.authoring.lint.texts.unreadable import unreadable
from pack.flows.document import Path, read_document
from pack.flows.go_json import FormatError
from pack.flows.reading import mended_flow
from pack.flows.violations import Fault, Violation, violations

_IN_A_STEP = 2
"""How many parts a path to a step has."""


def lint(texts: Iterable[FlowText], declarations: Declarations) -> list[Finding]:
    """Return what is wrong with flows that are stored together, by file, line and column.

    A flow that Flyte would refuse is looked into as far as it can be understood: texts and inputs always, how
    a step hangs together with others only when nothing is wrong there, nor in a step that it depends on.
    """
    findings: list[Finding] = []
    drafts: list[Draft] = []
    for text in texts:
        try:
            drafts.append(Draft(text.file, read_document(text.data, yaml=text.yaml)))
        except FormatError as error:
            findings.extend(unreadable(text, error))
    subjects = []
    for draft in drafts:
        flow = mended_flow(draft.document)
        if flow is None:
            continue
        subject = Subject(draft.file, draft.document, flow)
        wrong = [found for found in violations(draft.document.value) if found.fault is not Fault.LINE_BREAK]
        findings.extend(_of_one(subject, wrong, declarations))
        if not wrong:
            subjects.append(subject)
    findings.extend(_of_all(drafts, subjects, declarations))
    return list(_once(sorted(findings, key=_place)))


def _of_one(subject: Subject, wrong: Sequence[Violation], declarations: Declarations) -> Iterator[Finding]:
    """Yield what is found in one flow, but for what only comes of a place that Flyte refuses."""
    unclear = _unclear_steps(subject, list(filter(_bears_on_steps, wrong)))
    for check in FLOW_CHECKS if unclear is not None else STEP_CHECKS:
        for finding in check(subject, declarations):
            if any(_comes_of(finding.path, violation.path) for violation in wrong):
                continue
            if check in STEP_CHECKS or not unclear or finding.path[1] not in unclear:
                yield finding


def _unclear_steps(subject: Subject, wrong: Sequence[Violation]) -> set[int] | None:
    """Return the steps of which it is not known how they hang together with others; None: all of them."""
    steps = subject.flow.steps
    unclear: set[int] = set()
    for violation in wrong:
        if len(violation.path) < _IN_A_STEP or violation.path[_IN_A_STEP:] == ("id",):
            return None
        unclear.add(int(violation.path[1]))
    queue = list(unclear)
    while queue:
        step_id = steps[queue.pop()].id
        for index, step in enumerate(steps):
            if step_id and step_id in step.depends_on and index not in unclear:
                unclear.add(index)
                queue.append(index)
    return unclear


def _bears_on_steps(violation: Violation) -> bool:
    """Say whether a mistake is where steps say how they hang together, and what later steps know."""
    match violation.path:
        case ("name" | "description",):
            return False
        case (_, int(), "criteria") | (_, int(), "context", _):
            return False
        case (_, int(), str() as name):
            # A text in place of a list is taken for its one entry.
            return not (name.lower() == "dependson" and violation.found is str)
    return True


def _comes_of(path: Path, refused: Path) -> bool:
    """Say whether a finding is at what Flyte refuses, in it, or at the object in which it stands."""
    return path[: len(refused)] == refused or path == refused[:-1]


def _of_all(
    drafts: Sequence[Draft], subjects: Sequence[Subject], declarations: Declarations
) -> Iterator[Finding]:
    for draft in drafts:
        for draft_check in DRAFT_CHECKS:
            yield from draft_check(draft)
    for set_check in SET_CHECKS:
        yield from set_check(drafts)
    for flows_check in FLOWS_CHECKS:
        yield from flows_check(subjects, declarations)


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Tell each mistake once.

    What was found in the same place by another path is left out, since a YAML alias leads there, and so is
    what another rule's finding in that place explains better.
    """
    findings = list(findings)
    rules = defaultdict[tuple[object, ...], set[str]](set)
    for finding in findings:
        rules[finding.file, finding.line, finding.column].add(finding.rule.id)
    paths: dict[tuple[object, ...], Path] = {}
    for finding in findings:
        here = rules[finding.file, finding.line, finding.column]
        if here & COVERED_BY.get(finding.rule.id, frozenset()):
            continue
        key = (finding.file, finding.line, finding.column, finding.rule.id, finding.advice)
        if paths.setdefault(key, finding.path) == finding.path:
            yield finding


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.line, finding.column, finding.rule.id, finding.message
