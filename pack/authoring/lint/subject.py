"""What is checked: one flow with everything that is known about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pack.authoring.lint.findings import Finding, Rule
from pack.flows.document import Document, Path
from pack.flows.model import Flow, Step

Json = Any


class Role(Enum):
    """What a template is for."""

    CONTEXT = "context"
    CRITERIA = "criteria"
    EVENT_LABEL = "event label"
    COMMAND_LABEL = "command label"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class TemplateText:
    """One text of a step that Flyte renders."""

    step: Step
    role: Role
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What may be a flow: a text with places, that is JSON or YAML."""

    file: str
    document: Document

    def finding(
        self, rule: Rule, message: str, advice: str, path: Path, at: tuple[int, int] | None = None
    ) -> Finding:
        """Return a finding at a value; ``at``: the line and column in its text, both from 1."""
        place = self.document.position(path) if at is None else self.document.inside(path, *at)
        return Finding(rule, message, advice, self.file, path, place.line, place.column)

    def key_finding(self, rule: Rule, message: str, advice: str, path: Path) -> Finding:
        """Return a finding at the key of a value."""
        place = self.document.key(path)
        return Finding(rule, message, advice, self.file, path, place.line, place.column)


@dataclass(frozen=True, slots=True)
class Subject(Draft):
    """One flow: its text with places, and its meaning."""

    flow: Flow

    def templates(self) -> Iterator[TemplateText]:
        """Yield every text that Flyte renders, in the order in which a step renders them."""
        for index, step in enumerate(self.flow.steps):
            top: Path = ("steps", index)
            for name, text in step.context.items():
                yield TemplateText(step, Role.CONTEXT, (*top, "context", name), text)
            for name, text in step.event.pack_labels.items():
                yield TemplateText(step, Role.EVENT_LABEL, (*top, "event", "packLabels", name), text)
            if step.criteria:
                yield TemplateText(step, Role.CRITERIA, (*top, "criteria"), step.criteria)
            for name, text in step.command.pack_labels.items():
                yield TemplateText(step, Role.COMMAND_LABEL, (*top, "command", "packLabels", name), text)
            for path, text in _texts(step.command.input, (*top, "command", "input")):
                yield TemplateText(step, Role.INPUT, path, text)


def _texts(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
