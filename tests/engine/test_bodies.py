"""What is sent is JSON in UTF-8, whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.contracts.ports import Event
from pack.engine.bodies import encode_event

TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@given(TEXT, JSON)
def test_a_json_value_arrives_as_it_was(name: str, payload: Any) -> None:
    sent = encode_event(Event(name, payload))
    read = json.loads(sent.decode("utf-8"), parse_constant=no_constant)
    assert _pairs_joined(read) == _pairs_joined({"event": name, "payload": payload})


def _pairs_joined(value: Any) -> Any:
    """Join halves of a character that stand side by side, as every JSON parser does."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, list):
        return [_pairs_joined(entry) for entry in value]
    if isinstance(value, dict):
        return {_pairs_joined(key): _pairs_joined(entry) for key, entry in value.items()}
    return value


@pytest.mark.parametrize(
    ("payload", "sent"),
    [
        (float("nan"), "NaN"),
        ([float("inf"), {"a": float("-inf")}], ["Infinity", {"a": "-Infinity"}]),
        ({"nan": float("nan"), 1: 2, None: 3}, {"nan": "NaN", "1": 2, "None": 3}),
        ([float("nan"), (1, 2)], ["NaN", [1, 2]]),
        (ValueError("why"), "why"),
        ([10**5000], [hex(10**5000)]),
    ],
)
def test_what_json_has_no_word_for_goes_as_text(payload: Any, sent: Any) -> None:
    read = json.loads(encode_event(Event("E", payload)), parse_constant=no_constant)
    assert read["payload"] == sent


def test_what_is_nested_too_deeply_is_cut_off() -> None:
    deep: Any = "bottom"
    for _ in range(100_000):
        deep = {"down": [deep]}
    sent = encode_event(Event("E", {"kept": 1, "deep": deep}))
    assert json.loads(sent)["payload"]["kept"] == 1
    assert b"nested too deeply" in sent


def test_no_depth_is_too_much_at_the_edge_of_what_can_be_encoded() -> None:
    cut = set()
    for depth in (*range(140, 160), *range(880, 1010)):
        payload: Any = 1
        for _ in range(depth):
            payload = [payload]
        cut.add(b"nested too deeply" in encode_event(Event("E", payload)))
    assert cut == {True, False}


def test_what_contains_itself_is_cut_off() -> None:
    ring: dict[str, Any] = {"a": 1}
    ring["ring"] = ring
    assert b"nested too deeply" in encode_event(Event("E", ring))
