"""Every rule there is, and the checks that find where one is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from pack.authoring.lint import schema_rules
from pack.authoring.lint.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule
from pack.authoring.lint.subject import Draft, Subject

DraftCheck = Callable[[Draft], Iterator[Finding]]
"""What is checked of every text that can be read, a flow or not."""
FlowCheck = Callable[[Subject, Declarations], Iterator[Finding]]
"""What is checked of a flow that can be stored, with what packs declare."""
SetCheck = Callable[[Sequence[Draft]], Iterator[Finding]]
"""What is checked of all texts together."""

_FLOW_RULES = ("structure_rules", "command_rules", "template_rules")


def _modules() -> list[ModuleType]:
    found = []
    for name in _FLOW_RULES:
        with suppress(ImportError):
            found.append(import_module(f"pack.authoring.lint.{name}"))
    return found


DRAFT_CHECKS: tuple[DraftCheck, ...] = (schema_rules.check,)
FLOW_CHECKS: tuple[FlowCheck, ...] = tuple(module.check for module in _modules())
SET_CHECKS: tuple[SetCheck, ...] = (schema_rules.check_together,)
RULES: tuple[Rule, ...] = (*schema_rules.RULES, *(rule for module in _modules() for rule in module.RULES))
