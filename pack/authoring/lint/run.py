"""A run of the linter, from paths to a written report and an exit code."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pack.authoring.lint.declared.sources import gather
from pack.authoring.lint.findings import Rule, Severity
from pack.authoring.lint.flow_files import Collection
from pack.authoring.lint.linter import lint
from pack.authoring.lint.registry import RULES
from pack.authoring.lint.reports.formats import Format
from pack.authoring.lint.reports.machine import write_github, write_json, write_sarif
from pack.authoring.lint.reports.people import write_rules, write_text
from pack.authoring.lint.reports.report import Report
from pack.errors import PackError

FOUND, UNUSABLE = 1, 2
"""The exit codes for findings, and for what cannot be read; 0 is for neither."""


_MACHINE: Mapping[Format, Callable[[Report], str]] = {
    Format.JSON: write_json,
    Format.GITHUB: write_github,
    Format.SARIF: write_sarif,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be checked, by what is known, and how it is told."""

    paths: Sequence[str]
    packs: Sequence[Path] = ()
    engine: str = ""
    format: Format = Format.TEXT
    ignored: Sequence[str] = ()
    strict: bool = False


def run(request: Request, environment: Mapping[str, str]) -> int:
    """Check what is under the paths, print the report, and return the exit code.

    Findings go to standard output; what was skipped or cannot be read to standard error. What can be read is
    checked even when something else cannot.
    """
    _never_fail_to_print()
    unknown = sorted(set(request.ignored) - {rule.id for rule in RULES})
    if unknown:
        return _refuse(f"--ignore {unknown[0]}: there is no such rule; --rules lists them")
    try:
        declarations = gather(request.packs, request.engine, environment)
    except PackError as error:
        return _refuse(str(error))
    collection = Collection(request.paths, sys.stdin.buffer.read)
    rules = [rule for rule in RULES if rule.id not in request.ignored]
    findings = [one for one in lint(collection.texts, declarations) if one.rule.id not in request.ignored]
    lines = {text.file: text.lines for text in collection.texts}
    report = Report(findings, lines, rules, Path.cwd(), collection.passed)
    for remark in (*collection.skipped, *collection.unread):
        _tell(remark)
    sys.stdout.write(_written(report, request.format, environment))
    if collection.unread:
        return UNUSABLE
    bad = report.count(Severity.ERROR) + (report.count(Severity.WARNING) if request.strict else 0)
    return FOUND if bad else 0


def list_rules(rules: Sequence[Rule] = RULES) -> None:
    """Print what each rule is about."""
    _never_fail_to_print()
    sys.stdout.write(write_rules(rules))


def _written(report: Report, form: Format, environment: Mapping[str, str]) -> str:
    if form in _MACHINE:
        return _MACHINE[form](report)
    return write_text(report, colours=sys.stdout.isatty() and not environment.get("NO_COLOR"))


def _refuse(reason: str) -> int:
    _tell(f"flyte-slack lint: {reason}")
    return UNUSABLE


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _never_fail_to_print() -> None:
    """Let a terminal that cannot show a character show its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
