"""What a message carries so that it can be found again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.delivery.metadata import KEY, mark, name_effect, read_name

POST = "chat.postMessage"
NAME = name_effect("action1", "post")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(st.text(), json_values, max_size=4)


@pytest.mark.parametrize("given", [{}, {"metadata": None}, {"metadata": ""}, {"metadata": {}}])
def test_a_message_without_metadata_gets_ours(given: dict[str, Any]) -> None:
    marked = mark(POST, {"channel": "C1", **given}, NAME)
    assert marked.readable
    assert marked.arguments == {
        "channel": "C1",
        "metadata": {"event_type": "flyte_slack", "event_payload": {"flyte_slack_effect": "action1/post"}},
    }


@given(st.text(min_size=1), payloads, st.booleans())
def test_a_callers_metadata_keeps_all_it_has_and_gains_the_key(
    kind: str, payload: dict[str, Any], as_text: bool
) -> None:
    theirs: Any = {"event_type": kind, "event_payload": payload, "entities": [1]}
    arguments = {"channel": "C1", "metadata": json.dumps(theirs) if as_text else theirs}
    marked = mark(POST, arguments, NAME)
    assert marked.readable
    found = marked.arguments["metadata"]
    assert found == {**theirs, "event_payload": {**payload, KEY: NAME}}
    assert read_name({"metadata": found}) == NAME


@pytest.mark.parametrize(
    "theirs",
    [
        "no JSON",
        "[1]",
        "5",
        "[" * 100_000,
        [1],
        5,
        {"event_type": "x"},
        {"event_payload": {}},
        {"event_type": 5, "event_payload": {}},
        {"event_type": "x", "event_payload": []},
        {"entities": [{"entity_type": "slack#/entities/task"}]},
    ],
)
def test_metadata_that_takes_no_key_is_sent_as_it_is(theirs: Any) -> None:
    arguments = {"channel": "C1", "metadata": theirs}
    marked = mark(POST, arguments, NAME)
    assert not marked.readable
    assert marked.arguments == arguments


@pytest.mark.parametrize("method", ["chat.scheduleMessage", "chat.postEphemeral", "conversations.join"])
def test_what_no_history_shows_with_its_metadata_carries_nothing(method: str) -> None:
    arguments = {"channel": "C1", "text": "m"}
    marked = mark(method, arguments, NAME)
    assert not marked.readable
    assert marked.arguments == arguments


@given(st.dictionaries(st.sampled_from(["metadata", "event_payload", "ts", KEY]), json_values))
def test_whatever_a_message_looks_like_it_can_be_read(message: dict[str, Any]) -> None:
    assert read_name(message) is None or isinstance(read_name(message), str)
