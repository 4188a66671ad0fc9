"""Messages that are written bit by bit, and previews of links."""

from __future__ import annotations

from typing import Any

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller

Events = list[dict[str, Any]]


@pytest.fixture
def heard(slack: SimulatedSlack) -> Events:
    events: Events = []
    slack.workspace.listen(lambda occurrence: events.append(occurrence.event))
    return events


@pytest.fixture
def im(slack: SimulatedSlack) -> str:
    return slack.workspace.add_im("ada").id


async def test_a_stream_grows_and_is_told_in_whole_when_it_stops(
    call: Caller, slack, im: str, heard: Events
) -> None:
    start = await call.ok("chat.startStream", channel=im, markdown_text="Hello")
    place = {"channel": im, "ts": start["ts"]}
    assert (heard[-1]["text"], heard[-1]["streaming_state"]) == ("Hello", "in_progress")
    assert await call.ok("chat.appendStream", **place, markdown_text=", world") == {"ok": True, **place}
    assert len(heard) == 1
    metadata = {"event_type": "answered", "event_payload": {}}
    below = [{"type": "divider", "block_id": "end"}]
    stop = await call.ok("chat.stopStream", **place, markdown_text="!", blocks=below, metadata=metadata)
    message = stop["message"]
    assert (message["text"], message["streaming_state"]) == ("Hello, world!", "completed")
    assert [block["type"] for block in message["blocks"]] == ["markdown", "divider"]
    assert message["metadata"] == metadata
    assert (heard[-1]["subtype"], heard[-1]["message"]["text"]) == ("message_changed", "Hello, world!")
    assert "edited" not in heard[-1]["message"]


async def test_chunks_alone_are_enough_and_tasks_are_kept_up_to_date(call: Caller, im: str) -> None:
    place = {"channel": im, "ts": (await call.ok("chat.startStream", channel=im))["ts"]}
    task = {"type": "task_update", "id": "1", "title": "Looking", "status": "in_progress"}
    await call.ok("chat.appendStream", **place, chunks=[{"type": "markdown_text", "text": "First"}, task])
    done = {**task, "status": "complete", "output": "found"}
    await call.ok("chat.appendStream", **place, chunks=[done, {"type": "markdown_text", "text": "Last"}])
    blocks = (await call.ok("chat.stopStream", **place))["message"]["blocks"]
    assert [block["type"] for block in blocks] == ["markdown", "task_card", "markdown"]
    assert (blocks[1]["status"], blocks[1]["output"]["type"]) == ("complete", "rich_text")


async def test_a_plan_gathers_the_tasks(call: Caller, im: str) -> None:
    tasks = [{"type": "task_update", "id": id, "title": id} for id in ("a", "b")]
    plan = {"type": "plan_update", "title": "Plan"}
    start = await call.ok("chat.startStream", channel=im, task_display_mode="plan", chunks=[plan, *tasks])
    blocks = (await call.ok("chat.stopStream", channel=im, ts=start["ts"]))["message"]["blocks"]
    assert [(block["type"], block["title"]) for block in blocks] == [("plan", "Plan")]
    assert [task["task_id"] for task in blocks[0]["tasks"]] == ["a", "b"]


async def test_a_stream_ends_by_itself_after_five_minutes(session) -> None:
    clock = FakeClock()
    async with SimulatedSlack(clock=clock) as slack:
        call, im = Caller(slack, session), slack.workspace.add_im("ada").id
        ts = (await call.ok("chat.startStream", channel=im, markdown_text="x"))["ts"]
        await clock.advance(301)
        code = await call.error("chat.appendStream", channel=im, ts=ts, markdown_text="y")
        assert code == "message_not_in_streaming_state"
        assert slack.workspace.message(im, ts).fields["streaming_state"] == "errored"
        await call.ok("chat.update", channel=im, ts=ts, text="the rest")


URL = "https://docs.example.com/1?a=1&b=2"


async def test_a_link_of_a_registered_domain_is_told_and_previewed(
    call: Caller, slack, heard: Events
) -> None:
    ops = slack.workspace.add_channel("ops", bot=True).id
    slack.world.notices.unfurl_domains = {"example.com"}
    heard.clear()
    message = slack.workspace.say(
        ops, f"see <{URL.replace('&', '&amp;')}|this> and <https://other.org>", user="ada"
    )
    shared = heard[-1]
    assert (shared["type"], shared["message_ts"], shared["user"]) == ("link_shared", message.ts, message.user)
    assert shared["links"] == [{"url": URL, "domain": "example.com"}]
    assert (shared["source"], shared["is_bot_user_member"]) == ("conversations_history", True)
    place = {"unfurl_id": shared["unfurl_id"], "source": shared["source"]}
    assert await call.ok("chat.unfurl", **place, unfurls={URL: {"text": "a page"}}) == {"ok": True}
    changed = heard[-1]
    assert changed["subtype"] == "message_changed"
    assert "edited" not in changed["message"]
    (preview,) = changed["message"]["attachments"]
    assert (preview["app_unfurl_url"], preview["is_app_unfurl"], preview["id"]) == (URL, True, 1)
    await call.ok("chat.unfurl", channel=ops, ts=message.ts, unfurls={URL: {"text": "another"}})
    (preview,) = slack.workspace.message(ops, message.ts).fields["attachments"]
    assert preview["text"] == "another"


async def test_the_apps_own_links_are_not_told(call: Caller, slack, heard: Events) -> None:
    ops = slack.workspace.add_channel("ops", bot=True).id
    slack.world.notices.unfurl_domains = {"example.com"}
    await call.ok("chat.postMessage", channel=ops, text=URL)
    assert heard[-1]["type"] == "message"


async def test_somebody_is_asked_to_sign_in_before_there_are_previews(call: Caller, slack) -> None:
    ops = slack.workspace.add_channel("ops", bot=True).id
    slack.world.notices.unfurl_domains = {"example.com"}
    message = slack.workspace.say(ops, f"<{URL}>", user="ada")
    await call.ok("chat.unfurl", channel=ops, ts=message.ts, user_auth_message="Sign in")
    (asked,) = slack.world.ephemerals.seen_by(message.user, ops)
    assert asked.text == "Sign in"
    assert "attachments" not in message.fields


async def test_metadata_that_the_app_subscribes_to_is_told(call: Caller, slack, heard: Events) -> None:
    ops = slack.workspace.add_channel("ops", bot=True).id
    slack.world.notices.metadata_subscriptions = {("*", "deployed")}
    metadata = {"event_type": "deployed", "event_payload": {"id": 1}}
    await call.ok("chat.postMessage", channel=ops, text="x", metadata={**metadata, "event_type": "other"})
    assert heard[-1]["type"] == "message"
    ts = (await call.ok("chat.postMessage", channel=ops, text="x", metadata=metadata))["ts"]
    posted = heard[-1]
    assert (posted["type"], posted["message_ts"], posted["event_ts"]) == ("message_metadata_posted", ts, ts)
    assert (posted["metadata"], posted["channel_id"], posted["bot_id"]) == (metadata, ops, slack.bot_id)
    newer = {**metadata, "event_payload": {"id": 2}}
    await call.ok("chat.update", channel=ops, ts=ts, text="y", metadata=newer)
    assert heard[-1]["type"] == "message_metadata_updated"
    assert (heard[-1]["metadata"], heard[-1]["previous_metadata"]) == (newer, metadata)
    await call.ok("chat.delete", channel=ops, ts=ts)
    assert (heard[-1]["type"], heard[-1]["previous_metadata"]) == ("message_metadata_deleted", newer)
