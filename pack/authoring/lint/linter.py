"""Checking the texts of flows by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pack.authoring.lint.declarations import Declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.registry import DRAFT_CHECKS, FLOW_CHECKS, FLOWS_CHECKS, SET_CHECKS
from pack.authoring.lint.subject import Draft, Subject
from pack.authoring.lint.unreadable import unreadable
from pack.flows.document import Path, read_document
from pack.flows.go_json import FormatError
from pack.flows.reading import FlowRefused, flow_of


def lint(texts: Iterable[FlowText], declarations: Declarations) -> list[Finding]:
    """Return what is wrong with flows that are stored together, by file, line and column.

    A flow that Flyte would refuse is not looked into further: what it means is not known.
    """
    findings: list[Finding] = []
    drafts: list[Draft] = []
    for text in texts:
        try:
            drafts.append(Draft(text.file, read_document(text.data, yaml=text.yaml)))
        except FormatError as error:
            findings.append(unreadable(text, error))
    subjects = [subject for draft in drafts if (subject := _subject(draft)) is not None]
    findings.extend(_found(drafts, subjects, declarations))
    return list(_once(sorted(findings, key=_place)))


def _subject(draft: Draft) -> Subject | None:
    try:
        return Subject(draft.file, draft.document, flow_of(draft.document))
    except FlowRefused:
        return None


def _found(
    drafts: Sequence[Draft], subjects: Sequence[Subject], declarations: Declarations
) -> Iterator[Finding]:
    for draft in drafts:
        for draft_check in DRAFT_CHECKS:
            yield from draft_check(draft)
    for subject in subjects:
        for flow_check in FLOW_CHECKS:
            yield from flow_check(subject, declarations)
    for set_check in SET_CHECKS:
        yield from set_check(drafts)
    for flows_check in FLOWS_CHECKS:
        yield from flows_check(subjects, declarations)


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what was found in the same place by another path: a YAML alias leads there."""
    paths: dict[tuple[object, ...], Path] = {}
    for finding in findings:
        key = (finding.file, finding.line, finding.column, finding.rule.id, finding.advice)
        if paths.setdefault(key, finding.path) == finding.path:
            yield finding


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.line, finding.column, finding.rule.id, finding.message
