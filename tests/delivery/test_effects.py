"""Effects: each step of an action happens once, whatever becomes of the calls for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from pack.clock import Clock, SystemClock
from pack.contracts.ports import Action
from pack.contracts.storing import ActionStage, Effect, EffectState, Record
from pack.delivery.effects import Undertaking
from pack.delivery.outcomes import AlreadyDone, ByMetadata, NoCheck, OutcomeCheck
from pack.delivery.undertaking import resume
from pack.errors import CommandFailed, SlackRateLimited, SlackRefused, SlackUnavailable
from pack.state.memory import MemoryStore
from tests.clock import FakeClock
from tests.delivery.effecting import HISTORY, POST, REPLIES, Rig, open_rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


FAULTS = {
    "503": ("server_error", {}),
    "500": ("server_error", {"status": 500}),
    "no JSON": ("garble", {}),
    "connection lost": ("drop", {}),
    "no answer": ("timeout", {}),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_message_whose_answer_is_lost_is_looked_up_and_not_sent_again(rig: Rig, fault: str) -> None:
    name, more = FAULTS[fault]
    getattr(rig.slack.faults, name)(POST, after=True, **more)
    undertaking = await rig.begin()
    answer = await rig.post(undertaking, "once")
    assert rig.said() == ["once"]
    (message,) = [one for one in rig.slack.workspace.messages("general") if one.text == "once"]
    assert (answer["ok"], answer["channel"], answer["ts"]) == (True, rig.id_of("general"), message.ts)
    assert answer["message"]["text"] == "once"
    assert len(rig.calls(POST)) == len(rig.calls(HISTORY)) == 1
    effect = await rig.effect_of(undertaking)
    assert (effect.state, effect.attempts, effect.answer) == (EffectState.SENT, 1, answer)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_message_that_did_not_arrive_is_sent_again_once(rig: Rig, fault: str) -> None:
    name, more = FAULTS[fault]
    getattr(rig.slack.faults, name)(POST, **more)
    undertaking = await rig.begin()
    answer = await rig.post(undertaking, "once")
    assert rig.said() == ["once"]
    assert answer["message"]["text"] == "once"
    effect = await rig.effect_of(undertaking)
    assert (effect.state, effect.attempts) == (EffectState.SENT, 2)


async def test_a_message_that_lands_late_but_while_settling_is_not_sent_again() -> None:
    async with open_rig(SystemClock(), timeout_seconds=0.1, settling_seconds=0.6) as rig:
        rig.slack.faults.timeout(POST, lands_after=0.4)
        await rig.post(await rig.begin(), "late")
        assert rig.said() == ["late"]
        assert len(rig.calls(POST)) == 1


async def test_nothing_is_looked_up_before_it_has_settled() -> None:
    clock = FakeClock()
    async with open_rig(clock, settling_seconds=10) as rig:
        rig.slack.faults.drop(POST, after=True)
        posting = asyncio.create_task(rig.post(await rig.begin(), "once"))
        await rig.until(lambda: clock.sleepers)
        await clock.advance(9.9)
        assert rig.calls(HISTORY) == []
        await clock.advance(0.2)
        await asyncio.wait_for(posting, 5)
        assert len(rig.calls(HISTORY)) == 1


async def test_what_an_earlier_process_left_settles_though_this_one_waited_long_for_its_end() -> None:
    clock = FakeClock()
    async with open_rig(clock, settling_seconds=10) as rig:
        await clock.advance(60)
        suspect = await rig.begin(suspect_since=rig.web.date())
        posting = asyncio.create_task(rig.post(suspect, "once"))
        await rig.until(lambda: clock.sleepers)
        await clock.advance(9.9)
        assert rig.calls(HISTORY) == []
        await clock.advance(0.2)
        await asyncio.wait_for(posting, 5)
        assert len(rig.calls(HISTORY)) == 1


async def test_what_was_answered_is_not_looked_up(rig: Rig) -> None:
    await rig.post(await rig.begin(), "once")
    rig.slack.faults.storm(POST, times=2)
    await rig.post(await rig.begin(), "after a limit")
    assert rig.calls(HISTORY) == []
    assert rig.said() == ["once", "after a limit"]


async def test_what_did_not_reach_slack_is_tried_again_without_a_look(rig: Rig) -> None:
    undertaking = await rig.begin()
    await rig.slack.stop()
    posting = asyncio.create_task(rig.post(undertaking, "once"))
    await rig.until(lambda: "post" in undertaking.effects and undertaking.effects["post"].attempts > 1)
    assert await rig.state_of(undertaking) in (EffectState.WAITING, EffectState.SENDING)
    await rig.slack.start()
    await posting
    assert rig.said() == ["once"]
    assert rig.calls(HISTORY) == []


async def test_what_does_not_reach_slack_for_too_long_is_refused_and_stays_so(rig: Rig) -> None:
    undertaking = await rig.begin()
    await rig.slack.stop()
    with pytest.raises(SlackUnavailable, match="cannot be reached"):
        await rig.post(undertaking, "never")
    await rig.slack.start()
    assert await rig.state_of(undertaking) is EffectState.REFUSED
    with pytest.raises(SlackUnavailable, match="cannot be reached"):
        await rig.post(await rig.resume(undertaking), "never")
    assert rig.said() == []


async def test_a_limit_for_too_long_is_refused(rig: Rig) -> None:
    rig.slack.faults.storm(POST, retry_after=400)
    undertaking = await rig.begin()
    with pytest.raises(SlackRateLimited):
        await rig.post(undertaking, "never")
    assert await rig.state_of(undertaking) is EffectState.REFUSED


async def test_a_server_that_never_answers_is_given_up_after_several_looks(rig: Rig) -> None:
    rig.slack.faults.server_error(POST, times=None)
    with pytest.raises(SlackUnavailable, match="was not carried out"):
        await rig.post(await rig.begin(), "never")
    assert len(rig.calls(POST)) == len(rig.calls(HISTORY)) >= 3
    assert rig.said() == []


async def test_a_wait_that_comes_with_a_5xx_is_kept_to() -> None:
    clock = FakeClock(jump=True)
    async with open_rig(clock, settling_seconds=1) as rig:
        rig.slack.faults.answer(POST, status=503, retry_after=60)
        await rig.post(await rig.begin(), "once")
        assert clock.monotonic() >= 60
        assert rig.said() == ["once"]


# --- a rerun ---


async def test_a_rerun_gets_the_stored_answers(rig: Rig) -> None:
    undertaking = await rig.begin()
    answer = await rig.post(undertaking, "once")
    rig.restart()
    assert await rig.post(await rig.resume(undertaking), "once") == answer
    assert rig.said() == ["once"]


async def test_a_rerun_gets_the_stored_refusal() -> None:
    async with open_rig(timeout_seconds=5) as rig:
        undertaking = await rig.begin()
        with pytest.raises(SlackRefused, match="not_in_channel"):
            await rig.post(undertaking, "m", channel="deployments")
        rig.slack.workspace.invite_bot("deployments")
        with pytest.raises(SlackRefused, match="not_in_channel") as caught:
            await rig.post(await rig.resume(undertaking), "m", channel="deployments")
        assert caught.value.code == "not_in_channel"
        assert len(rig.calls(POST)) == 1


@pytest.mark.parametrize("landed", [True, False])
async def test_what_was_under_way_when_the_process_ended_is_looked_up(rig: Rig, landed: bool) -> None:
    undertaking = await rig.begin()
    rig.slack.faults.timeout(POST, after=landed)
    posting = asyncio.create_task(rig.post(undertaking, "once"))
    await rig.until(lambda: rig.calls(POST))
    await asyncio.sleep(0.02)
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting
    assert await rig.state_of(undertaking) is EffectState.SENDING
    rig.restart()
    resumed = await rig.resume(undertaking)
    await rig.post(resumed, "once")
    assert rig.said() == ["once"]
    effort = resumed.effort()
    assert effort
    assert effort.attempts == (1 if landed else 2)


async def test_what_was_cancelled_before_its_call_leaves_nothing() -> None:
    async with open_rig(FakeClock()) as rig:
        rig.slack.faults.storm(POST, retry_after=50, times=1)
        first, second = await rig.begin(), await rig.begin()
        waiting = asyncio.create_task(rig.post(first, "first"))
        await rig.until(lambda: rig.calls(POST) and first.effects["post"].state is EffectState.WAITING)
        held = asyncio.create_task(rig.post(second, "second"))
        await asyncio.sleep(0.02)
        for task in (held, waiting):
            task.cancel()
        await asyncio.gather(held, waiting, return_exceptions=True)
        assert await rig.state_of(first) is EffectState.WAITING
        record = await rig.store.load(second.action_id)
        assert record
        assert record.effects == {}
        rig.restart()
        await rig.post(await rig.resume(first), "first")
        assert rig.said() == ["first"]
        assert rig.calls(HISTORY) == []


@pytest.mark.parametrize("landed", [True, False])
async def test_an_action_of_a_lost_journal_is_looked_up_first(rig: Rig, landed: bool) -> None:
    since = rig.web.date()
    earlier = await rig.begin()
    if landed:
        await rig.post(earlier, "once")
    rig.restart()
    suspect = await rig.begin()
    suspect.action_id, suspect.suspect_since = earlier.action_id, since
    await rig.post(suspect, "once")
    assert rig.said() == ["once"]
    assert len(rig.calls(HISTORY)) == 1
    effort = suspect.effort()
    assert effort
    assert effort.attempts == 1


async def test_one_read_tells_of_all_that_an_earlier_process_left_in_a_channel(rig: Rig) -> None:
    since = rig.web.date()
    earlier = [await rig.begin() for _ in range(20)]
    for number, undertaking in enumerate(earlier[:10]):
        await rig.post(undertaking, f"message {number}")
    rig.restart()
    for number, undertaking in enumerate(earlier):
        undertaking.effects = {}
        undertaking.suspect_since = since + number / 1000
        await rig.post(undertaking, f"message {number}")
    assert rig.said() == [f"message {number}" for number in range(20)]
    assert len(rig.calls(HISTORY)) == 1


async def test_those_that_look_at_the_same_time_share_a_read(rig: Rig) -> None:
    since = rig.web.date()
    suspects = [await rig.begin(suspect_since=since) for _ in range(5)]
    await asyncio.gather(*(rig.post(one, f"message {at}") for at, one in enumerate(suspects)))
    assert sorted(rig.said()) == [f"message {number}" for number in range(5)]
    assert len(rig.calls(HISTORY)) == 1


async def test_a_later_loss_in_the_channel_is_looked_up_in_a_later_read(rig: Rig) -> None:
    for text in ("first", "second"):
        rig.slack.faults.drop(POST, after=True)
        await rig.post(await rig.begin(), text)
    assert rig.said() == ["first", "second"]
    assert len(rig.calls(HISTORY)) == 2


async def test_steps_of_one_action_are_told_apart(rig: Rig) -> None:
    undertaking = await rig.begin()
    rig.slack.faults.drop(POST, times=2, after=True)
    names = ("general", "random")
    await asyncio.gather(*(rig.post(undertaking, "all", channel=one, step=f"post:{one}") for one in names))
    rig.restart()
    resumed = await rig.resume(undertaking)
    await asyncio.gather(*(rig.post(resumed, "all", channel=one, step=f"post:{one}") for one in names))
    assert rig.said("general") == rig.said("random") == ["all"]
    effort = resumed.effort()
    assert effort
    assert effort.attempts == 2


async def test_what_was_sent_twice_with_the_same_text_is_told_apart(rig: Rig) -> None:
    await rig.post(await rig.begin(), "the same")
    rig.slack.faults.drop(POST)
    await rig.post(await rig.begin(), "the same")
    assert rig.said() == ["the same", "the same"]


# --- who said it ---


async def post_as(rig: Rig, token: str, **arguments: Any) -> None:
    """Post as another owner of a token does."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        answer = await session.post(f"{rig.slack.api_url}chat.postMessage", json=arguments)
        assert (await answer.json())["ok"] is True


