"""What a command's input fields accept, refuse, and say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.contracts.commands import (
    CommandInput,
    GetChannelInfo,
    JoinChannel,
    LeaveChannel,
    SendMessage,
    SendRichMessage,
)
from pack.contracts.fields import Whole
from pack.errors import BadInput


def read(**more: Any) -> SendMessage:
    return SendMessage.from_input({"message": "m", "channelId": "C1", **more})


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(BadInput) as caught:
        kind.from_input(value)
    return str(caught.value)


def test_the_old_texts_for_missing_fields_are_kept() -> None:
    assert refusal(SendMessage, {}) == "missing message field, missing channel id field"
    assert refusal(SendMessage, {"message": "m"}) == "missing channel id field"
    assert refusal(SendMessage, {"message": "", "channelId": None}) == (
        "missing message field, missing channel id field"
    )
    assert refusal(GetChannelInfo, {}) == "missing channel name field"


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0"])
def test_a_blank_channel_is_a_missing_one_and_a_blank_message_is_a_message(blank: str) -> None:
    assert refusal(SendMessage, {"message": blank, "channelId": blank}) == "missing channel id field"
    for kind in (JoinChannel, LeaveChannel):
        assert refusal(kind, {"channelId": blank}) == "missing channel id field"
    assert refusal(GetChannelInfo, {"channelName": blank}) == "missing channel name field"
    assert refusal(SendRichMessage, {"channel": blank}) == "missing channel field"
    assert read(message=blank).message == blank


def test_a_channel_is_kept_as_it_was_given() -> None:
    assert read(channelId=" #general ").channelId == " #general "


def test_every_bad_field_is_named_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        SendRichMessage.from_input({"channel": 3, "mrkdwn": "nope", "blocks": "{", "thread_ts": 12})
    assert {found.field for found in caught.value.problems} == {"channel", "mrkdwn", "blocks", "thread_ts"}
    for field in ("channel", "mrkdwn", "blocks", "thread_ts"):
        assert f"{field}: " in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "text", 3, True, 1.5])
def test_input_that_is_no_object_is_refused(value: Any) -> None:
    assert refusal(SendMessage, value).startswith("input: expected an object, got ")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1669027200.123456", "1669027200.123456"),
        (1669027200.123456, "1669027200.123456"),
        (1669027200.12, "1669027200.120000"),
        ("1669027200.12", "1669027200.120000"),
        (" 1669027200.123456 ", "1669027200.123456"),
    ],
)
def test_a_timestamp_with_decimals_is_exact(value: Any, expected: str) -> None:
    assert read(threadTimestamp=value).threadTimestamp == expected


@pytest.mark.parametrize(
    "value",
    [
        1669027200,
        1669027200.0,
        "1669027200",
        True,
        [],
        {},
        "yesterday",
        float("inf"),
        -1.5,
        1e300,
        "1669027200.\u0661\u0662",
    ],
)
def test_a_timestamp_that_lost_its_end_is_refused(value: Any) -> None:
    assert "threadTimestamp: " in refusal(
        SendMessage, {"message": "m", "channelId": "C", "threadTimestamp": value}
    )


@given(st.integers(10**9, 4 * 10**9), st.integers(1, 999_999))
def test_a_timestamp_survives_being_a_json_number(seconds: int, micros: int) -> None:
    exact = f"{seconds}.{micros:06}"
    assert read(threadTimestamp=float(exact)).threadTimestamp == exact


@pytest.mark.parametrize("value", [True, "True", "true", "1", 1, 1.0, "1.000000", "t", "T", "TRUE"])
def test_what_the_engine_prints_for_true_is_true(value: Any) -> None:
    assert SendRichMessage.from_input({"channel": "C", "mrkdwn": value}).mrkdwn is True


@pytest.mark.parametrize("value", [False, "False", "false", "0", 0, "0.000000", "f", "F", "FALSE"])
def test_what_the_engine_prints_for_false_is_false(value: Any) -> None:
    assert SendRichMessage.from_input({"channel": "C", "mrkdwn": value}).mrkdwn is False


@pytest.mark.parametrize("value", ["yes", "on", 2, [], {}, "no"])
def test_other_words_are_no_booleans(value: Any) -> None:
    assert "mrkdwn: expected true or false" in refusal(SendRichMessage, {"channel": "C", "mrkdwn": value})


def test_blocks_and_attachments_come_as_objects_or_as_json_text() -> None:
    blocks = [{"type": "divider"}]
    for given_blocks in (blocks, '[{"type": "divider"}]'):
        read_blocks = SendRichMessage.from_input({"channel": "C", "blocks": given_blocks}).blocks
        assert read_blocks == blocks


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", "not JSON (line 1, column 2"),
        ({"type": "divider"}, "put it into [ ]"),
        (["x"], "entry 0 is text"),
        ("3", "got a number"),
        ('[{"text": "\\ud800"}]', "half of a surrogate pair"),
        ("[" * 100_000, "not JSON"),
        ([{"a": "x\0"}], "NUL"),
        ('[{"a": NaN}]', "a number that JSON cannot carry"),
        ('[{"a": [-Infinity]}]', "a number that JSON cannot carry"),
        ('[{"a": 1e999}]', "a number that JSON cannot carry"),
        ([{"a": float("nan")}], "a number that JSON cannot carry"),
    ],
)
def test_blocks_that_cannot_be_used_are_explained(value: Any, words: str) -> None:
    assert words in refusal(SendRichMessage, {"channel": "C", "blocks": value})


@pytest.mark.parametrize("field", ["attachments", "blocks"])
def test_a_number_that_json_cannot_carry_is_refused_in_every_document(field: str) -> None:
    words = f"{field}: contains a number that JSON cannot carry"
    assert words in refusal(SendRichMessage, {"channel": "C", field: '[{"a": NaN}]'})
    metadata = '{"event_type": "a", "event_payload": {"b": Infinity}}'
    assert "metadata: contains a number" in refusal(SendRichMessage, {"channel": "C", "metadata": metadata})


@pytest.mark.parametrize("value", ["\u0663", "3.\u0660", "\uff13", "1_000", "3.5", "", None])
def test_a_whole_number_is_written_in_plain_digits(value: Any) -> None:
    class Counted(CommandInput):
        count: Whole

    words = "count: expected a whole number" if value else "missing count field"
    assert words in refusal(Counted, {"count": value})
    assert Counted.from_input({"count": " 3.000000 "}).count == 3


def test_a_document_nested_too_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"a": deep}
    assert "nested" in refusal(SendRichMessage, {"channel": "C", "blocks": [deep]})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\0b", "NUL"),
        ("a\ud800", "surrogate"),
        ("x" * 1_000_000, "1,000,000 characters"),
        (5, "got a number"),
    ],
)
def test_text_that_cannot_be_sent_is_refused_never_cut(text: Any, words: str) -> None:
    assert words in refusal(SendMessage, {"message": text, "channelId": "C"})


def test_keys_are_matched_without_regard_to_case_as_the_old_pack_did() -> None:
    command = SendMessage.from_input({"Message": "m", "channelID": "C1"})
    assert (command.message, command.channelId) == ("m", "C1")


def test_an_exact_key_wins_over_one_of_another_case() -> None:
    assert SendMessage.from_input({"MESSAGE": "loud", "message": "m", "channelId": "C"}).message == "m"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*SendRichMessage.model_fields, "x"]), json_values) | json_values)
def test_any_input_is_read_or_refused_and_nothing_else(value: Any) -> None:
    try:
        SendRichMessage.from_input(value)
    except BadInput as error:
        assert str(error)
