"""Every recorded answer of the real Flyte to a template or criteria, against the language itself.

The cases about storing flows, YAML and labels are the embedded engine's; its tests replay them.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from pack.flowlang import (
    FlowLangError,
    NotABool,
    TemplateRuntimeError,
    TemplateSyntaxError,
    criterion,
    render_value,
)

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "templates.json").read_text("utf-8"))
KNOWN_DIFFERENCES: set[str] = set()
ENGINE_ONLY = ("yaml", "eventPackLabels", "commandPackLabels")
CASES = {
    case["id"]: case
    for case in RECORDED["cases"]
    if case["outcome"] not in ("flow rejected", "not offered") and not any(key in case for key in ENGINE_ONLY)
}
ERRORS = {
    "syntax": TemplateSyntaxError,
    "runtime": TemplateRuntimeError,
    "not saved": TemplateRuntimeError,
    "not a bool": NotABool,
}


def datastore(key: str) -> object:
    """What Flyte's datastore function answers: the object of a JSON document, the text of any other."""
    item = RECORDED["datastore"][key]
    if not item["contentType"].startswith("application/json"):
        return item["value"]
    found = json.loads(item["value"])
    if not isinstance(found, dict):
        raise LookupError(f"{key} is no JSON object")  # noqa: TRY004 - as the engine refuses
    return found


FUNCTIONS = {"datastore": datastore}


def scope_of(case: dict[str, Any]) -> dict[str, object]:
    """Return the scope of a case's step, its context rendered as the engine does it."""

    def scope(event: str, context: dict[str, str]) -> dict[str, object]:
        pack = case.get("pack", "T_golden")
        return {
            "Event": {
                "Name": event,
                "Payload": RECORDED["events"][event],
                "Pack": {"Name": pack, "Labels": RECORDED["packs"][pack]},
                "CreatedAt": RECORDED["createdAt"],
            },
            "Context": context,
        }

    context: dict[str, str] = {}
    steps = [case.get("parent", {"event": case["event"], "context": {}}), case]
    for step in steps:
        rendered = render_value(step.get("context", {}), scope(step["event"], context), FUNCTIONS)
        context = {**context, **rendered}
    return scope(case["event"], context)


def answer(case: dict[str, Any]) -> object:
    scope = scope_of(case)
    if case["kind"] == "criteria":
        return criterion(case["template"], scope, FUNCTIONS)
    return render_value({"value": case["template"]}, scope, FUNCTIONS)


def check(case: dict[str, Any]) -> None:
    outcome = case["outcome"]
    if outcome in ("skipped", "criteria error"):
        with pytest.raises(ERRORS[case["error"]]):
            answer(case)
    elif outcome == "rendered":
        expected = {} if case.get("absent") or case["result"] is None else {"value": case["result"]}
        assert answer(case) == expected
    else:
        assert answer(case) is (outcome == "criteria true")


@pytest.mark.parametrize("case_id", sorted(set(CASES) - KNOWN_DIFFERENCES))
def test_the_language_answers_as_the_real_engine_did(case_id: str) -> None:
    check(CASES[case_id])


def test_every_known_difference_is_still_one() -> None:
    for case_id in KNOWN_DIFFERENCES:
        with pytest.raises((AssertionError, FlowLangError, pytest.fail.Exception)):
            check(CASES[case_id])