async def test_a_copy_by_somebody_else_is_not_taken_for_ours(rig: Rig) -> None:
    suspect = await rig.begin(suspect_since=rig.web.date())
    metadata = {"event_type": "x", "event_payload": {"flyte_slack_effect": f"{suspect.action_id}/post"}}
    token = rig.slack.issue_user_token("ada")
    await post_as(rig, token, channel=rig.id_of("general"), text="a copy", metadata=metadata)
    await rig.post(suspect, "mine")
    assert rig.said() == ["mine"]


async def test_a_message_under_another_name_is_found(rig: Rig) -> None:
    rig.slack.faults.drop(POST, after=True)
    answer = await rig.post(await rig.begin(), "once", username="Postman", icon_emoji=":mailbox:")
    assert answer["message"]["username"] == "Postman"
    texts = [one.text for one in rig.slack.workspace.messages("general")]
    assert texts.count("once") == 1


# --- where it was said ---


@pytest.mark.parametrize("landed", [True, False])
async def test_an_answer_in_a_thread_is_looked_for_there(rig: Rig, landed: bool) -> None:
    root = rig.slack.workspace.say("general", "root", user="ada")
    rig.slack.faults.drop(POST, after=landed)
    answer = await rig.post(await rig.begin(), "reply", thread_ts=root.ts)
    assert rig.said() == ["reply"]
    assert answer["message"]["thread_ts"] == root.ts
    assert [call["ts"] for call in rig.calls(REPLIES)] == [root.ts]
    assert rig.calls(HISTORY) == []


