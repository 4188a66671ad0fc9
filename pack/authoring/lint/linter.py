"""Checking the texts of flows by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pack.authoring.lint.declarations import Declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.flow_files import FlowText
from pack.authoring.lint.registry import DRAFT_CHECKS, FLOW_CHECKS, SET_CHECKS
from pack.authoring.lint.schema_rules import unreadable
from pack.authoring.lint.subject import Draft, Subject
from pack.flows.document import read_document
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
            draft = Draft(text.file, read_document(text.data, yaml=text.yaml))
        except FormatError as error:
            findings.append(unreadable(text.file, text.data, error, yaml=text.yaml))
            continue
        drafts.append(draft)
        findings.extend(_of(draft, declarations))
    for check in SET_CHECKS:
        findings.extend(check(drafts))
    return sorted(findings, key=_place)


def _of(draft: Draft, declarations: Declarations) -> Iterator[Finding]:
    for draft_check in DRAFT_CHECKS:
        yield from draft_check(draft)
    try:
        subject = Subject(draft.file, draft.document, flow_of(draft.document))
    except FlowRefused:
        return
    for check in FLOW_CHECKS:
        yield from check(subject, declarations)


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.line, finding.column, finding.rule.id, finding.message
