"""How it is found out whether a call was carried out, for each way in which a command can name it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from pack.contracts.storing import EffectState
from pack.delivery.calling import Reading
from pack.delivery.outcomes import AlreadyDone, ByList, ByState
from pack.errors import CommandFailed, SlackRefused
from tests.delivery.effecting import Rig, open_rig

PIN = "pins.add"
REACT = "reactions.add"
SCHEDULE = "chat.scheduleMessage"
LIST = "chat.scheduledMessages.list"
JOIN = "conversations.join"
LEAVE = "conversations.leave"


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as opened:
        yield opened


# --- by state ---


async def is_pinned(arguments: Mapping[str, Any], ask: Reading) -> dict[str, Any] | None:
    answer = await ask("pins.list", {"channel": arguments["channel"]})
    pinned = {(one.get("message") or {}).get("ts") for one in answer["items"]}
    return {"ok": True} if arguments["timestamp"] in pinned else None


@pytest.mark.parametrize(("landed", "attempts"), [(True, 1), (False, 2)])
async def test_a_state_tells_whether_it_happened(rig: Rig, landed: bool, attempts: int) -> None:
    message = rig.slack.workspace.say("general", "pin me", user="ada")
    arguments = {"channel": rig.id_of("general"), "timestamp": message.ts}
    rig.slack.faults.drop(PIN, after=landed)
    undertaking = await rig.begin(ByState(is_pinned))
    assert (await rig.effects.run(undertaking, "pin", PIN, arguments))["ok"] is True
    assert len(rig.calls(PIN)) == attempts
    assert len(rig.calls("pins.list")) == 1
    assert await rig.state_of(undertaking, "pin") is EffectState.SENT


async def test_a_state_that_cannot_be_read_is_the_settings_to_decide(rig: Rig) -> None:
    message = rig.slack.workspace.say("general", "pin me", user="ada")
    arguments = {"channel": rig.id_of("general"), "timestamp": message.ts}
    rig.restart(unknown_outcome="report")
    rig.slack.faults.drop(PIN, after=True)
    rig.slack.faults.take_scopes("pins:read")
    with pytest.raises(CommandFailed, match="pins:read") as caught:
        await rig.effects.run(await rig.begin(ByState(is_pinned)), "pin", PIN, arguments)
    assert caught.value.code == "outcome_unknown"


# --- by a list ---


def scheduled_like(item: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
    return bool(item.get("text") == arguments["text"] and item.get("post_at") == arguments["post_at"])


BY_LIST = ByList(
    method=LIST,
    items="scheduled_messages",
    ask_with=lambda arguments: {"channel": arguments["channel"], "limit": 2},
    matches=scheduled_like,
    answer=lambda item: {"ok": True, "scheduled_message_id": item["id"], "post_at": item["post_at"]},
    id_of=lambda answer: str(answer.get("scheduled_message_id")),
)


async def schedule(rig: Rig, text: str, *, in_seconds: int = 3600) -> dict[str, Any]:
    arguments = {
        "channel": rig.id_of("general"),
        "text": text,
        "post_at": int(time.time()) // 60 * 60 + 60 + in_seconds,
    }
    return await rig.effects.run(await rig.begin(BY_LIST), "schedule", SCHEDULE, arguments)


async def scheduled(rig: Rig) -> dict[str, str]:
    answer = await rig.web.call(LIST, {"channel": rig.id_of("general")})
    return {one["id"]: one["text"] for one in answer["scheduled_messages"]}


@pytest.mark.parametrize("landed", [True, False])
async def test_a_list_tells_whether_it_happened(rig: Rig, landed: bool) -> None:
    for number in range(5):
        await schedule(rig, f"other {number}", in_seconds=3600 + 60 * number)
    rig.slack.faults.drop(SCHEDULE, after=landed)
    answer = await schedule(rig, "later", in_seconds=7200)
    found = await scheduled(rig)
    assert [number for number, text in found.items() if text == "later"] == [answer["scheduled_message_id"]]
    assert len(found) == 6


async def test_what_another_effect_made_is_not_taken_for_it(rig: Rig) -> None:
    first = await schedule(rig, "the same")
    rig.slack.faults.drop(SCHEDULE)
    second = await schedule(rig, "the same")
    assert set(await scheduled(rig)) == {first["scheduled_message_id"], second["scheduled_message_id"]}
    assert first["scheduled_message_id"] != second["scheduled_message_id"]


async def test_what_was_made_long_before_is_not_taken_for_it(rig: Rig) -> None:
    before = await schedule(rig, "the same")
    rig.slack.clock.advance(60)
    await rig.web.call("auth.test", {})
    rig.restart()
    rig.slack.faults.drop(SCHEDULE)
    after = await schedule(rig, "the same")
    assert set(await scheduled(rig)) == {before["scheduled_message_id"], after["scheduled_message_id"]}


# --- what may be done twice ---


@pytest.mark.parametrize("landed", [True, False])
async def test_what_may_be_done_twice_is_done_again_at_once(rig: Rig, landed: bool) -> None:
    message = rig.slack.workspace.say("general", "like me", user="ada")
    arguments = {"channel": rig.id_of("general"), "timestamp": message.ts, "name": "thumbsup"}
    rig.slack.faults.drop(REACT, after=landed)
    check = AlreadyDone(frozenset({"already_reacted"}))
    assert await rig.effects.run(await rig.begin(check), "react", REACT, arguments) == {"ok": True}
    assert len(rig.calls(REACT)) == 2
    assert rig.clock.monotonic() < 5
    (shown,) = [one for one in rig.slack.workspace.messages("general") if one.ts == message.ts]
    assert shown.reactions == {"thumbsup": [rig.slack.bot_user_id]}


async def test_a_code_that_means_done_is_a_refusal_when_nothing_was_lost(rig: Rig) -> None:
    message = rig.slack.workspace.say("general", "like me", user="ada")
    arguments = {"channel": rig.id_of("general"), "timestamp": message.ts, "name": "thumbsup"}
    check = AlreadyDone(frozenset({"already_reacted"}))
    await rig.effects.run(await rig.begin(check), "react", REACT, arguments)
    with pytest.raises(SlackRefused, match="already_reacted"):
        await rig.effects.run(await rig.begin(check), "react", REACT, arguments)


async def test_what_may_be_done_twice_is_done_again_after_a_restart(rig: Rig) -> None:
    channel = {"channel": rig.id_of("random")}
    check = AlreadyDone(frozenset({"not_in_channel"}))
    undertaking = await rig.begin(check, suspect_since=rig.web.date())
    await rig.web.call(LEAVE, channel)
    assert await rig.effects.run(undertaking, "leave", LEAVE, channel)
    assert await rig.state_of(undertaking, "leave") is EffectState.SENT


async def test_what_never_has_an_answer_is_unknown_though_it_may_be_done_twice(rig: Rig) -> None:
    rig.slack.faults.server_error(JOIN, times=None)
    with pytest.raises(CommandFailed, match=JOIN) as caught:
        await rig.effects.run(await rig.begin(AlreadyDone()), "join", JOIN, {"channel": rig.id_of("random")})
    assert caught.value.code == "outcome_unknown"
    assert rig.clock.monotonic() <= 31
