"""A run of the linter, from paths to a written report and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pack.authoring.lint.declarations import Declarations, own_pack
from pack.authoring.lint.findings import Severity
from pack.authoring.lint.flow_files import Collection
from pack.authoring.lint.linter import lint
from pack.authoring.lint.registry import RULES
from pack.authoring.lint.report import Report
from pack.authoring.lint.report_text import write_text


def run(paths: Sequence[str]) -> int:
    """Check what is under the paths, print the report, and return the exit code."""
    collection = Collection(paths, sys.stdin.buffer.read)
    own = own_pack()
    findings = lint(collection.texts, Declarations({own.name: own}))
    lines = {text.file: text.lines for text in collection.texts}
    report = Report(findings, lines, RULES)
    sys.stdout.write(write_text(report))
    for problem in (*collection.skipped, *collection.unread):
        sys.stderr.write(f"{problem}\n")
    if collection.unread:
        return 2
    return 1 if report.count(Severity.ERROR) else 0
