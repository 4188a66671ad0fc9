"""The report for people: each finding with its line and a caret below the place."""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.findings import Finding, Severity
from pack.authoring.lint.report import Report

_LONGEST_LINE = 120
_BEFORE_PLACE = 60
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")


def write_text(report: Report) -> str:
    """Write a report for a terminal, without colours."""
    blocks = ["\n".join(_block(report, finding)) for finding in report.findings]
    return "".join(f"{block}\n\n" for block in blocks) + f"{summary(report)}\n"


def summary(report: Report) -> str:
    """Return what was found in one line."""
    files = len(report.lines)
    checked = f"{files} {'file' if files == 1 else 'files'} checked"
    counts = [
        f"{number} {severity.value}{'' if number == 1 else 's'}"
        for severity in Severity
        if (number := report.count(severity))
    ]
    return f"{checked}: {', '.join(counts) or 'nothing found'}"


def _block(report: Report, finding: Finding) -> Iterator[str]:
    where = f"{finding.file}:{finding.line}:{finding.column}"
    yield f"{where}: {finding.rule.severity.value}: {finding.message} [{finding.rule.id}]"
    line = report.line(finding)
    if line.strip():
        yield from _excerpt(line, finding.column)
    if finding.advice:
        yield f"    {finding.advice}"


def _excerpt(line: str, column: int) -> Iterator[str]:
    start = max(0, column - 1 - _BEFORE_PLACE) if len(line) > _LONGEST_LINE else 0
    shown = line[start : start + _LONGEST_LINE].translate(_CONTROL)
    yield f"    {shown.rstrip()}"
    yield f"    {' ' * (column - 1 - start)}^"
