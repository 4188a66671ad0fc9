"""Messages that are posted later."""

from __future__ import annotations

import pytest

from pack.sandbox.slack import SimulatedSlack
from tests.clock import FakeClock
from tests.sandbox.slack.caller import Caller


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def slack(clock: FakeClock):
    async with SimulatedSlack(clock=clock) as simulated:
        yield simulated


@pytest.fixture
def ops(slack: SimulatedSlack) -> str:
    return slack.workspace.add_channel("ops", bot=True).id


async def schedule(call: Caller, clock: FakeClock, channel: str, seconds: int, **arguments) -> dict:
    """Schedule a message, and let the simulated Slack begin to wait for it."""
    post_at = call.slack.workspace.seconds() + seconds
    said = {"text": "later", **arguments}
    answer = await call.ok("chat.scheduleMessage", channel=channel, post_at=post_at, **said)
    await clock.settle()
    return answer


def said(slack: SimulatedSlack, channel: str) -> list[str]:
    return [message.text for message in slack.workspace.messages(channel)]


async def test_an_answer_tells_what_will_be_posted_and_when(
    call: Caller, slack, clock: FakeClock, ops: str
) -> None:
    answer = await schedule(call, clock, ops, 90)
    assert answer["scheduled_message_id"].startswith("Q")
    assert answer["post_at"] == slack.workspace.seconds() + 90
    message = answer["message"]
    assert (message["type"], message["text"], message["bot_id"]) == ("delayed_message", "later", slack.bot_id)
    assert "ts" not in message


async def test_each_is_posted_when_it_is_due(call: Caller, slack, clock: FakeClock, ops: str) -> None:
    await schedule(call, clock, ops, 120, text="second")
    await schedule(call, clock, ops, 60, text="first")
    await clock.advance(59)
    assert said(slack, ops) == []
    await clock.advance(1)
    assert said(slack, ops) == ["first"]
    await clock.advance(60)
    assert said(slack, ops) == ["first", "second"]
    posted = slack.workspace.messages(ops)[0]
    assert (posted.user, posted.fields["bot_id"]) == (slack.bot_user_id, slack.bot_id)
    assert (await call.ok("chat.scheduledMessages.list"))["scheduled_messages"] == []


async def test_a_faster_slack_posts_sooner(session, clock: FakeClock) -> None:
    async with SimulatedSlack(clock=clock, speed=60) as slack:
        ops = slack.workspace.add_channel("ops", bot=True).id
        await schedule(Caller(slack, session), clock, ops, 120)
        await clock.advance(2.1)
        assert said(slack, ops) == ["later"]


async def test_what_carries_metadata_is_listed_and_never_posted(
    call: Caller, slack, clock: FakeClock, ops: str
) -> None:
    metadata = {"event_type": "deployed", "event_payload": {}}
    answer = await schedule(call, clock, ops, 60, metadata=metadata)
    assert answer["message"]["metadata"] == metadata
    listed = (await call.ok("chat.scheduledMessages.list"))["scheduled_messages"]
    assert [one["id"] for one in listed] == [answer["scheduled_message_id"]]
    await clock.advance(600)
    assert said(slack, ops) == []


async def test_what_cannot_be_posted_any_more_is_not(call: Caller, slack, clock: FakeClock, ops: str) -> None:
    other = slack.workspace.add_channel("other", bot=True).id
    third = slack.workspace.add_channel("third", bot=True).id
    await schedule(call, clock, ops, 60)
    await schedule(call, clock, other, 60)
    await schedule(call, clock, third, 60)
    slack.workspace.archive(ops)
    slack.workspace.kick_bot(other)
    slack.workspace.restrict_posting(third)
    await clock.advance(61)
    assert "later" not in said(slack, ops) + said(slack, other) + said(slack, third)


async def test_a_reply_is_posted_into_its_thread(call: Caller, slack, clock: FakeClock, ops: str) -> None:
    root = slack.workspace.say(ops, "root", user="ada")
    await schedule(call, clock, ops, 60, thread_ts=root.ts, reply_broadcast=True)
    await clock.advance(61)
    reply = slack.workspace.messages(ops)[-1]
    assert (reply.thread_ts, reply.subtype) == (root.ts, "thread_broadcast")


async def test_a_deleted_one_is_not_posted(call: Caller, slack, clock: FakeClock, ops: str) -> None:
    id = (await schedule(call, clock, ops, 120))["scheduled_message_id"]
    answer = await call.ok("chat.deleteScheduledMessage", channel=ops, scheduled_message_id=id)
    assert answer == {"ok": True}
    await clock.advance(121)
    assert said(slack, ops) == []
    code = await call.error("chat.deleteScheduledMessage", channel=ops, scheduled_message_id=id)
    assert code == "invalid_scheduled_message_id"


async def test_lists_are_bounded_by_channel_and_time_and_come_in_pages(
    call: Caller, slack, clock: FakeClock, ops: str
) -> None:
    other = slack.workspace.add_channel("other", bot=True).id
    now = slack.workspace.seconds()
    ids = [(await schedule(call, clock, ops, seconds))["scheduled_message_id"] for seconds in (100, 200, 300)]
    await schedule(call, clock, other, 150)
    page = await call.ok("chat.scheduledMessages.list", channel=ops, limit=2)
    one = page["scheduled_messages"][0]
    assert one == {
        "id": ids[0],
        "channel_id": ops,
        "post_at": now + 100,
        "date_created": now,
        "text": "later",
    }
    cursor = page["response_metadata"]["next_cursor"]
    rest = await call.ok("chat.scheduledMessages.list", channel=ops, cursor=cursor)
    assert [one["id"] for one in rest["scheduled_messages"]] == ids[2:]
    assert rest["response_metadata"]["next_cursor"] == ""
    bounds = {"oldest": str(now + 150), "latest": str(now + 250)}
    within = await call.ok("chat.scheduledMessages.list", **bounds)
    assert [one["channel_id"] for one in within["scheduled_messages"]] == [other, ops]


async def test_they_wait_over_a_stop_and_are_forgotten_by_a_reset(
    call: Caller, slack, clock, ops: str
) -> None:
    await schedule(call, clock, ops, 60)
    await slack.stop()
    await clock.advance(61)
    assert said(slack, ops) == []
    await slack.start()
    await clock.settle()
    assert said(slack, ops) == ["later"]
    await schedule(call, clock, ops, 60)
    slack.reset()
    assert slack.world.schedules.all() == []
