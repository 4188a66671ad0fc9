"""Every rule there is, and the checks that find where one is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule
from pack.authoring.lint.steps import command_rules, input_rules, loops, payload_rules, structure_rules
from pack.authoring.lint.subject import Draft, Subject
from pack.authoring.lint.templates import rules as template_rules
from pack.authoring.lint.texts import key_rules, schema_rules, unreadable, value_rules, yaml_rules

DraftCheck = Callable[[Draft], Iterator[Finding]]
"""What is checked of every text that can be read, a flow or not."""
FlowCheck = Callable[[Subject, Declarations], Iterator[Finding]]
"""What is checked of a flow, with what packs declare."""
SetCheck = Callable[[Sequence[Draft]], Iterator[Finding]]
"""What is checked of all texts together."""
FlowsCheck = Callable[[Sequence[Subject], Declarations], Iterator[Finding]]
"""What is checked of all flows together that can be stored."""

DRAFT_CHECKS: tuple[DraftCheck, ...] = (
    schema_rules.check,
    key_rules.check,
    value_rules.check,
    yaml_rules.check,
)
STEP_CHECKS: tuple[FlowCheck, ...] = (
    command_rules.check,
    input_rules.check,
    template_rules.check,
    yaml_rules.check_words,
    value_rules.check_texts,
)
"""Those that look at each step for itself."""
FLOW_CHECKS: tuple[FlowCheck, ...] = (structure_rules.check, payload_rules.check, *STEP_CHECKS)
SET_CHECKS: tuple[SetCheck, ...] = (schema_rules.check_together,)
FLOWS_CHECKS: tuple[FlowsCheck, ...] = (loops.check_together,)
RULES: tuple[Rule, ...] = (
    *unreadable.RULES,
    *schema_rules.RULES,
    *key_rules.RULES,
    *value_rules.RULES,
    *yaml_rules.RULES,
    *structure_rules.RULES,
    *command_rules.RULES,
    *input_rules.RULES,
    *payload_rules.RULES,
    *template_rules.RULES,
)
COVERED_BY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "unknown-context": frozenset({"dash-in-name", "context-field"}),
        "unknown-payload-field": frozenset({"dash-in-name"}),
        "timestamp-number": frozenset({"wrong-input-type"}),
    }
)
"""By rule: the rules whose finding in the same place is about the same mistake, and explains it better."""
