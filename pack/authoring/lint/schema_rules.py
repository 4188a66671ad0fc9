"""What makes Flyte refuse a text as a flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Draft
from pack.flows.go_json import FormatError
from pack.flows.violations import SCHEMA_VIOLATED, Fault, Violation, violations

UNREADABLE = Rule("unreadable", Severity.ERROR, "The text is not JSON or YAML as Flyte reads it.")
MISSING_KEY = Rule("missing-key", Severity.ERROR, "A key that every flow must have is missing.")
WRONG_TYPE = Rule("wrong-type", Severity.ERROR, "A value is of another type than Flyte wants there.")
LINE_BREAK = Rule("line-break", Severity.ERROR, "A text that must be one line has a line break.")
SAME_FLOW = Rule("same-flow", Severity.WARNING, "Several of the files hold a flow of one name.")

RULES = (UNREADABLE, MISSING_KEY, WRONG_TYPE, LINE_BREAK, SAME_FLOW)

_RULE_OF = {Fault.MISSING: MISSING_KEY, Fault.TYPE: WRONG_TYPE, Fault.LINE_BREAK: LINE_BREAK}


def unreadable(file: str, data: bytes, error: FormatError, *, yaml: bool) -> Finding:
    """Return the finding for a text that cannot be read."""
    return Finding(UNREADABLE, str(error), "", file, (), 1, 1)


def check(draft: Draft) -> Iterator[Finding]:
    """Yield what makes Flyte refuse the text."""
    for violation in violations(draft.document.value):
        message = f"{violation.message}: Flyte {_answer(violation)}"
        yield draft.finding(_RULE_OF[violation.fault], message, _advice(violation), violation.path)


def check_together(drafts: Sequence[Draft]) -> Iterator[Finding]:
    """Yield the flows that another one of their name replaces."""
    last = {name: draft for draft in drafts if (name := _name(draft)) is not None}
    for draft in drafts:
        name = _name(draft)
        if name is not None and last[name] is not draft:
            yield draft.finding(
                SAME_FLOW,
                f"{last[name].file} holds a flow named {name!r} as well: whichever is stored last replaces "
                "the other",
                "give each flow a name of its own",
                ("name",),
            )


def _name(draft: Draft) -> str | None:
    value = draft.document.value
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def _answer(violation: Violation) -> str:
    if violation.status == SCHEMA_VIOLATED:
        return "refuses the flow with a bare 500"
    return "refuses the flow with status 400"


def _advice(violation: Violation) -> str:
    return ""
