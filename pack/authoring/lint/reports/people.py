"""The report for people: each finding with its line and a caret below the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import typer

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.reports.report import Report

_LONGEST_LINE = 120
_BEFORE_PLACE = 60
_COLOURS: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.ERROR: typer.colors.RED,
        Severity.WARNING: typer.colors.YELLOW,
        Severity.NOTE: typer.colors.CYAN,
    }
)


def write_text(report: Report, *, colours: bool = False) -> str:
    """Write a report for a terminal, with what was found in one line at the end."""
    blocks = ["\n".join(_block(report, finding, colours=colours)) for finding in report.findings]
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


def write_rules(rules: Sequence[Rule]) -> str:
    """Write what each rule is about, one in a line."""
    width = max(len(rule.id) for rule in rules)
    return "".join(f"{rule.id:{width}}  {rule.severity.value:7}  {rule.summary}\n" for rule in rules)


def _block(report: Report, finding: Finding, *, colours: bool) -> Iterator[str]:
    severity, word = finding.rule.severity, finding.rule.severity.value
    if colours:
        word = typer.style(word, fg=_COLOURS[severity], bold=True)
    where = f"{_visible(finding.file)}:{finding.line}:{finding.column}"
    yield f"{where}: {word}: {_visible(finding.message)} [{finding.rule.id}]"
    line = report.line(finding).removesuffix("\r")
    if line.strip():
        yield from _excerpt(line, finding.column, _COLOURS[severity] if colours else None)
    if finding.advice:
        yield f"    {_visible(finding.advice)}"


def _excerpt(line: str, column: int, colour: str | None) -> Iterator[str]:
    start = max(0, column - 1 - _BEFORE_PLACE) if len(line) > _LONGEST_LINE else 0
    shown = line[start : start + _LONGEST_LINE]
    yield f"    {''.join(_one_column(character) for character in shown).rstrip()}"
    caret = typer.style("^", fg=colour, bold=True) if colour else "^"
    yield f"    {' ' * (column - 1 - start)}{caret}"


def _one_column(character: str) -> str:
    """Return a character as it is shown, so that the caret below stands right."""
    return character if character.isprintable() else " "


def _visible(text: str) -> str:
    """Return a text on one line, in which nothing steers a terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
