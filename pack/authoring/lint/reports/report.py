"""What a report is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.flow_files import STDIN_NAME


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has found.

    ``lines`` are those of each file that was read, ``rules`` all that were checked; ``root`` is the directory
    that machines are told paths from; ``skipped`` are the files in directories that seem to be no flows.
    """

    findings: Sequence[Finding]
    lines: Mapping[str, Sequence[str]]
    rules: Sequence[Rule]
    root: Path
    skipped: Sequence[str] = ()

    def line(self, finding: Finding) -> str:
        """Return the line that a finding is in; empty for one behind the end."""
        lines = self.lines.get(finding.file, ())
        return lines[finding.line - 1] if finding.line <= len(lines) else ""

    def count(self, severity: Severity) -> int:
        """Return how many findings are as bad as that."""
        return sum(finding.rule.severity is severity for finding in self.findings)

    def relative(self, file: str) -> str | None:
        """Return a file's path from the root, with slashes; None when it is not in there."""
        if file == STDIN_NAME:
            return None
        path = Path(os.path.normpath(self.root / file))
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None