async def post_by_name(rig: Rig, undertaking: Undertaking, text: str) -> None:
    await rig.effects.run(undertaking, "post", POST, {"channel": "#general", "text": text})


async def test_a_channel_is_found_by_its_name_as_patiently_as_its_history_is_read(rig: Rig) -> None:
    suspect = await rig.begin()
    rig.slack.faults.drop(POST, after=True)
    rig.slack.faults.answer("conversations.list", error="fatal_error", times=30)
    await post_by_name(rig, suspect, "once")
    assert rig.said() == ["once"]
    assert len(rig.calls("conversations.list")) > 5


async def test_a_channel_that_is_younger_than_the_list_is_found_by_its_name(rig: Rig) -> None:
    for name in ("random", "fresh"):
        if name == "fresh":
            rig.slack.workspace.add_channel(name)
            rig.slack.workspace.invite_bot(name)
        rig.slack.faults.drop(POST, after=True)
        arguments = {"channel": f"#{name}", "text": "once"}
        await rig.effects.run(await rig.begin(), "post", POST, arguments)
        assert rig.said(name) == ["once"]
    assert len(rig.calls("conversations.list")) == 2


async def test_a_name_that_no_channel_has_is_not_looked_for_for_ever(rig: Rig) -> None:
    rig.slack.faults.drop(POST, after=True)
    with pytest.raises(CommandFailed, match="channel_not_found"):
        await rig.effects.run(await rig.begin(), "post", POST, {"channel": "#nowhere", "text": "x"})
    assert len(rig.calls("conversations.list")) == 2


