"""What Slack makes of a message's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.world.wording import Wording, rewrite
from tests.sandbox.slack.caller import Caller


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True).id


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("already &amp; &lt;escaped&gt;", "already &amp; &lt;escaped&gt;"),
        (
            "<@U123> <#C123|x> <!here> <https://a.example|b>",
            "<@U123> <#C123|x> <!here> <https://a.example|b>",
        ),
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("see https://a.example/?x=1&y=2.", "see <https://a.example/?x=1&amp;y=2>."),
        ("(http://a.example/b_(c))", "(<http://a.example/b_(c)>)"),
        ("write to ada@example.com", "write to <mailto:ada@example.com|ada@example.com>"),
        ("@ada #general @here", "@ada #general @here"),
    ],
)
def test_a_text_is_escaped_and_its_addresses_become_links(text: str, stored: str) -> None:
    assert rewrite(text, Wording()) == stored


@given(st.text(alphabet="a&<>;@#!|:/.ltgmphttps\n (),", max_size=60))
def test_wording_a_text_twice_changes_nothing(text: str) -> None:
    once = rewrite(text, Wording())
    assert rewrite(once, Wording()) == once


async def test_the_answer_and_its_blocks_hold_the_text_as_slack_words_it(call: Caller, ops: str) -> None:
    message = (await call.ok("chat.postMessage", channel=ops, text="*a* & b"))["message"]
    assert message["text"] == "*a* &amp; b"
    block = message["blocks"][0]
    assert block["type"] == "rich_text"
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "a", "style": {"bold": True}},
        {"type": "text", "text": " & b"},
    ]


async def test_without_markup_the_text_is_shown_as_it_is(call: Caller, ops: str) -> None:
    message = (await call.ok("chat.postMessage", channel=ops, text="*a*", mrkdwn=False))["message"]
    assert message["blocks"][0]["elements"][0]["elements"] == [{"type": "text", "text": "*a*"}]


@pytest.mark.parametrize(
    ("arguments", "stored"),
    [
        ({"link_names": True}, "@ada <#{general}|general> <!here> <!subteam^{group}|@oncall>"),
        ({"parse": "full"}, "<@{ada}> <#{general}|general> <!here> <!subteam^{group}|@oncall>"),
        ({}, "@ada #general @here @oncall"),
    ],
)
async def test_names_become_mentions_when_it_is_asked_for(
    call: Caller, slack: SimulatedSlack, ops: str, arguments, stored: str
) -> None:
    workspace = slack.workspace
    group = slack.world.usergroups.add("On call", workspace.user("ada").id, handle="oncall")
    text = "@ada #general @here @oncall"
    message = (await call.ok("chat.postMessage", channel=ops, text=text, **arguments))["message"]
    known = {"ada": workspace.user("ada").id, "general": workspace.channel("general").id, "group": group.id}
    assert message["text"] == stored.format(**known)


async def test_parse_none_leaves_addresses_alone_and_full_leaves_no_markup(call: Caller, ops: str) -> None:
    posted = await call.ok("chat.postMessage", channel=ops, text="https://a.example", parse="none")
    assert posted["message"]["text"] == "https://a.example"
    posted = await call.ok("chat.postMessage", channel=ops, text="<@U123>", parse="full")
    assert posted["message"]["text"] == "&lt;@U123&gt;"


async def test_a_long_text_is_cut_with_a_warning(call: Caller, ops: str) -> None:
    answer = await call.ok("chat.postMessage", channel=ops, text="x" * 40_001)
    assert answer["warning"] == "message_truncated"
    assert answer["response_metadata"]["warnings"] == ["message_truncated"]
    assert answer["response_metadata"]["messages"][0].startswith("[WARN] ")
    assert "warning" not in await call.ok("chat.postMessage", channel=ops, text="x" * 40_000)
