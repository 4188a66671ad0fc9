"""What is told of a flow that the engine refuses, and of one that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.flows.document import Document
from pack.flows.reading import FlowRefused, flow_of, mended_flow, read_flow
from pack.flows.violations import Fault, violations

STEP = {
    "id": "a",
    "event": {"name": "E", "packName": "P"},
    "command": {"name": "C", "packName": "P", "input": {}},
}
ODD = st.sampled_from([None, True, 3, "one", "two\nlines", [], ["a"], [None], [3], {}, {"a": "b"}, {"a": 3}])


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """Return a value with another one somewhere in it."""
    if not path:
        return odd
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = changed(copy[path[0]] if path[0] in copy or isinstance(copy, list) else {}, path[1:], odd)
    return copy


FIELDS = (
    *[(), ("name",), ("description",), ("steps",), ("steps", 0), ("Steps",), ("colour",)],
    *[("steps", 0, name) for name in ("id", "ID", "dependsOn", "context", "Context", "criteria", "Criteria")],
    *[("steps", 0, part) for part in ("event", "command", "Event", "COMMAND")],
    *[
        ("steps", 0, part, name)
        for part in ("event", "command")
        for name in ("name", "packName", "packLabels", "PACKLABELS", "input", "Name")
    ],
)


@given(
    st.lists(st.tuples(st.sampled_from(FIELDS), ODD), min_size=1, max_size=3),
    st.sets(st.sampled_from(FIELDS)),
)
def test_a_flow_has_violations_just_when_the_engine_refuses_it(changes: Any, gone: Any) -> None:
    flow: Any = {"name": "f", "steps": [STEP]}
    for path, odd in changes:
        try:
            flow = changed(flow, path, odd)
        except (TypeError, KeyError, IndexError, ValueError):
            continue
    for path in gone:
        flow = without(flow, path)
    found = list(violations(flow))
    try:
        read = read_flow(json.dumps(flow).encode(), yaml=False, uuid="")
    except FlowRefused as refused:
        assert found[0].message in str(refused)
        assert found[0].status == refused.status
        with pytest.raises(FlowRefused):
            flow_of(Document(flow))
        mended = mended_flow(Document(flow))
        assert (mended is None) == (not isinstance(flow, dict))
    else:
        assert not found
        assert flow_of(Document(flow)) == mended_flow(Document(flow)) == read


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """Return a value without something in it, as it is when that is not there."""
    if isinstance(value, dict) and path and path[0] in value:
        rest = {key: item for key, item in value.items() if key != path[0]}
        return rest if len(path) == 1 else {**value, path[0]: without(value[path[0]], path[1:])}
    return value


def test_all_violations_are_told_and_not_only_the_first() -> None:
    flow = {
        "description": "a\nb",
        "steps": [
            {"dependsOn": "x", "context": {"a": 1, "b": None, "c": True}, "command": {"packName": "P"}},
            None,
            {**STEP, "criteria": False, "id": 3},
        ],
    }
    assert [(one.fault, one.path, one.status) for one in violations(flow)] == [
        (Fault.MISSING, ("name",), 500),
        (Fault.LINE_BREAK, ("description",), 500),
        (Fault.MISSING, ("steps", 0, "event"), 500),
        (Fault.MISSING, ("steps", 0, "command", "name"), 500),
        (Fault.TYPE, ("steps", 1), 500),
        (Fault.TYPE, ("steps", 2, "criteria"), 500),
        (Fault.TYPE, ("steps", 0, "dependsOn"), 400),
        (Fault.TYPE, ("steps", 0, "context", "a"), 400),
        (Fault.TYPE, ("steps", 0, "context", "c"), 400),
        (Fault.TYPE, ("steps", 2, "id"), 400),
    ]