async def test_a_long_history_is_read_to_its_end() -> None:
    clock = FakeClock()
    async with open_rig(clock) as rig:
        rig.slack.faults.drop(POST)
        posting = asyncio.create_task(rig.post(await rig.begin(), "once"))
        await rig.until(lambda: clock.sleepers)
        for number in range(2_500):
            rig.slack.workspace.say("general", str(number), user="ada")
        while not posting.done():
            await clock.advance(1)
        assert rig.said() == ["once"]
        assert len(rig.calls(HISTORY)) == 3


async def test_a_channel_by_its_name_is_found(rig: Rig) -> None:
    rig.slack.faults.drop(POST, after=True)
    answer = await rig.effects.run(await rig.begin(), "post", POST, {"channel": "#general", "text": "once"})
    assert answer["channel"] == rig.id_of("general")
    assert rig.said() == ["once"]


@pytest.mark.parametrize("landed", [True, False])
async def test_a_direct_message_is_found_by_the_user(rig: Rig, landed: bool) -> None:
    user = rig.slack.workspace.user("ada").id
    rig.slack.faults.drop(POST, after=landed)
    answer = await rig.effects.run(await rig.begin(), "post", POST, {"channel": user, "text": "psst"})
    assert answer["channel"].startswith("D")
    assert rig.said(answer["channel"]) == ["psst"]


