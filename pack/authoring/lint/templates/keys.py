"""Templates where Flyte renders none: in the keys of maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Subject
from pack.flows.document import Path

Json = Any

KEY = Rule("template-in-key", Severity.WARNING, "A key is written as a template, and keys are not rendered.")

RULES = (KEY,)


def check_keys(subject: Subject) -> Iterator[Finding]:
    """Yield the keys of contexts, labels and inputs that look like templates."""
    for index, step in enumerate(subject.flow.steps):
        top: Path = ("steps", index)
        for place, value in (
            (("context",), dict(step.context)),
            (("event", "packLabels"), dict(step.event.pack_labels)),
            (("command", "packLabels"), dict(step.command.pack_labels)),
            (("command", "input"), step.command.input),
        ):
            for path in _keys(value, (*top, *place)):
                yield subject.finding(
                    KEY,
                    f"{path[-1]!r} reaches the pack as it stands: Flyte renders values, never keys",
                    "write plain keys; what varies belongs into a value, or into a text of JSON as a whole",
                    path,
                )


def _keys(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and ("{{" in key or "{%" in key):
                yield (*path, key)
            yield from _keys(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, (*path, index))
