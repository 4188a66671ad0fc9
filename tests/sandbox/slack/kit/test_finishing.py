"""What Slack makes of blocks on taking them: escapes in messages, and what it fills in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack.kit.block_text import to_text
from pack.sandbox.slack.kit.escaping import escape, unescape
from tests.sandbox.slack.kit.fuzzing import fuzz
from tests.sandbox.slack.kit.reading import read_attachments, read_blocks, read_view
from tests.sandbox.slack.kit.specimens import RICH_TEXT, actions, input_block, plain, section

Json = Any


def taken(block: Json) -> Json:
    [read] = read_blocks([block]) or []
    return read


def test_the_texts_of_a_message_are_escaped() -> None:
    button = {"type": "button", "text": plain("R&D > 1"), "value": "R&D", "action_id": "go"}
    assert taken(actions(button))["elements"][0]["text"]["text"] == "R&amp;D &gt; 1"
    assert taken(actions(button))["elements"][0]["value"] == "R&D"
    assert taken({"type": "header", "text": plain("<a>")})["text"]["text"] == "&lt;a&gt;"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("> quoted & <b>", "&gt; quoted &amp; &lt;b&gt;"),
        ("<https://a.b?x=1&y=2|R&D>", "<https://a.b?x=1&y=2|R&D>"),
        ("<@U1> <!here> <#C1|x>", "<@U1> <!here> <#C1|x>"),
        ("already &amp; &lt;", "already &amp; &lt;"),
        ("&copy;", "&amp;copy;"),
    ],
)
def test_markup_stays_in_mrkdwn(written: str, shown: str) -> None:
    assert taken(section(written))["text"]["text"] == shown


def test_rich_text_and_values_stay_as_they_are() -> None:
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a & b"}]}],
    }
    assert taken(rich)["elements"] == rich["elements"]


def test_blocks_of_attachments_are_escaped_too() -> None:
    [attachment] = read_attachments([{"blocks": [section("a & b")]}]) or []
    assert attachment["blocks"][0]["text"]["text"] == "a &amp; b"


def test_a_text_made_of_blocks_is_escaped_once() -> None:
    assert to_text([taken({"type": "header", "text": plain("R&D")})]) == "R&amp;D"


def test_views_are_not_escaped() -> None:
    view = read_view({"type": "home", "blocks": [section("a & b")]}, ("home",))
    assert view["blocks"][0]["text"]["text"] == "a & b"


@fuzz(200)
@given(st.text("&<>;amplgt@!#|:/ x", max_size=40), st.booleans())
def test_escaping_twice_changes_nothing(text: str, markup: bool) -> None:
    escaped = escape(text, markup=markup)
    assert escape(escaped, markup=markup) == escaped


@fuzz(200)
@given(st.text("&<>;amplgt x", max_size=40))
def test_what_was_escaped_reads_as_it_was_meant(text: str) -> None:
    assert unescape(escape(text)) == unescape(text)


def test_the_blocks_of_a_message_can_be_sent_back() -> None:
    blocks = read_blocks([section("a & b <@U1>"), actions({"type": "button", "text": plain("<&>")})])
    assert read_blocks(blocks) == blocks


def test_inputs_come_back_with_what_slack_fills_in() -> None:
    on_enter = {"trigger_actions_on": ["on_enter_pressed"]}
    blocks = [input_block({"type": "plain_text_input"}), input_block({"type": "email_text_input"})]
    view = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": blocks}
    text, email = read_view(view, ("modal",))["blocks"]
    assert (text["optional"], text["dispatch_action"]) == (False, False)
    assert text["element"]["dispatch_action_config"] == on_enter
    assert (email["optional"], email["dispatch_action"]) == (False, False)
    assert "dispatch_action_config" not in email["element"]
    assert taken(blocks[0])["element"]["dispatch_action_config"] == on_enter


def test_what_the_app_says_of_inputs_stays() -> None:
    config = {"trigger_actions_on": ["on_character_entered"]}
    element = {"type": "plain_text_input", "dispatch_action_config": config}
    block = taken(input_block(element, optional=True, dispatch_action=True))
    assert (block["optional"], block["dispatch_action"]) == (True, True)
    assert block["element"]["dispatch_action_config"] == config


def test_a_documented_rich_text_is_the_same_when_read_twice() -> None:
    assert taken(taken(RICH_TEXT)) == taken(RICH_TEXT)