# --- when nobody can tell ---


@pytest.mark.parametrize(("landed", "copies"), [(True, 2), (False, 1)])
async def test_where_history_cannot_be_read_it_is_sent_again(rig: Rig, landed: bool, copies: int) -> None:
    rig.slack.faults.take_scopes("channels:history")
    rig.slack.faults.drop(POST, after=landed)
    await rig.post(await rig.begin(), "at least once")
    assert rig.said() == ["at least once"] * copies


async def test_where_history_cannot_be_read_it_is_reported_when_that_is_wanted(rig: Rig) -> None:
    rig.restart(unknown_outcome="report")
    rig.slack.faults.take_scopes("channels:history")
    rig.slack.faults.drop(POST, after=True)
    undertaking = await rig.begin()
    with pytest.raises(CommandFailed, match="channels:history") as caught:
        await rig.post(undertaking, "perhaps")
    assert caught.value.code == "outcome_unknown"
    assert "look in Slack" in str(caught.value)
    assert rig.said() == ["perhaps"]
    with pytest.raises(CommandFailed) as caught:
        await rig.post(await rig.resume(undertaking), "perhaps")
    assert caught.value.code == "outcome_unknown"
    assert len(rig.calls(POST)) == 1


async def test_history_that_slack_does_not_give_for_a_while_is_waited_for(rig: Rig) -> None:
    rig.restart(unknown_outcome="report")
    rig.slack.faults.storm(HISTORY, retry_after=20, times=2)
    rig.slack.faults.server_error(HISTORY, times=3)
    rig.slack.faults.drop(POST, after=True)
    await rig.post(await rig.begin(), "once")
    assert rig.said() == ["once"]
    assert len(rig.calls(HISTORY)) == 6


async def test_history_that_slack_never_gives_is_given_up(rig: Rig) -> None:
    rig.restart(unknown_outcome="report")
    rig.slack.faults.server_error(HISTORY, times=None)
    rig.slack.faults.drop(POST, after=True)
    with pytest.raises(CommandFailed, match=HISTORY) as caught:
        await rig.post(await rig.begin(), "perhaps")
    assert caught.value.code == "outcome_unknown"


async def test_no_check_is_the_settings_to_decide(rig: Rig) -> None:
    rig.slack.faults.drop(POST)
    await rig.post(await rig.begin(NoCheck()), "once")
    rig.restart(unknown_outcome="report")
    rig.slack.faults.drop(POST)
    with pytest.raises(CommandFailed) as caught:
        await rig.post(await rig.begin(NoCheck()), "never")
    assert caught.value.code == "outcome_unknown"
    assert rig.said() == ["once"]


async def test_a_message_in_doubt_that_slack_cannot_be_told_again_is_unknown(rig: Rig) -> None:
    rig.slack.faults.take_scopes("channels:history")
    rig.slack.faults.drop(POST)
    rig.slack.faults.storm(POST, retry_after=400)
    with pytest.raises(CommandFailed) as caught:
        await rig.post(await rig.begin(), "perhaps")
    assert caught.value.code == "outcome_unknown"


