"""Blocks of messages: what Slack takes, what it refuses and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.catalogue import MESSAGE_BLOCK
from pack.sandbox.slack.kit.elements import ACTION
from pack.sandbox.slack.refusal import Refusal
from tests.sandbox.slack.kit.fuzzing import JSON, fuzz, near
from tests.sandbox.slack.kit.reading import read_blocks
from tests.sandbox.slack.kit.specimens import ACTIONS, BLOCKS, actions, button, mrkdwn, plain, section

Json = Any
UNFIT = "failed to match all allowed schemas"


def faults_of(blocks: Json) -> list[str]:
    """Return the errors that Slack lists; its messages have to be the same ones."""
    with pytest.raises(Refusal) as caught:
        read_blocks(blocks)
    assert caught.value.code == "invalid_blocks"
    errors: list[str] = caught.value.details["errors"]
    assert caught.value.messages == [f"[ERROR] {error}" for error in errors]
    return errors


def fault_of(block: Json) -> str:
    [error] = faults_of([block])
    return error


def test_there_is_a_specimen_of_every_block_and_element() -> None:
    assert BLOCKS.keys() == MESSAGE_BLOCK.kinds.keys()
    assert ACTIONS.keys() == ACTION.kinds.keys()


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_block_is_taken_and_named(kind: str) -> None:
    [block] = read_blocks([BLOCKS[kind]]) or []
    assert block["type"] == kind
    assert block["block_id"]


@pytest.mark.parametrize("kind", ACTIONS)
def test_every_element_of_actions_is_taken_and_named(kind: str) -> None:
    [block] = read_blocks([actions(ACTIONS[kind])]) or []
    assert block["elements"][0]["action_id"]


@pytest.mark.parametrize("kind", BLOCKS)
def test_no_block_takes_a_property_of_no_kind(kind: str) -> None:
    assert (
        fault_of({**BLOCKS[kind], "mood": 1}) == "invalid additional property: mood [json-pointer:/blocks/0]"
    )


@pytest.mark.parametrize(
    ("block", "fault", "place"),
    [
        ({"type": "section"}, "must define either `text` or `fields`", "/type"),
        ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters", "/text/text"),
        ({"type": "header", "text": None}, "must provide an object", "/text"),
        ({"type": "alert", "text": plain("x")}, "unsupported type: alert", "/type"),
        ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters", "/block_id"),
        (actions(), "must provide at least 1 items", "/elements"),
        (actions(*[button()] * 26), "no more than 25 items allowed", "/elements"),
        (actions({"type": "plain_text_input"}), "unsupported type: plain_text_input", "/elements/0/type"),
        (actions({**button(), "style": None}), "must provide a string", "/elements/0/style"),
        (actions({**button(), "style": "red"}), "must be a valid enum value", "/elements/0/style"),
        (actions({**button(), "url": "nowhere"}), "invalid url", "/elements/0/url"),
        (
            actions({**button(), "text": plain("x" * 76)}),
            "must be less than 76 characters",
            "/elements/0/text/text",
        ),
        (
            actions({**ACTIONS["static_select"], "options": []}),
            "must provide at least 1 items",
            "/elements/0/options",
        ),
        (
            actions(
                {
                    **ACTIONS["static_select"],
                    "options": [{"text": plain("a"), "value": "a", "url": "https://a.b"}],
                }
            ),
            "invalid additional property: url",
            "/elements/0/options/0",
        ),
        (
            actions({"type": "static_select"}),
            "must define either `options` or `option_groups`",
            "/elements/0",
        ),
        (
            actions({**ACTIONS["datepicker"], "initial_date": "31.1.2026"}),
            "input must be a valid: date",
            "/elements/0/initial_date",
        ),
        (
            {"type": "section", "text": mrkdwn("x"), "accessory": {"type": "image", "alt_text": "x"}},
            "missing required field: image_url",
            "/accessory",
        ),
        ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed", "/fields"),
        ({**section("x"), "expand": "yes"}, "must be a boolean", "/expand"),
        (
            {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]},
            "no more than 20 items allowed",
            "/rows/0",
        ),
        (
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_preformatted", "elements": [], "border": 3}],
            },
            "must be less than 1",
            "/elements/0/border",
        ),
        (
            actions({**button(), "action_id": "a"}, {**button(), "action_id": "a"}),
            '`action_id` "a" already exists',
            "/elements/1/action_id",
        ),
    ],
)
def test_a_bad_block_is_pointed_at(block: Json, fault: str, place: str) -> None:
    assert fault_of(block) == f"{fault} [json-pointer:/blocks/0{place}]"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (mrkdwn("x" * 3001), ["must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]),
        (plain(""), ["must be more than 0 characters [json-pointer:/blocks/0/text/text]"]),
        ({"type": "html", "text": "x"}, ["unsupported type: html [json-pointer:/blocks/0/text/type]"]),
        ("x", ["must provide an object [json-pointer:/blocks/0/text]"] * 2),
    ],
)
def test_a_text_of_either_kind_is_first_said_to_match_none(text: Json, faults: list[str]) -> None:
    assert faults_of([{"type": "section", "text": text}]) == [
        f"{UNFIT} [json-pointer:/blocks/0/text]",
        *faults,
    ]


def test_every_fault_is_listed() -> None:
    assert len(faults_of([{"type": "poem"}, {"type": "header"}, 3])) == 3


def test_an_action_id_may_come_again_in_another_block_but_a_block_id_may_not() -> None:
    assert read_blocks([actions({**button(), "action_id": "a"})] * 2)
    assert faults_of([{"type": "divider", "block_id": "a"}] * 2) == [
        '`block_id` "a" already exists [json-pointer:/blocks/1/block_id]'
    ]


def test_an_initial_option_is_one_of_the_options() -> None:
    other = {"text": plain("z"), "value": "z"}
    assert fault_of(actions({**ACTIONS["static_select"], "initial_option": other})).startswith(
        "must be one of"
    )


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([BLOCKS["table"]] * 2, "invalid_attachments"),
        (
            [BLOCKS["table"], {"type": "container", "title": plain("x"), "child_blocks": [BLOCKS["table"]]}],
            "invalid_attachments",
        ),
        ([{"type": "markdown", "text": "x" * 7_000}] * 2, "msg_blocks_too_long"),
        ([BLOCKS["data_visualization"]] * 3, "invalid_blocks"),
        ("[{", "invalid_blocks_format"),
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ({"type": "divider"}, "invalid_blocks"),
    ],
)
def test_what_is_wrong_with_all_blocks_has_a_code(blocks: Json, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_blocks(blocks)
    assert caught.value.code == code


@pytest.mark.parametrize("nothing", [None, "", "  ", [], "[]"])
def test_no_blocks_are_none(nothing: Json) -> None:
    assert read_blocks(nothing) is None


def test_ids_are_unique_and_the_same_for_the_same_blocks() -> None:
    blocks = read_blocks([section("a")] * 50) or []
    assert len({block["block_id"] for block in blocks}) == 50
    assert blocks == read_blocks([section("a")] * 50)


def test_texts_come_back_with_their_defaults() -> None:
    [block] = read_blocks([{**section("a"), "accessory": button()}]) or []
    assert block["text"] == {"type": "mrkdwn", "text": "a", "verbatim": False}
    assert block["accessory"]["text"]["emoji"] is True


def test_what_was_given_back_can_be_given_again() -> None:
    blocks = read_blocks([block for kind, block in BLOCKS.items() if kind != "data_table"])
    assert read_blocks(blocks) == blocks


def test_the_text_of_blocks_is_theirs_in_order() -> None:
    blocks = read_blocks(
        [
            {"type": "header", "text": plain("A <b>")},
            {"type": "section", "fields": [mrkdwn("*c*"), plain("d")]},
            actions({**button(), "text": plain("Approve")}),
            BLOCKS["divider"],
        ]
    )
    assert to_text(blocks or []) == "A &lt;b&gt; *c* d Approve button"


def test_blocks_that_say_nothing_are_told_of_by_a_sentence() -> None:
    menu = {"type": "users_select", "action_id": "who"}
    sentence = "This message contains interactive elements."
    assert to_text(read_blocks([actions(menu)]) or []) == sentence
    assert to_text(read_blocks([BLOCKS["divider"]]) or []) == "[no preview available]"
    assert to_text(read_blocks([section("so"), BLOCKS["context_actions"]]) or []) == f"so {sentence}"


@fuzz(300)
@given(JSON)
def test_no_json_breaks_the_reader(value: Json) -> None:
    try:
        read_blocks(value)
    except Refusal as refusal:
        assert refusal.code


@fuzz(500)
@given(st.lists(st.sampled_from(sorted(BLOCKS)).flatmap(lambda kind: near(BLOCKS[kind])), max_size=3))
def test_no_block_that_was_tampered_with_breaks_the_reader(blocks: Json) -> None:
    try:
        read = read_blocks(blocks)
    except Refusal as refusal:
        assert refusal.code
    else:
        to_text(read or [])


def test_what_is_nested_without_end_is_refused() -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested" in fault_of({"type": "call", "call_id": "R1", "call": deep})
