"""Templates in flows, for the tests of the rules about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pack.authoring.lint.declared.declarations import Declarations, own_declarations
from pack.authoring.lint.findings import Finding
from pack.authoring.lint.subject import Subject
from pack.authoring.lint.templates.rules import check
from pack.flows.document import Document
from pack.flows.model import Command, EventMatch, Flow, Step

Json = Any

PLACE = ("steps", 0, "command", "input")

OWN = own_declarations()
"""The pack's own declarations: ReceivedMessage is known, and Incident of another pack is not."""


def subject_of(
    template: Json = "ok",
    *,
    criteria: str = "",
    context: Mapping[str, str] | None = None,
    event: str = "Incident",
    pack: str = "Pager",
) -> Subject:
    """A flow of one step, which waits for an event of unknown payload unless another is named."""
    step = Step(
        id="step",
        depends_on=(),
        event=EventMatch(event, pack, {}),
        context=context or {},
        criteria=criteria,
        command=Command("Notify", "Pager", {}, template),
    )
    return Subject("flow.json", Document({}), Flow("", "flow", "", (step,)))


def findings_of(template: Json = "ok", *, declarations: Declarations = OWN, **flow: Any) -> list[Finding]:
    """What the rules about templates find in it."""
    return list(check(subject_of(template, **flow), declarations))


def rules_of(template: Json = "ok", **flow: Any) -> list[str]:
    """The names of the rules that are broken in it."""
    return [finding.rule.id for finding in findings_of(template, **flow)]
