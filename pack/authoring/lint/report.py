"""What a report is made of, and the forms that it comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pack.authoring.lint.findings import Finding, Rule, Severity


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has found.

    ``lines`` are those of each file that was read; ``rules`` all that were checked.
    """

    findings: Sequence[Finding]
    lines: Mapping[str, Sequence[str]]
    rules: Sequence[Rule]

    def line(self, finding: Finding) -> str:
        """Return the line that a finding is in; empty for one behind the end."""
        lines = self.lines.get(finding.file, ())
        return lines[finding.line - 1] if finding.line <= len(lines) else ""

    def count(self, severity: Severity) -> int:
        """Return how many findings are as bad as that."""
        return sum(finding.rule.severity is severity for finding in self.findings)


Form = Callable[[Report], str]
"""Writes a report; its text ends in a line break, or is empty."""
