"""Rich text from mrkdwn: the blocks that Slack attaches to messages which are text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack.kit.rich_text import from_text
from tests.sandbox.slack.kit.fuzzing import fuzz

Json = Any
MRKDWN = st.lists(
    st.sampled_from(
        ["*", "_", "~", "`", "```", "\n", " ", "a", ">", "&gt;", "• ", "1. ", ":x:", "<@U1>", "<", "|"]
    )
    | st.text(max_size=3)
).map("".join)


def elements_of(text: str) -> list[dict[str, Json]]:
    [block] = from_text(text)
    assert block["type"] == "rich_text"
    elements: list[dict[str, Json]] = block["elements"]
    return elements


def line_of(text: str) -> list[dict[str, Json]]:
    [section] = elements_of(text)
    assert section["type"] == "rich_text_section"
    elements: list[dict[str, Json]] = section["elements"]
    return elements


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("a &amp; b &lt;c&gt;", {"type": "text", "text": "a & b <c>"}),
        ("*a b*", {"type": "text", "text": "a b", "style": {"bold": True}}),
        ("_a_", {"type": "text", "text": "a", "style": {"italic": True}}),
        ("~a~", {"type": "text", "text": "a", "style": {"strike": True}}),
        ("*_a_*", {"type": "text", "text": "a", "style": {"bold": True, "italic": True}}),
        ("`a *b*`", {"type": "text", "text": "a *b*", "style": {"code": True}}),
        ("<@U1|x>", {"type": "user", "user_id": "U1"}),
        ("*<@U1>*", {"type": "user", "user_id": "U1", "style": {"bold": True}}),
        ("<#C1|general>", {"type": "channel", "channel_id": "C1"}),
        ("<!subteam^S1|@x>", {"type": "usergroup", "usergroup_id": "S1"}),
        ("<!here|here>", {"type": "broadcast", "range": "here"}),
        ("<!unknown|label>", {"type": "text", "text": "label"}),
        ("<https://a.b/?c=1&amp;d=2>", {"type": "link", "url": "https://a.b/?c=1&d=2"}),
        ("<https://a.b/c_|d>", {"type": "link", "url": "https://a.b/c_", "text": "d"}),
        ("https://a.b", {"type": "link", "url": "https://a.b"}),
        (":wave::skin-tone-3:", {"type": "emoji", "name": "wave", "skin_tone": 3}),
        (":+1:", {"type": "emoji", "name": "+1"}),
        (
            "<!date^1392734382^{date_num}^https://a.b|then>",
            {
                "type": "date",
                "timestamp": 1392734382,
                "format": "{date_num}",
                "url": "https://a.b",
                "fallback": "then",
            },
        ),
    ],
)
def test_a_piece_of_mrkdwn_becomes_its_element(text: str, element: dict[str, Json]) -> None:
    assert line_of(text) == [element]


@pytest.mark.parametrize(
    "text",
    [
        "snake_case_name",
        "2*3*4",
        "* a *",
        "12:30:45",
        "*a\nb*",
        "**",
        "``````",
        "<not a link",
        "_ a_",
        "a_b_",
    ],
)
def test_marks_that_style_nothing_stay_text(text: str) -> None:
    assert line_of(text) == [{"type": "text", "text": text}]


def test_a_link_within_a_style_does_not_end_it() -> None:
    assert line_of("_see <https://a.b/c_/d|this>_") == [
        {"type": "text", "text": "see ", "style": {"italic": True}},
        {"type": "link", "url": "https://a.b/c_/d", "text": "this", "style": {"italic": True}},
    ]


def test_code_fences_quotes_and_lists_become_elements_of_their_own() -> None:
    text = "a\n```x\n<https://a.b>```\nb\n&gt; q1\n&gt; q2\n• i\n    • j\n1. k\nend"
    assert [element["type"].removeprefix("rich_text_") for element in elements_of(text)] == [
        "section",
        "preformatted",
        "section",
        "quote",
        "list",
        "list",
        "list",
        "section",
    ]
    section, code, _, quote, first, nested, ordered, end = elements_of(text)
    assert section["elements"] == [{"type": "text", "text": "a\n"}]
    assert code["elements"] == [{"type": "text", "text": "x\n"}, {"type": "link", "url": "https://a.b"}]
    assert quote["elements"] == [{"type": "text", "text": "q1\nq2"}]
    assert (first["style"], first["indent"]) == ("bullet", 0)
    assert (nested["style"], nested["indent"]) == ("bullet", 1)
    assert ordered["elements"] == [{"type": "rich_text_section", "elements": [{"type": "text", "text": "k"}]}]
    assert end["elements"] == [{"type": "text", "text": "end"}]


def test_three_marks_quote_everything_that_follows() -> None:
    [quote] = elements_of("&gt;&gt;&gt; a\nb")
    assert quote == {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a\nb"}]}


def test_the_lines_of_apps_are_no_lists() -> None:
    [block] = from_text("• a\n• b", lists=False)
    assert block["elements"] == [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "• a\n• b"}]}
    ]


def test_no_text_has_no_blocks() -> None:
    assert from_text("") == []


def test_the_block_id_follows_from_the_text() -> None:
    assert from_text("a") == from_text("a")
    assert from_text("a")[0]["block_id"] != from_text("b")[0]["block_id"]


@fuzz(300)
@given(MRKDWN)
def test_no_text_breaks_the_reader_and_no_element_is_empty(text: str) -> None:
    for block in from_text(text):
        for element in block["elements"]:
            for inner in element["elements"]:
                assert inner.get("text") != ""


@pytest.mark.parametrize("piece", ["```a", " *a", "`", "<", "*_~", "http://.", ":a", "&gt; ", "\n", " _a"])
def test_a_text_of_the_longest_length_is_one_block(piece: str) -> None:
    assert len(from_text((piece * 40_000)[:40_000])) == 1
