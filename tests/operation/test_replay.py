"""Running failed commands again: what was done stays done, what was not is done, and the journal knows it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pack.contracts.ports import Event
from pack.contracts.storing import ActionStage, EffectState
from pack.operation.claims import LEASE_SECONDS, open_claims
from pack.operation.outcome import outcome_document, outcome_text
from pack.state.lock import JournalLock
from tests.operation.journals import Past, refused, sending, sent, written
from tests.operation.stage import POST, Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path / "backup") as stage:
        yield stage


def hello(stage: Stage, channel: str = "general", text: str = "hello") -> dict[str, Any]:
    return {"channelId": stage.id_of(channel), "message": text, "mine": 7}


async def test_a_refused_message_is_sent_and_the_journal_knows_that_it_succeeded(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    outcome = await stage.replay()
    assert stage.said() == ["hello"]
    assert outcome.succeeded
    assert outcome.result
    assert outcome.result.name == "MessageSent"
    assert outcome.result.payload["mine"] == 7
    assert [(one.step, one.done) for one in outcome.steps] == [("post", "sent")]
    entry = stage.entry()
    assert (entry.record.stage, entry.record.failed) == (ActionStage.REPORTED, False)
    assert (entry.event, entry.replays, entry.lease) == ("MessageSent", 1, None)
    assert entry.record.effects["post"].state is EffectState.SENT
    assert stage.engine.events == stage.engine.results == []


async def test_what_succeeded_in_a_replay_is_not_run_once_more(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    await stage.replay()
    again = await stage.replay()
    assert again.refusal == "f1 has succeeded, it ended as MessageSent; running it again would do it twice"
    assert stage.said() == ["hello"]


async def test_what_fails_again_is_told_and_can_be_run_once_more(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage, "incidents"), steps=(refused(code="is_archived"),)))
    outcome = await stage.replay()
    assert outcome.failed
    assert not outcome.succeeded
    assert outcome.result
    assert outcome.result.payload["errorCode"] == "channel_not_found"
    assert stage.entry().error_code == "channel_not_found"
    stage.slack.workspace.invite_bot("incidents", by="ada")
    assert (await stage.replay()).succeeded
    assert stage.said("incidents") == ["hello"]
    assert stage.entry().replays == 2


async def test_a_broadcast_is_sent_only_where_it_was_not(stage: Stage) -> None:
    general, random = stage.id_of("general"), stage.id_of("random")
    failed = [{"channelId": random, "error": "no", "errorCode": "ratelimited"}]
    payload = {"message": "all", "sent": [], "failed": failed, "error": "some", "errorCode": "ratelimited"}
    steps = (sent(f"post:{general}", channel=general, ts="5.000000"), refused(f"post:{random}"))
    stage.slack.workspace.invite_bot("deployments")
    stage.past(
        Past(
            "f1",
            command="Broadcast",
            channel="",
            input={"message": "all"},
            result=Event("BroadcastFailed", payload),
            steps=steps,
        )
    )
    outcome = await stage.replay()
    assert (stage.said(), stage.said("random"), stage.said("deployments")) == ([], ["all"], [])
    assert [(one.step, one.done) for one in outcome.steps] == sorted(
        [(f"post:{general}", "kept"), (f"post:{random}", "sent")]
    )
    assert outcome.result
    assert outcome.result.name == "BroadcastSent"
    assert {one["channelId"]: one["timestamp"] for one in outcome.result.payload["sent"]}[
        general
    ] == "5.000000"


async def test_channels_that_a_broadcast_did_not_come_to_are_taken_from_its_result(stage: Stage) -> None:
    random = stage.id_of("random")
    payload = {"sent": [], "failed": [{"channelId": random}, "odd", {"channelId": 5}], "error": "stopped"}
    past = Past("f1", command="Broadcast", channel="", input={"message": "all"})
    past.result = Event("BroadcastFailed", payload)
    stage.past(past)
    assert (await stage.replay()).succeeded
    assert (stage.said(), stage.said("random")) == ([], ["all"])


async def test_a_broadcast_that_reached_nobody_goes_to_where_the_bot_is_now(stage: Stage) -> None:
    payload = {"sent": [], "failed": [], "error": "in no channel", "errorCode": "no_channels"}
    past = Past("f1", command="Broadcast", channel="", input={"message": "all"})
    past.result = Event("BroadcastFailed", payload)
    stage.past(past)
    assert (await stage.replay()).succeeded
    assert (stage.said(), stage.said("random")) == (["all"], ["all"])


async def test_a_step_that_was_under_way_when_a_replay_was_broken_off_is_looked_up_and_not_sent_twice(
    stage: Stage,
) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    stage.slack.faults.timeout(POST, lands_after=0.01)
    replaying = asyncio.create_task(stage.replay())
    async with asyncio.timeout(5):
        while not stage.said():  # noqa: ASYNC110 - it is said in another task
            await asyncio.sleep(0.005)
    replaying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await replaying
    assert stage.entry().record.effects["post"].state is EffectState.SENDING
    outcome = await stage.replay()
    assert stage.said() == ["hello"]
    assert [(one.step, one.done) for one in outcome.steps] == [("post", "found")]
    assert outcome.result
    assert outcome.result.payload["timestamp"] == stage.slack.workspace.messages("general")[-1].ts


@pytest.mark.parametrize("code", ["outcome_unknown", "answer_lost"])
async def test_a_message_that_the_first_run_sent_late_is_found(stage: Stage, code: str) -> None:
    name = {"event_type": "flyte_slack", "event_payload": {"flyte_slack_effect": "f1/post"}}
    channel = stage.id_of("general")
    answer = await stage.web.call(POST, {"channel": channel, "text": "hello", "metadata": name})
    step = refused(code=code)
    step.refusal, step.sent_at = {"error": "CommandFailed", "code": code, "message": "?"}, float(answer["ts"])
    stage.past(Past("f1", input=hello(stage), steps=(step,)))
    outcome = await stage.replay()
    assert stage.said() == ["hello"]
    assert outcome.result
    assert outcome.result.payload["timestamp"] == answer["ts"]


async def test_what_nobody_can_look_up_is_sent_since_an_operator_wants_it(stage: Stage) -> None:
    stage.slack.faults.answer("conversations.history", error="missing_scope", times=None)
    stage.past(Past("f1", input=hello(stage), steps=(sending(),)))
    assert (await stage.replay()).succeeded
    assert stage.said() == ["hello"]


async def test_a_result_that_the_engine_did_not_take_is_made_again_without_sending(stage: Stage) -> None:
    general = stage.id_of("general")
    step = sent(channel=general, ts="7.000000")
    stage.past(
        Past("f1", ActionStage.ASIDE, input=hello(stage), steps=(step,), failed=False, reason="404: gone")
    )
    outcome = await stage.replay(emit=True)
    assert stage.calls() == []
    assert [(event.name, event.payload["timestamp"]) for event in stage.engine.events] == [
        ("MessageSent", "7.000000")
    ]
    assert outcome.emitted
    assert (stage.entry().record.stage, stage.entry().error) == (ActionStage.REPORTED, "")


async def test_the_event_is_told_as_one_of_the_pack_and_says_that_it_is_of_a_replay(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    outcome = await stage.replay(emit=True)
    (event,) = stage.engine.events
    assert event.name == "MessageSent"
    assert event.payload["replayed"] is True
    assert outcome.result
    assert event.payload == {**outcome.result.payload, "replayed": True}
    assert stage.engine.results == []


async def test_an_event_that_the_engine_did_not_take_can_be_told_by_another_replay(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    stage.engine.answer("event", 400)
    outcome = await stage.replay(emit=True)
    assert not outcome.succeeded
    assert outcome.emitted is False
    assert "400" in outcome.emit_problem
    assert stage.entry().is_failed
    again = await stage.replay(emit=True)
    assert again.succeeded
    assert [one.done for one in again.steps] == ["kept"]
    assert stage.said() == ["hello"]
    assert len(stage.engine.events) == 1


async def test_an_event_whose_answer_was_lost_is_not_told_twice_by_itself(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    stage.engine.answer("event", "lost")
    outcome = await stage.replay(emit=True)
    assert "it may have the event" in outcome.emit_problem
    assert len(stage.engine.events) == 1


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (None, "f1 is not in the journal"),
        (
            Past("f1", ActionStage.TAKEN),
            "f1 is unfinished, the pack goes on with it itself; it waits for its",
        ),
        (
            Past("f1", ActionStage.DONE),
            "f1 is unfinished, the pack goes on with it itself; it waits for the e",
        ),
        (Past("f1", failed=False), "f1 has succeeded"),
    ],
)
async def test_only_what_is_finished_and_failed_is_run_again(
    stage: Stage, past: Past | None, said: str
) -> None:
    if past:
        stage.past(past)
    outcome = await stage.replay()
    assert outcome.refusal.startswith(said)
    assert stage.calls() == []


async def test_of_two_replays_at_once_the_second_says_so(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    stage.slack.faults.delay(POST, 0.2)
    with open_claims(stage.claims.path, stage.clock) as others:
        first, second = await asyncio.gather(stage.replay(), stage.replay(claims=others))
    assert first.succeeded
    assert second.refusal.startswith("f1 is being run again already, by process ")
    assert stage.said() == ["hello"]
    assert stage.entry().replays == 1


async def test_a_claim_that_nobody_prolongs_ends_and_whoever_had_it_sends_nothing_more(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    with open_claims(stage.claims.path, stage.clock) as stopped:
        stopped.claim("f1")
        assert (await stage.replay()).refusal
        await stage.clock.sleep(LEASE_SECONDS + 1)
        stage.slack.faults.storm(POST, retry_after=60, times=2)
        going_on = asyncio.create_task(stage.replay(claims=stage.claims))
        assert (await going_on).succeeded
        assert stage.entry().replays == 2
        with pytest.raises(Exception, match="somebody else runs it again"):
            stopped.end("f1", Event("X", {}), failed=True, stage=ActionStage.REPORTED)
        assert stage.entry().event == "MessageSent"


async def test_an_action_that_the_journal_forgets_meanwhile_is_not_sent(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    stage.slack.faults.storm(POST, retry_after=5)
    replaying = asyncio.create_task(stage.replay())
    async with asyncio.timeout(5):
        while not stage.calls():  # noqa: ASYNC110 - it is called in another task
            await asyncio.sleep(0.002)
    with written(stage.directory) as connection:
        connection.execute("DELETE FROM actions")
    outcome = await replaying
    assert "the journal has forgotten it" in outcome.problem
    assert not outcome.succeeded
    assert stage.said() == []


async def test_a_journal_that_cannot_be_written_sends_nothing(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    refuse = "CREATE TRIGGER full BEFORE INSERT ON effects BEGIN SELECT RAISE(FAIL, 'no room'); END"
    with written(stage.directory) as connection:
        connection.execute(refuse)
    outcome = await stage.replay()
    assert outcome.problem == f"{stage.claims.path} cannot be used: no room"
    assert not outcome.succeeded
    assert stage.calls() == []
    with written(stage.directory) as connection:
        connection.execute("DROP TRIGGER full")
    assert (await stage.replay()).succeeded
    assert stage.said() == ["hello"]


async def test_a_message_whose_answer_could_not_be_noted_is_found_by_the_next_replay(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    refuse = (
        "CREATE TRIGGER full BEFORE INSERT ON effects WHEN NEW.state = 'sent' "
        "BEGIN SELECT RAISE(FAIL, 'no room'); END"
    )
    with written(stage.directory) as connection:
        connection.execute(refuse)
    assert "no room" in (await stage.replay()).problem
    assert stage.said() == ["hello"]
    with written(stage.directory) as connection:
        connection.execute("DROP TRIGGER full")
    outcome = await stage.replay()
    assert [one.done for one in outcome.steps] == ["found"]
    assert stage.said() == ["hello"]


async def test_an_unknown_command_and_a_bad_input_fail_again(stage: Stage) -> None:
    stage.past(Past("f1", command="Shout"), Past("f2", input={"message": "x"}))
    first, second = await stage.replay("f1"), await stage.replay("f2")
    assert first.result
    assert second.result
    assert (first.result.name, first.result.payload["errorCode"]) == ("FATAL", "unknown_command")
    assert second.result.payload["error"] == "missing channel id field"


async def test_a_channel_that_is_left_while_no_pack_runs_is_not_wanted_any_more(stage: Stage) -> None:
    general, random = stage.id_of("general"), stage.id_of("random")
    wanted = stage.directory / "channels.json"
    wanted.write_text(json.dumps([general, random]))
    stage.past(Past("f1", command="LeaveChannel", input={"channelId": "random"}))
    outcome = await stage.replay()
    assert outcome.notes == [f"no pack runs, so {random} was taken off its list of wanted channels"]
    assert json.loads(wanted.read_text()) == [general]
    assert stage.slack.bot_user_id not in stage.slack.workspace.channel("random").members


async def test_the_list_of_a_running_pack_is_left_to_it(stage: Stage) -> None:
    random = stage.id_of("random")
    wanted = stage.directory / "channels.json"
    wanted.write_text(json.dumps([random]))
    stage.past(Past("f1", command="LeaveChannel", input={"channelId": "random"}))
    lock = JournalLock(stage.directory, stage.clock)
    assert lock.attempt()
    try:
        outcome = await stage.replay()
    finally:
        lock.release()
    assert "the running pack takes" in outcome.notes[0]
    assert json.loads(wanted.read_text()) == [random]


async def test_a_channel_that_is_joined_is_left_to_slacks_memberships(stage: Stage) -> None:
    stage.past(Past("f1", command="JoinChannel", input={"channelId": "deployments"}))
    outcome = await stage.replay()
    assert outcome.succeeded
    assert outcome.notes == []
    assert not (stage.directory / "channels.json").exists()
    assert stage.slack.bot_user_id in stage.slack.workspace.channel("deployments").members


async def test_what_was_done_is_said_in_words_and_as_json(stage: Stage) -> None:
    stage.past(Past("f1", input=hello(stage), steps=(refused(),)))
    done, refusal = await stage.replay(emit=True), await stage.replay("f2")
    text = outcome_text(done).splitlines()
    assert text[0] == "f1  SendMessage: succeeded, it ended as MessageSent"
    assert text[1] == "  sent: post (chat.postMessage)"
    assert text[2].startswith('  {"channelId": ')
    assert text[3] == "  the engine was told, as an event of the pack"
    assert outcome_text(refusal).startswith("not run: f2 is not in the journal")
    document = outcome_document(done)
    assert document["status"] == "succeeded"
    assert document["steps"] == [{"step": "post", "method": POST, "done": "sent"}]
    assert (document["emitted"], document["error"]) == (True, None)
    assert outcome_document(refusal)["status"] == "refused"


async def test_failed_commands_are_run_again_as_they_were_taken_whatever_order_they_are_named_in(
    stage: Stage,
) -> None:
    stage.past(*(Past(f"f{number}", input=hello(stage)) for number in (1, 2, 3)))
    assert stage.claims.in_order(["f3", "nobody", "f1", "f2"]) == ["f1", "f2", "f3", "nobody"]
