"""The checker, on evidence that was made up: what it convicts, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos_trial.checker import Judgement, judge
from benchmarks.chaos_trial.evidence import Command, Evidence, Happening, Posted, Promise, Told

SENT = Command(
    id="a1",
    name="SendMessage",
    token="command-1.",
    channel="C1",
    state="SUCCESS",
    result="MessageSent",
    payload={"channelId": "C1", "timestamp": "10.0"},
    results=1,
    taken=1,
)
THERE = Posted("C1", "10.0", "command-1.")
FAILED = replace(
    SENT, result="SendMessageFailed", payload={"errorCode": "channel_not_found", "error": "no such channel"}
)
SAID = Happening("said-1.", "message", "C1", at=1.0, acknowledged=1.1)
REACTED = Happening("eyes", "reaction", "C1", at=1.0)
TOLD = Told("said-1.", "C1")


def kinds(**seen: Any) -> list[str]:
    return [verdict.kind for verdict in judge(Evidence(**seen)).verdicts]


def innocent(**seen: Any) -> Judgement:
    found = judge(Evidence(**seen))
    assert found.verdicts == []
    return found


def test_a_command_with_one_result_and_one_message_and_an_event_that_was_told_once_are_right() -> None:
    found = innocent(commands=[SENT], posted=[THERE], happenings=[SAID], told=[TOLD])
    assert found.counts["commands"] == found.counts["messages"] == found.counts["events"] == 1


@pytest.mark.parametrize("state", ["NEW", "PENDING"])
def test_a_command_without_a_result_is_lost(state: str) -> None:
    assert kinds(commands=[replace(SENT, state=state, result="", payload=None, results=0)]) == [
        "lost command"
    ]


def test_a_command_with_two_results_is_convicted() -> None:
    assert kinds(commands=[replace(SENT, results=2)], posted=[THERE]) == ["doubled result"]


@pytest.mark.parametrize("there", [[], [replace(THERE, ts="11.0")], [replace(THERE, channel="C2")]])
def test_a_success_needs_the_message_that_it_names(there: list[Posted]) -> None:
    assert kinds(commands=[SENT], posted=there) == ["lost message"]


def test_a_message_that_is_there_twice_is_convicted_unless_nobody_could_look() -> None:
    twice = [THERE, replace(THERE, ts="11.0")]
    assert kinds(commands=[SENT], posted=twice) == ["doubled message"]
    found = innocent(promise=Promise(not_doubled=False), commands=[SENT], posted=twice)
    assert found.counts["doubled message"] == 1


def test_a_message_that_no_action_asks_for_is_convicted() -> None:
    assert kinds(posted=[THERE]) == ["stray message"]


def test_a_failure_whose_message_is_there_is_convicted() -> None:
    innocent(commands=[FAILED])
    assert kinds(commands=[FAILED], posted=[THERE]) == ["phantom"]


@pytest.mark.parametrize("code", ["outcome_unknown", "answer_lost"])
def test_a_failure_that_says_itself_that_the_message_may_be_there_is_counted_only(code: str) -> None:
    found = innocent(commands=[replace(FAILED, payload={"errorCode": code})], posted=[THERE])
    assert found.counts["unknown outcome"] == 1


def broadcast(result: str, **payload: Any) -> Command:
    return replace(SENT, name="Broadcast", channel="", result=result, payload=payload)


def test_a_broadcast_is_right_when_it_is_where_it_says_and_nowhere_else() -> None:
    sent = [{"channelId": "C1", "timestamp": "10.0"}]
    failed = [{"channelId": "C2", "errorCode": "is_archived"}]
    innocent(commands=[broadcast("BroadcastSent", sent=sent, failed=[])], posted=[THERE])
    innocent(commands=[broadcast("BroadcastFailed", sent=sent, failed=failed)], posted=[THERE])
    assert kinds(commands=[broadcast("BroadcastSent", sent=sent, failed=[])]) == ["lost message"]
    there = [THERE, replace(THERE, channel="C2")]
    assert kinds(commands=[broadcast("BroadcastFailed", sent=sent, failed=failed)], posted=there) == [
        "phantom"
    ]


SECOND = replace(SENT, id="a2", token="command-2.", taken=2, payload={"channelId": "C1", "timestamp": "9.0"})
BEFORE = Posted("C1", "9.0", "command-2.")


def test_messages_of_a_channel_have_to_stand_in_the_order_in_which_their_actions_were_taken() -> None:
    assert kinds(commands=[SENT, SECOND], posted=[BEFORE, THERE]) == ["commands out of order"]
    innocent(commands=[replace(SENT, taken=3), SECOND], posted=[BEFORE, THERE])


@pytest.mark.parametrize("overtaken", [{"orderly": False}, {"channel": "C2"}, {"taken": None}])
def test_actions_that_the_pack_did_not_get_in_turn_and_those_of_other_channels_are_not_compared(
    overtaken: dict[str, Any],
) -> None:
    innocent(commands=[replace(SENT, **overtaken), SECOND], posted=[BEFORE, THERE])


def test_the_order_is_counted_only_where_the_volume_is_gone() -> None:
    seen = {"commands": [SENT, SECOND], "posted": [BEFORE, THERE]}
    assert innocent(promise=Promise(commands_in_order=False), **seen).counts["commands out of order"] == 1


def test_a_message_of_a_person_that_is_never_told_is_lost() -> None:
    missed = replace(SAID, acknowledged=None)
    assert kinds(happenings=[SAID]) == ["lost event"]
    assert kinds(happenings=[missed]) == ["missed event"]
    assert innocent(promise=Promise(acknowledged_kept=False), happenings=[SAID]).counts["lost event"] == 1
    found = innocent(promise=Promise(missed_recovered=False), happenings=[missed])
    assert found.counts["missed event"] == 1


def test_a_reaction_is_lost_only_when_the_pack_had_acknowledged_it() -> None:
    assert innocent(happenings=[REACTED]).counts["unrecoverable event"] == 1
    assert kinds(happenings=[replace(REACTED, acknowledged=2.0)]) == ["lost event"]


def test_an_event_that_is_told_twice_has_to_be_marked() -> None:
    assert kinds(happenings=[SAID], told=[TOLD, TOLD]) == ["doubled event"]
    assert kinds(happenings=[SAID], told=[TOLD, replace(TOLD, recovered=True)]) == ["doubled event"]
    found = innocent(happenings=[SAID], told=[TOLD, replace(TOLD, redelivered=True)])
    assert found.counts["redelivered"] == 1
    assert innocent(happenings=[SAID], told=[replace(TOLD, recovered=True)]).counts["recovered"] == 1
    innocent(promise=Promise(events_once=False), happenings=[SAID], told=[TOLD, TOLD])


def test_an_event_that_nobody_caused_is_convicted() -> None:
    assert kinds(told=[TOLD]) == ["stray event"]


LATER = Happening("said-2.", "message", "C1", at=2.0, acknowledged=2.1)
TOLD_LATER = Told("said-2.", "C1")


def test_what_was_acknowledged_before_another_thing_happened_has_to_be_told_before_it() -> None:
    both = {"happenings": [SAID, LATER]}
    innocent(**both, told=[TOLD, TOLD_LATER])
    assert kinds(**both, told=[TOLD_LATER, TOLD]) == ["events out of order"]


@pytest.mark.parametrize(
    "earlier",
    [
        replace(SAID, acknowledged=None),
        replace(SAID, acknowledged=2.05),
        replace(SAID, channel="C2"),
    ],
)
def test_what_may_have_come_in_later_and_what_is_elsewhere_may_be_told_later(earlier: Happening) -> None:
    innocent(happenings=[earlier, LATER], told=[TOLD_LATER, TOLD])


@pytest.mark.parametrize("marked", [replace(TOLD, redelivered=True), replace(TOLD, recovered=True)])
def test_marked_events_are_in_no_order_with_the_others(marked: Told) -> None:
    innocent(happenings=[SAID, LATER], told=[TOLD_LATER, marked])


def test_a_process_that_ended_by_itself_is_convicted() -> None:
    assert kinds(mishaps=["it ended by itself with the code 1"]) == ["mishap"]
