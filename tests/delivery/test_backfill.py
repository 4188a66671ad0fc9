"""What was said while nothing could be received is told afterwards, once, and nothing else is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pack.clock import SystemClock
from pack.sandbox.slack import SimulatedSlack
from pack.state.memory import MemoryStore
from tests.delivery.backfilling import QUICK, Stage, backfilling


class TroubledStore(MemoryStore):
    """One that can say that it cannot be written."""

    problem = ""


@pytest.fixture
async def slack() -> AsyncIterator[SimulatedSlack]:
    async with SimulatedSlack() as slack:
        slack.workspace.invite_bot("general")
        slack.clock.advance(60)
        yield slack


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(SystemClock())


def say_unheard(slack: SimulatedSlack, *texts: str, channel: str = "general") -> None:
    """Have something said that is never delivered."""
    with slack.workspace.unheard():
        for text in texts:
            slack.workspace.say(channel, text, user="ada")


async def ran_once(slack: SimulatedSlack, store: MemoryStore, *channels: str) -> None:
    """Let a pack have run on the store, until all was well, and some time have passed since."""
    async with backfilling(slack, store) as stage:
        await stage.watched(*channels or ("general",))
        await stage.caught_up()
        await asyncio.sleep(3 * QUICK.heartbeat_seconds)
    slack.clock.advance(30)


async def break_and_return(stage: Stage) -> None:
    """Break the connection and wait until what was missed is read."""
    stage.slack.faults.close_sockets(abrupt=True)
    await stage.until(lambda: not stage.receiver.status().ready)
    await stage.caught_up()


async def test_what_was_said_while_the_process_was_down_is_told_in_order(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    said = [f"message {number}" for number in range(5)]
    say_unheard(slack, *said)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: len(stage.told.recovered) == 5)
        await stage.caught_up()
        assert stage.told.texts == said


async def test_what_was_said_before_the_pack_was_there_for_the_first_time_is_not_told(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    say_unheard(slack, "long ago")
    slack.clock.advance(30)
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        slack.workspace.say("general", "now", user="ada")
        await stage.until(lambda: stage.told.live == ["now"])
        await break_and_return(stage)
        assert stage.told.texts == ["now"]


async def test_what_was_said_while_a_connection_was_broken_is_told(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        slack.faults.refuse_tickets(times=2)
        slack.faults.close_sockets(abrupt=True)
        say_unheard(slack, "in between")
        await stage.until(lambda: stage.told.texts == ["in between"])
        assert stage.told.recovered == ["in between"]


async def test_what_a_dead_connection_swallowed_is_told(slack: SimulatedSlack, store: MemoryStore) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        slack.faults.go_silent()
        slack.workspace.say("general", "to the dead", user="ada")
        await stage.until(lambda: stage.told.recovered == ["to the dead"])
        assert stage.told.live == []


async def test_a_clean_replacement_of_a_connection_has_nothing_read(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        read = len(slack.faults.calls_of("conversations.history"))
        tickets = len(slack.faults.calls_of("apps.connections.open"))
        slack.faults.disconnect("refresh_requested")
        await stage.until(lambda: len(slack.faults.calls_of("apps.connections.open")) > tickets)
        await stage.until(lambda: slack.faults.open_sockets == 1)
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        assert len(slack.faults.calls_of("conversations.history")) == read
        assert stage.receiver.status().ready


async def test_a_payload_that_is_refused_is_told_from_history(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        stage.told.refuses = 1
        slack.workspace.say("general", "no room for this", user="ada")
        await stage.until(lambda: stage.told.recovered == ["no room for this"])
        slack.clock.advance(70)
        await stage.until(lambda: not slack.faults.unacknowledged)
        assert stage.told.texts == ["no room for this"]


async def test_replies_in_threads_are_found_whether_the_thread_was_known_or_began_meanwhile(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        known = slack.workspace.say("general", "known thread", user="ada")
        slack.workspace.say("general", "first reply", user="bob", thread_ts=known.ts)
        silent = slack.workspace.say("general", "no thread yet", user="ada")
        await stage.until(lambda: len(stage.told.live) == 3)
    slack.clock.advance(30)
    with slack.workspace.unheard():
        slack.workspace.say("general", "second reply", user="bob", thread_ts=known.ts)
        new = slack.workspace.say("general", "new thread", user="ada")
        slack.workspace.say("general", "its reply", user="bob", thread_ts=new.ts)
        slack.workspace.say(
            "general", "for all to see", user="bob", thread_ts=silent.ts, subtype="thread_broadcast"
        )
        slack.workspace.say("general", "for the thread alone", user="carol", thread_ts=silent.ts)
    async with backfilling(slack, store) as stage:
        expected = ["second reply", "new thread", "its reply", "for all to see", "for the thread alone"]
        await stage.until(lambda: len(stage.told.recovered) == 5)
        await stage.caught_up()
        assert stage.told.recovered == expected


async def test_replies_are_found_in_threads_in_which_nobody_else_had_answered(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        question = slack.workspace.say("general", "question", user="ada")
        own = slack.workspace.say("general", "shall I?", user=slack.bot_user_id)
        slack.workspace.say("general", "answer", user=slack.bot_user_id, thread_ts=question.ts)
        quiet = slack.workspace.say("general", "no thread yet", user="bob")
        await stage.until(lambda: stage.told.live == ["question", "no thread yet"])
        slack.clock.advance(30)
        await stage.caught_up()
    slack.clock.advance(30)
    with slack.workspace.unheard():
        slack.workspace.say("general", "a further question", user="ada", thread_ts=question.ts)
        slack.workspace.say("general", "yes", user="ada", thread_ts=own.ts)
        slack.workspace.say("general", "a first reply", user="ada", thread_ts=quiet.ts)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: len(stage.told.recovered) == 3)
        await stage.caught_up()
        assert stage.told.recovered == ["a further question", "yes", "a first reply"]


async def test_of_many_active_threads_only_those_that_went_on_are_read(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        roots = [slack.workspace.say("general", f"root {number}", user="ada") for number in range(60)]
        for root in roots:
            slack.workspace.say("general", "reply", user="bob", thread_ts=root.ts)
        await stage.until(lambda: len(stage.told.live) == 120)
    slack.clock.advance(30)
    await ran_once(slack, store)
    read = len(slack.faults.calls_of("conversations.replies"))
    with slack.workspace.unheard():
        slack.workspace.say("general", "missed", user="ada", thread_ts=roots[0].ts)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["missed"])
        await stage.caught_up()
        assert len(slack.faults.calls_of("conversations.replies")) == read + 1


@pytest.mark.parametrize("code", ["team_added_to_org", "invalid_cursor", "a_code_that_nobody_knows"])
async def test_a_refusal_that_may_pass_loses_nothing_and_holds_up_no_other_channel(
    slack: SimulatedSlack, store: MemoryStore, code: str
) -> None:
    slack.workspace.invite_bot("random")
    await ran_once(slack, store, "general", "random")
    say_unheard(slack, "one")
    say_unheard(slack, "two", channel="random")
    general = slack.workspace.channel("general").id
    fault = slack.faults.answer("conversations.history", error=code, times=None, match={"channel": general})
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["two"])
        assert stage.backfill.waiting == 1
        slack.faults.remove(fault)
        await stage.until(lambda: stage.told.recovered == ["two", "one"])
        await stage.caught_up()


async def test_a_thread_that_is_refused_costs_nothing_else(
    slack: SimulatedSlack, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    await ran_once(slack, store)
    with slack.workspace.unheard():
        root = slack.workspace.say("general", "root", user="ada")
        slack.workspace.say("general", "reply", user="bob", thread_ts=root.ts)
    say_unheard(slack, "plain")
    slack.faults.answer("conversations.replies", error="access_denied", times=1)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["root", "plain"])
        await stage.caught_up()
    assert any(root.ts in text and "access_denied" in text for text in caplog.messages)


async def test_a_parent_tells_of_replies_newer_than_the_watermark(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store, tuning=QUICK) as stage:
        await stage.watched("general")
        await stage.caught_up()
        slack.faults.close_sockets(abrupt=True)
        with slack.workspace.unheard():
            parent = slack.workspace.say("general", "parent", user="ada")
            slack.workspace.say("general", "child", user="bob", thread_ts=parent.ts)
        await stage.until(lambda: stage.told.recovered == ["parent", "child"])


async def test_more_than_a_page_is_told_in_order(slack: SimulatedSlack, store: MemoryStore) -> None:
    await ran_once(slack, store)
    said = [f"message {number}" for number in range(1050)]
    say_unheard(slack, *said)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: len(stage.told.recovered) == 1050)
        await stage.caught_up()
        assert stage.told.recovered == said
        assert len(slack.faults.calls_of("conversations.history")) > 6


async def test_a_channel_that_cannot_be_read_is_named_once_and_the_others_are_read(
    slack: SimulatedSlack, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.invite_bot("incidents")
    await ran_once(slack, store, "general", "incidents")
    say_unheard(slack, "public")
    say_unheard(slack, "private", channel="incidents")
    slack.faults.take_scopes("groups:history")
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["public"])
        await stage.caught_up()
        await break_and_return(stage)
    incidents = slack.workspace.channel("incidents").id
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    (warning,) = [text for text in warnings if incidents in text]
    assert "groups:history" in warning


async def test_an_outage_while_reading_is_waited_for_and_holds_up_no_other_channel(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    slack.workspace.invite_bot("random")
    await ran_once(slack, store, "general", "random")
    say_unheard(slack, "one")
    say_unheard(slack, "two", channel="random")
    general = slack.workspace.channel("general").id
    fault = slack.faults.server_error("conversations.history", times=None, match={"channel": general})
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["two"])
        assert stage.backfill.waiting == 1
        slack.faults.remove(fault)
        await stage.until(lambda: stage.told.recovered == ["two", "one"])
        await stage.caught_up()


async def test_a_limit_while_reading_is_waited_for(slack: SimulatedSlack, store: MemoryStore) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "one")
    slack.faults.answer("conversations.history", retry_after=1, times=1)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["one"])


async def test_a_crash_in_the_middle_of_a_fill_has_the_rest_told_by_the_next_process(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    said = [f"message {number}" for number in range(6)]
    say_unheard(slack, *said)
    async with backfilling(slack, store, stop_after=2) as first:
        await first.until(lambda: len(first.told.offered) > 2)
        slack.clock.advance(200)
        # The next answer of Slack tells the date.
        await first.membership.find_again()
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
    async with backfilling(slack, store) as second:
        await second.until(lambda: len(second.told.recovered) == 4)
        await second.caught_up()
    assert first.told.texts + second.told.texts == said


async def test_what_is_said_during_a_fill_is_told_live_and_once(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "missed")
    slack.faults.delay("conversations.history", 0.2)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: len(slack.faults.calls_of("conversations.history")) > 0)
        slack.workspace.say("general", "live", user="bob")
        await stage.until(lambda: stage.told.live == ["live"])
        assert stage.told.recovered == []
        await stage.until(lambda: stage.told.recovered == ["missed"])
        await stage.caught_up()
        assert "live" in stage.told.offered
        assert stage.told.texts == ["live", "missed"]


async def test_a_channel_joined_while_the_process_was_down_is_read_from_its_joining(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "before the invitation", channel="random")
    with slack.workspace.unheard():
        slack.workspace.invite_bot("random")
    say_unheard(slack, "after the invitation", channel="random")
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["after the invitation"]


async def test_a_channel_joined_while_the_process_was_down_is_read_from_its_joining_after_a_crash_too(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "before the invitation", channel="random")
    with slack.workspace.unheard():
        slack.workspace.invite_bot("random")
    say_unheard(slack, "after the invitation", channel="random")
    fault = slack.faults.server_error("conversations.history", times=None)
    async with backfilling(slack, store) as stage:
        await stage.watched("random")
    slack.faults.remove(fault)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["after the invitation"]


async def test_a_channel_joined_during_a_gap_is_found_and_read_from_its_joining(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        say_unheard(slack, "before the invitation", channel="random")
        slack.faults.close_sockets(abrupt=True)
        with slack.workspace.unheard():
            slack.workspace.invite_bot("random")
        say_unheard(slack, "after the invitation", channel="random")
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["after the invitation"]
        assert slack.workspace.channel("random").id in stage.membership.wanted


async def test_channels_that_are_known_are_read_while_slack_does_not_say_which_there_are(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "at the start")
    fault = slack.faults.server_error("users.conversations", times=None)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["at the start"])
        slack.faults.close_sockets(abrupt=True)
        await stage.until(lambda: not stage.receiver.status().ready)
        say_unheard(slack, "in a gap")
        await stage.until(lambda: stage.told.recovered == ["at the start", "in a gap"])
        with slack.workspace.unheard():
            slack.workspace.invite_bot("random")
        say_unheard(slack, "in a channel that is found later", channel="random")
        slack.faults.remove(fault)
        await stage.until(lambda: "in a channel that is found later" in stage.told.recovered)


async def test_a_live_invitation_begins_a_watermark_and_has_nothing_read(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        read = len(slack.faults.calls_of("conversations.history"))
        slack.workspace.invite_bot("random")
        await stage.watched("random")
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        assert len(slack.faults.calls_of("conversations.history")) == read


async def test_a_channel_that_was_left_has_no_watermark(slack: SimulatedSlack, store: MemoryStore) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        # The event of the invitation may still be on its way.
        await stage.until(lambda: not slack.faults.unacknowledged)
        await stage.membership.left_by_command(slack.workspace.channel("general").id)
        await stage.marked(lambda channels: not channels)


async def test_a_channel_that_the_bot_was_removed_from_unseen_is_watched_no_longer(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    slack.workspace.invite_bot("incidents")
    await ran_once(slack, store, "general", "incidents")
    with slack.workspace.unheard():
        slack.workspace.kick_bot("incidents")
    general = slack.workspace.channel("general").id
    async with backfilling(slack, store) as stage:
        await stage.caught_up()
        await stage.marked(lambda channels: channels == {general})


async def test_direct_messages_are_read_once_one_was_received(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    direct, _ = slack.workspace.open_direct(["ada"])
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        stage.backfill.heard(direct.id)
        await stage.marked(lambda channels: direct.id in channels)
    slack.clock.advance(30)
    say_unheard(slack, "psst", channel=direct.id)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["psst"])


async def test_what_is_too_old_is_not_told(slack: SimulatedSlack, store: MemoryStore) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "two hours old")
    slack.clock.advance(2 * 3600)
    say_unheard(slack, "fresh")
    async with backfilling(slack, store, hours=1) as stage:
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["fresh"]


async def test_only_what_somebody_else_wrote_is_told(slack: SimulatedSlack, store: MemoryStore) -> None:
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        slack.workspace.say("general", "as it was", user="ada")
        await stage.until(lambda: stage.told.live == ["as it was"])
    old = slack.workspace.messages("general")[-1]
    with slack.workspace.unheard():
        slack.workspace.edit("general", old.ts, "as it is")
        slack.workspace.join("general", "carol")
        slack.workspace.set_topic("general", "another topic", by="ada")
        slack.workspace.say("general", "my own", user=slack.bot_user_id)
        slack.workspace.say("general", "a person's", user="ada")
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["a person's"]


@pytest.mark.parametrize("seconds", [-7200.0, 7200.0])
async def test_the_date_that_counts_is_slacks(
    slack: SimulatedSlack, store: MemoryStore, seconds: float
) -> None:
    slack.faults.skew(seconds)
    say_unheard(slack, "before the first start")
    slack.clock.advance(30)
    await ran_once(slack, store)
    say_unheard(slack, "missed")
    async with backfilling(slack, store, hours=1) as stage:
        await stage.until(lambda: bool(stage.told.recovered))
        await stage.caught_up()
        assert stage.told.texts == ["missed"]


async def test_watermarks_of_a_date_that_was_ahead_are_not_believed(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    skew = slack.faults.skew(7200.0)
    await ran_once(slack, store)
    slack.faults.remove(skew)
    say_unheard(slack, "in the downtime")
    slack.clock.advance(600)
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.told.recovered == ["in the downtime"])
        await stage.caught_up()
        await asyncio.sleep(3 * QUICK.heartbeat_seconds)
        assert all(mark.since < slack.clock.now().timestamp() for mark in await store.watermarks())
        await break_and_return(stage)
    assert stage.told.texts == ["in the downtime"]


async def test_a_jump_of_the_date_is_taken_for_a_gap(slack: SimulatedSlack, store: MemoryStore) -> None:
    async with backfilling(slack, store, tuning=replace(QUICK, pause_seconds=30.0)) as stage:
        await stage.watched("general")
        await stage.caught_up()
        say_unheard(slack, "while the machine slept")
        slack.clock.advance(600)
        # The next answer of Slack tells the date.
        await stage.membership.find_again()
        await stage.until(lambda: stage.told.recovered == ["while the machine slept"])


async def test_while_the_store_cannot_be_written_nothing_is_read(slack: SimulatedSlack) -> None:
    store = TroubledStore(SystemClock())
    await ran_once(slack, store)
    say_unheard(slack, "missed")
    store.problem = "the disk is full"
    read = len(slack.faults.calls_of("conversations.history"))
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.receiver.status().ready and stage.backfill.waiting == 1)
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        assert len(slack.faults.calls_of("conversations.history")) == read
        store.problem = ""
        await stage.until(lambda: stage.told.recovered == ["missed"])
        await stage.caught_up()


async def test_what_a_store_in_trouble_may_not_have_kept_is_read_again(slack: SimulatedSlack) -> None:
    store = TroubledStore(SystemClock())
    await ran_once(slack, store)
    say_unheard(slack, "missed")
    async with backfilling(slack, store) as stage:
        stage.told.on_offered = lambda: setattr(store, "problem", "the disk is full")
        await stage.until(lambda: stage.told.offered == ["missed"])
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        assert stage.backfill.waiting == 1
        stage.told.on_offered = lambda: None
        store.problem = ""
        await stage.caught_up()
        assert stage.told.offered == ["missed", "missed"]
        assert stage.told.recovered == ["missed"]


async def test_the_watermarks_of_what_was_not_read_yet_stand_still(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    slack.workspace.invite_bot("random")
    await ran_once(slack, store, "general", "random")
    before = {mark.channel: mark.since for mark in await store.watermarks()}
    general, random = (slack.workspace.channel(name).id for name in ("general", "random"))
    slack.faults.server_error("conversations.history", times=None, match={"channel": general})
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: stage.backfill.waiting == 1)
        await asyncio.sleep(5 * QUICK.heartbeat_seconds)
        after = {mark.channel: mark.since for mark in await store.watermarks()}
    assert after[general] == before[general]
    assert after[random] > before[random]


async def test_zero_hours_switch_it_off(slack: SimulatedSlack, store: MemoryStore) -> None:
    await ran_once(slack, store)
    say_unheard(slack, "missed")
    read = len(slack.faults.calls_of("conversations.history"))
    async with backfilling(slack, store, hours=0) as stage:
        await stage.until(lambda: stage.receiver.status().ready and stage.membership.is_settled)
        await stage.running[2]
        slack.workspace.say("general", "live", user="ada")
        await stage.until(lambda: stage.told.texts == ["live"])
        stage.running.pop()
    assert len(slack.faults.calls_of("conversations.history")) == read


async def test_what_was_said_while_it_was_off_is_not_told_once_it_is_on_again(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    await ran_once(slack, store)
    async with backfilling(slack, store, hours=0) as stage:
        await stage.until(lambda: stage.receiver.status().ready)
        await stage.running.pop(2)
        assert await store.watermarks() == []
    say_unheard(slack, "while it was off")
    slack.clock.advance(30)
    async with backfilling(slack, store) as stage:
        await stage.watched("general")
        await stage.caught_up()
        say_unheard(slack, "while it was on")
        await break_and_return(stage)
        assert stage.told.texts == ["while it was on"]


async def test_several_connections_with_one_that_dies_lose_nothing(
    slack: SimulatedSlack, store: MemoryStore
) -> None:
    async with backfilling(slack, store, connections=3) as stage:
        await stage.watched("general")
        await stage.until(lambda: slack.faults.open_sockets == 3)
        await stage.caught_up()
        slack.faults.go_silent()
        said = [f"message {number}" for number in range(20)]
        for text in said:
            slack.workspace.say("general", text, user="ada")
        await stage.until(lambda: len(stage.told.texts) == 20)
        await stage.caught_up()
        assert sorted(stage.told.texts) == sorted(said)


async def test_a_fill_is_one_line_for_the_operator(
    slack: SimulatedSlack, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await ran_once(slack, store)
    caplog.clear()
    say_unheard(slack, "one", "two")
    async with backfilling(slack, store) as stage:
        await stage.until(lambda: len(stage.told.recovered) == 2)
        await stage.caught_up()
    (line,) = [record for record in caplog.records if record.name == "pack.delivery.backfill"]
    assert (line.levelno, vars(line)["channels"], vars(line)["messages"]) == (logging.INFO, 1, 2)
