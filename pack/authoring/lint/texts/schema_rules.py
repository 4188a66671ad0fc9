"""What makes Flyte refuse a text as a flow, and what it takes though nothing can come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.subject import Draft
from pack.authoring.lint.texts.flow_keys import meant_by, object_at
from pack.authoring.lint.texts.writing import quoted
from pack.flows.document import Document, Path, Style
from pack.flows.fields import type_of
from pack.flows.paths import written
from pack.flows.violations import SCHEMA_VIOLATED, Fault, Violation, violations

Json = Any

_UNFOLDED = "behind >- indent all lines alike, without an empty one between them: only such lines are joined"
MISSING_KEY = Rule("missing-key", Severity.ERROR, "A key that every flow must have is missing.")
WRONG_TYPE = Rule("wrong-type", Severity.ERROR, "A value is of another type than Flyte wants there.")
LINE_BREAK = Rule("line-break", Severity.ERROR, "A text that must be one line has a line break.")
EMPTY_STEPS = Rule("empty-steps", Severity.WARNING, "The flow has no step, so it does nothing.")
EMPTY_NAME = Rule("empty-name", Severity.WARNING, "A name is empty, and nothing can be found by it.")
SAME_FLOW = Rule("same-flow", Severity.WARNING, "Several of the files hold a flow of one name.")

RULES = (MISSING_KEY, WRONG_TYPE, LINE_BREAK, EMPTY_STEPS, EMPTY_NAME, SAME_FLOW)

_MEANING = {
    "name": "name: what it is called",
    "steps": "steps: a list of what the flow does",
    "event": "event: what the step waits for, with packName and name",
    "command": "command: what the step does, with packName and name",
    "packName": "packName: the name of the pack, such as Slack",
}


def check(draft: Draft) -> Iterator[Finding]:
    """Yield what makes Flyte refuse the text, and names and steps that are empty."""
    for violation in violations(draft.document.value):
        if violation.fault is Fault.MISSING:
            yield _missing(draft, violation)
        elif violation.fault is Fault.LINE_BREAK:
            yield _line_break(draft, violation)
        else:
            yield _wrong_type(draft, violation)
    if object_at(draft.document, ()).get("steps") == []:
        yield draft.finding(
            EMPTY_STEPS,
            "steps is empty: Flyte stores the flow, and it does nothing",
            "add a step",
            ("steps",),
        )
    yield from _empty_names(draft)


def check_together(drafts: Sequence[Draft]) -> Iterator[Finding]:
    """Yield the flows that another one of their name replaces."""
    last = {name: draft for draft in drafts if (name := _name(draft)) is not None}
    for draft in drafts:
        name = _name(draft)
        if name is not None and last[name] is not draft:
            yield draft.finding(
                SAME_FLOW,
                f"{last[name].file} holds a flow named {name!r} as well: "
                "the one that is stored last replaces the other",
                "give each flow a name of its own",
                ("name",),
            )


def _missing(draft: Draft, violation: Violation) -> Finding:
    *parents, name = violation.path
    holder = object_at(draft.document, tuple(parents))
    similar = next((key for key in holder if meant_by(key, [str(name)]) == name), None)
    if similar is None:
        advice = f"add {_MEANING[str(name)]}"
        return draft.finding(MISSING_KEY, _refused(violation), advice, violation.path)
    case = ": the schema wants just this case" if similar.lower() == str(name).lower() else ""
    return draft.key_finding(
        MISSING_KEY, _refused(violation), f"write {name} in place of {similar}{case}", (*parents, similar)
    )


def _wrong_type(draft: Draft, violation: Violation) -> Finding:
    document = draft.document
    found, message = document.written(violation.path), _refused(violation)
    value = _value(document, violation.path)
    if found and found[0] and found[1] is Style.PLAIN and document.yaml and not isinstance(value, str):
        message += f". YAML reads {found[0]} without quotes as {type_of(value)}"
    return draft.finding(WRONG_TYPE, message, _right_type(violation, value, found, document), violation.path)


def _right_type(
    violation: Violation, value: Json, found: tuple[str, Style] | None, document: Document
) -> str:
    name = violation.path[-1] if violation.path else ""
    if value is None:
        return f"give it a value, or leave out {name}" if name else "write a flow: name and steps"
    if violation.wanted == "a text" and found and found[1] is Style.PLAIN:
        return f"write {quoted(found[0], yaml=document.yaml)}"
    if violation.wanted == "a list" and isinstance(value, str):
        return f"write [{quoted(value, yaml=document.yaml)}]"
    if name == "steps":
        return "write a list: in YAML each step begins with '- ', in JSON they stand in [ ]"
    if isinstance(value, list) and not violation.path:
        return "write each flow to a file of its own, without the list around it"
    return f"write {violation.wanted}"


def _line_break(draft: Draft, violation: Violation) -> Finding:
    found = draft.document.written(violation.path)
    text = str(_value(draft.document, violation.path))
    first = text.index("\n")
    message = (
        f"{written(violation.path)} has a line break, and the schema's pattern ^(.*)$ takes one line only: "
        "Flyte refuses the flow with a bare 500"
    )
    if found and found[1] in (Style.LITERAL, Style.FOLDED):
        only_last = first == len(text) - 1
        advice = (
            _UNFOLDED
            if found[1] is Style.FOLDED and not only_last
            else f"write {found[0][0]}- in place of {found[0][0]}: it drops the last line break"
            if only_last
            else "write >- as the block's mark: it joins lines by spaces and drops the last line break"
        )
        return draft.finding(LINE_BREAK, message, advice, violation.path)
    advice = "write a space in its place; in YAML a block behind >- joins its lines by spaces"
    return draft.finding(LINE_BREAK, message, advice, violation.path, (1, first + 1))


def _empty_names(draft: Draft) -> Iterator[Finding]:
    value = draft.document.value
    if _name(draft) == "":
        message = "the flow's name is empty: Flyte stores it, but nothing can fetch or delete it again"
        yield draft.finding(EMPTY_NAME, message, "give it a name", ("name",))
    steps = value.get("steps") if isinstance(value, dict) else None
    for index in range(len(steps) if isinstance(steps, list) else 0):
        for part in ("event", "command"):
            for name in ("packName", "name"):
                path: Path = ("steps", index, part, name)
                if object_at(draft.document, path[:-1]).get(name) == "":
                    message = f"{written(path)} is empty: no pack has such {part}s, so the step never works"
                    yield draft.finding(EMPTY_NAME, message, f"write the {part}'s {name}", path)


def _name(draft: Draft) -> str | None:
    name = object_at(draft.document, ()).get("name")
    return name if isinstance(name, str) else None


def _value(document: Document, path: Path) -> Json:
    value = document.value
    for part in path:
        value = value[part]
    return value


def _refused(violation: Violation) -> str:
    status = "a bare 500" if violation.status == SCHEMA_VIOLATED else "status 400"
    return f"{violation.message}: Flyte refuses the flow with {status}"
