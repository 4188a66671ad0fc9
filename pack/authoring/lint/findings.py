"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pack.flows.document import Path


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Flyte refuses the flow, or the step can never work."""
    WARNING = "warning"
    """It will hardly do what is meant."""
    NOTE = "note"
    """It may surprise, depending on data that is not known here."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked; ``id`` is what reports and `--ignore` call it."""

    id: str
    severity: Severity
    summary: str
    """One sentence in the present: what is wrong where this is found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken. ``line`` and ``column`` count from 1 in ``file``.

    ``message`` says what is wrong and what comes of it; ``advice`` how to write it right.
    """

    rule: Rule
    message: str
    advice: str
    file: str
    path: Path
    line: int
    column: int