# --- metadata that Slack does not take ---


async def test_too_much_metadata_goes_without_ours_and_is_not_readable(rig: Rig) -> None:
    theirs = {"event_type": "theirs", "event_payload": {"text": "x" * 16_360}}
    undertaking = await rig.begin()
    answer = await rig.post(undertaking, "once", metadata=theirs)
    assert rig.slack.workspace.message(answer["channel"], answer["ts"]).metadata == theirs
    effect = await rig.effect_of(undertaking)
    assert (effect.readable, effect.attempts) == (False, 2)
    assert rig.said() == ["once"]


@pytest.mark.parametrize("code", ["invalid_metadata_schema", "metadata_must_be_sent_from_app"])
async def test_metadata_that_is_refused_altogether_is_left_out(rig: Rig, code: str) -> None:
    rig.slack.faults.answer(POST, error=code)
    undertaking = await rig.begin()
    await rig.post(undertaking, "once")
    assert [set(call) for call in rig.calls(POST)] == [{"channel", "text", "metadata"}, {"channel", "text"}]
    assert not (await rig.effect_of(undertaking)).readable


async def test_a_callers_bad_metadata_is_the_callers_refusal(rig: Rig) -> None:
    with pytest.raises(SlackRefused, match="invalid_metadata_format"):
        await rig.post(await rig.begin(), "never", metadata={"event_type": 5})
    assert len(rig.calls(POST)) == 1


async def test_a_message_without_our_metadata_cannot_be_looked_up(rig: Rig) -> None:
    rig.restart(unknown_outcome="report")
    rig.slack.faults.answer(POST, error="metadata_too_large")
    rig.slack.faults.timeout(POST)
    with pytest.raises(CommandFailed) as caught:
        await rig.post(await rig.begin(), "perhaps")
    assert caught.value.code == "outcome_unknown"
    assert rig.calls(HISTORY) == []


# --- what it took ---


@pytest.mark.parametrize("check", [ByMetadata(), AlreadyDone()])
async def test_the_effort_counts_calls_and_the_time_until_the_last(check: OutcomeCheck) -> None:
    clock = FakeClock(jump=True)
    async with open_rig(clock) as rig:
        undertaking = await rig.begin(check)
        assert undertaking.effort() is None
        await clock.sleep(2.5)
        rig.slack.faults.storm("conversations.join", retry_after=7, times=1)
        await rig.effects.run(
            undertaking, "join", "conversations.join", {"channel": rig.id_of("deployments")}
        )
        effort = undertaking.effort()
        assert effort
        assert effort.attempts == 2
        assert effort.waited_seconds is not None
        assert 9.5 <= effort.waited_seconds < 11


class StoreOnASlowDisk(MemoryStore):
    """A store whose writes are on disk when a test says so."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.on_disk = asyncio.Event()

    async def save_effect(self, effect: Effect) -> None:
        self.note_effect(effect)
        await self.on_disk.wait()


async def test_slack_is_not_called_before_it_is_on_disk_that_it_will_be(rig: Rig) -> None:
    rig.store = store = StoreOnASlowDisk(rig.clock)
    rig.restart()
    posting = asyncio.create_task(rig.post(await rig.begin(), "once"))
    await asyncio.sleep(0.1)
    assert rig.calls(POST) == []
    store.on_disk.set()
    await posting
    assert rig.said() == ["once"]


async def test_what_an_earlier_process_could_not_note_is_looked_up_since_its_taking(rig: Rig) -> None:
    record = Record(Action("action1", "Test", {}, ""), "", ActionStage.TAKEN, 10_000.0, suspect_since=0.0)
    undertaking = resume(record, slack_ahead_seconds=-3600)
    assert undertaking.suspect_since == 10_000 - 3600 - 300
    noted = replace(record, suspect_since=None)
    assert resume(noted, slack_ahead_seconds=-3600).suspect_since is None
