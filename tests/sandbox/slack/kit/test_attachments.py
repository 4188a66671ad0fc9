"""Secondary attachments: numbered, bounded, and checked where they have blocks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.kit.fuzzing import JSON, fuzz, near
from tests.sandbox.slack.kit.reading import read_attachments
from tests.sandbox.slack.kit.specimens import BLOCKS, section

Json = Any
LEGACY = {
    "pretext": "p",
    "title": "t",
    "text": "x",
    "color": "good",
    "fields": [{"title": "a", "value": "b", "short": True}],
    "actions": [{"name": "n", "text": "Go", "type": "button", "value": "v"}],
    "mrkdwn_in": ["text"],
    "ts": 123456789,
}


def test_attachments_are_numbered_and_have_a_fallback() -> None:
    first, second, third = (
        read_attachments([{"text": "a"}, {"title": "b", "fallback": "f"}, {"color": "#123456"}]) or []
    )
    assert (first["id"], first["fallback"]) == (1, "a")
    assert (second["id"], second["fallback"]) == (2, "f")
    assert (third["color"], third["fallback"]) == ("123456", "[no preview available]")


def test_the_fields_of_old_come_back_as_they_were() -> None:
    [read] = read_attachments([LEGACY]) or []
    assert {name: read[name] for name in ("pretext", "title", "fields", "mrkdwn_in", "ts")} == {
        name: LEGACY[name] for name in ("pretext", "title", "fields", "mrkdwn_in", "ts")
    }
    assert read["color"] == "2eb886"
    assert read["actions"] == [{"id": "1", "name": "n", "text": "Go", "type": "button", "value": "v"}]


def test_blocks_within_are_checked_and_named() -> None:
    [read] = read_attachments([{"color": "#f00", "blocks": [section("x")]}]) or []
    assert read["blocks"][0]["block_id"]
    with pytest.raises(Refusal) as caught:
        read_attachments([{"text": "x"}, {"blocks": [section("")]}])
    assert caught.value.code == "invalid_attachments"
    assert caught.value.messages == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/attachments/1/blocks/0/text]",
        "[ERROR] must be more than 0 characters [json-pointer:/attachments/1/blocks/0/text/text]",
    ]


@pytest.mark.parametrize(
    ("attachments", "code"),
    [
        ([{"text": "x"}] * 101, "too_many_attachments"),
        ([{"blocks": [section("x")], "footer": "f"}], "invalid_attachments"),
        ([{"blocks": [BLOCKS["table"]]}] * 2, "invalid_attachments"),
    ],
)
def test_what_is_refused_has_a_code(attachments: Json, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_attachments(attachments)
    assert caught.value.code == code


@pytest.mark.parametrize("nothing", [None, "", "[]", "{nonsense", {"text": "x"}, 3, ["x"]])
def test_what_is_no_list_of_objects_is_passed_over(nothing: Json) -> None:
    assert read_attachments(nothing) is None


def test_empty_blocks_are_no_blocks() -> None:
    [read] = read_attachments([{"text": "x", "blocks": None}]) or []
    assert "blocks" not in read


def test_what_was_given_back_can_be_given_again() -> None:
    read = read_attachments([LEGACY, {"color": "danger", "blocks": [section("x")]}])
    assert read_attachments(read) == read


@fuzz(200)
@given(JSON | near([LEGACY, {"blocks": [section("x")]}]))
def test_no_json_breaks_the_reader(value: Json) -> None:
    try:
        read_attachments(value)
    except Refusal as refusal:
        assert refusal.code
