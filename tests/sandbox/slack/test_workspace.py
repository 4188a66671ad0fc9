"""The workspace as tests use it, without a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pack.sandbox.slack import Message, Refusal, SimulatedSlack
from pack.sandbox.slack.calls.arguments import check_arguments
from pack.sandbox.slack.calls.paging import decode_cursor, encode_cursor, take_page
from pack.sandbox.slack.identifiers import encode_number
from pack.sandbox.slack.reference.facts import load_facts
from pack.sandbox.slack.world.timeline import Timeline

FACTS = load_facts()
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture
def workspace():
    return SimulatedSlack().workspace


def test_a_default_channel_can_be_made_anew_once_and_keeps_its_id(workspace) -> None:
    before = workspace.channel("general").id
    channel = workspace.add_channel("general", bot=True, members=["bob"])
    assert channel.id == before
    assert list(channel.members) == [workspace.user("bob").id, workspace.app.bot_user_id]
    with pytest.raises(Refusal, match="name_taken"):
        workspace.add_channel("general")
    workspace.say("random", "in use", user="ada")
    with pytest.raises(Refusal, match="name_taken"):
        workspace.add_channel("#random")


def test_a_user_added_again_keeps_the_id(workspace) -> None:
    before = workspace.user("ada").id
    user = workspace.add_user("ada", real_name="Ada King", title="Countess")
    assert (user.id, user.real_name, user.last_name) == (before, "Ada King", "King")
    assert workspace.user(before) is user is workspace.user("@ada")


def test_another_bot_speaks_with_its_own_bot_id(workspace) -> None:
    jenkins = workspace.add_user("jenkins", is_bot=True)
    message = workspace.say("general", "built", user=jenkins)
    assert message.fields["bot_id"] == jenkins.bot_id
    assert message.user == jenkins.id


def test_unknown_channels_threads_and_archived_channels_are_refused(workspace) -> None:
    with pytest.raises(Refusal, match="channel_not_found"):
        workspace.say("nowhere", "x")
    with pytest.raises(Refusal, match="thread_not_found"):
        workspace.say("general", "x", thread_ts="1.2")
    workspace.archive("general")
    with pytest.raises(Refusal, match="is_archived"):
        workspace.say("general", "x")
    with pytest.raises(Refusal, match="already_archived"):
        workspace.archive("general")


def test_a_renamed_channel_is_found_by_its_new_name_only(workspace) -> None:
    channel = workspace.channel("random")
    workspace.rename("random", "chatter")
    assert workspace.channel("#chatter") is channel
    assert channel.previous_names == ["random"]
    with pytest.raises(Refusal, match="channel_not_found"):
        workspace.channel("random")


def test_deleting_a_reply_is_seen_at_its_root(workspace) -> None:
    root = workspace.say("general", "root", user="ada")
    first = workspace.say("general", "a", user="bob", thread_ts=root.ts)
    second = workspace.say("general", "b", user="carol", thread_ts=root.ts)
    workspace.delete("general", second.ts)
    assert (root.reply_count, root.latest_reply, root.reply_users) == (1, first.ts, [first.user])
    workspace.delete("general", first.ts)
    assert "reply_count" not in root.as_json()


def test_a_channel_made_private_is_hidden(workspace) -> None:
    workspace.make_private("random")
    assert workspace.channel("random").private


@given(st.lists(st.sampled_from(["say", "reply", "forget"]), max_size=60), st.integers(1, 8))
def test_a_bounded_timeline_never_contradicts_itself(steps: list[str], limit: int) -> None:
    timeline = Timeline(limit)
    for number, step in enumerate(steps):
        present = list(timeline)
        if step == "forget" and present:
            timeline.remove(present[number % len(present)].ts)
            continue
        roots = [message for message in present if not message.is_reply]
        root = roots[number % len(roots)].ts if step == "reply" and roots else None
        timeline.append(Message(f"{number:010d}.000000", "C", "x", user=f"U{number % 3}", thread_ts=root))
    messages = list(timeline)
    assert len(messages) == len(timeline) <= limit
    assert [message.ts for message in messages] == sorted(message.ts for message in messages)
    for message in messages:
        replies = timeline.thread(message.ts)
        assert message.reply_count == len(replies)
        assert message.latest_reply == (replies[-1].ts if replies else None)
        assert all(timeline.get(reply.ts) is reply for reply in replies)


@given(st.lists(st.integers(), unique=True), st.integers(1, 7))
def test_pages_put_together_are_the_list(items: list[int], limit: int) -> None:
    collected, cursor = [], ""
    while True:
        page, cursor = take_page(items, "number", str, cursor=cursor, limit=limit)
        collected.extend(page)
        if not cursor:
            break
    assert collected == items


@given(st.text())
def test_a_cursor_of_somebody_elses_is_refused_cleanly(cursor: str) -> None:
    try:
        value = decode_cursor("team", cursor)
    except Refusal as refusal:
        assert refusal.code == "invalid_cursor"
    else:
        assert decode_cursor("team", encode_cursor("team", value)) == value


@given(
    st.sampled_from(sorted(FACTS.methods)),
    st.data(),
)
def test_whatever_is_sent_is_read_or_refused(method: str, data: st.DataObject) -> None:
    facts = FACTS.methods[method]
    names = sorted(facts.arguments) or ["x"]
    given_arguments = data.draw(st.dictionaries(st.sampled_from(names), JSON_VALUES, max_size=4))
    try:
        checked = check_arguments(facts, given_arguments)
    except Refusal as refusal:
        assert refusal.code
    else:
        assert set(checked) <= set(given_arguments)


def test_identifiers_do_not_repeat() -> None:
    assert len({encode_number(number) for number in range(20_000)}) == 20_000
