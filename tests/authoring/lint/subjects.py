"""Flows to check, written as a YAML text, and what a check finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

from pack.authoring.lint.declared.declarations import Declarations, own_declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.subject import Subject
from pack.flows.document import read_document
from pack.flows.reading import read_flow

Check = Callable[[Subject, Declarations], Iterator[Finding]]


def subject(steps: str, *, name: str = "f", file: str = "f.yaml") -> Subject:
    """Return a flow with these steps, a YAML list without its indentation."""
    data = f"name: {name}\nsteps:\n{dedent(steps)}".encode()
    return Subject(file, read_document(data, yaml=True), read_flow(data, yaml=True, uuid=""))


def found(check: Check, steps: str, declarations: Declarations | None = None) -> list[Finding]:
    """Return what a check finds in a flow with these steps."""
    return list(check(subject(steps), own_declarations() if declarations is None else declarations))


def ids(findings: list[Finding]) -> list[str]:
    """Return the ids of the rules that are broken."""
    return [finding.rule.id for finding in findings]
