"""Slack's own time: faster, moved on, wrong."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime

import pytest

from pack.clock import SystemClock
from pack.sandbox.slack import SimulatedSlack
from pack.sandbox.slack.timing import SlackClock
from tests.clock import FakeClock
from tests.process.harness import eventually


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e-308, 1e9, float("inf"), float("nan")])
def test_a_speed_that_makes_no_sense_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed has to be between 0\.001 and 1,000,000"):
        SlackClock(SystemClock(), speed)


async def test_time_that_passes_wakes_sleepers_in_order_and_those_that_sleep_again() -> None:
    clock, woken = SlackClock(FakeClock()), []

    async def sleep(name: str, *times: float) -> None:
        for seconds in times:
            await clock.sleep(seconds)
            woken.append((name, round(clock.monotonic())))

    tasks = [asyncio.create_task(sleep("a", 60, 240)), asyncio.create_task(sleep("b", 100, 900, 100))]
    await clock.pass_time(1_000)
    assert woken == [("a", 60), ("b", 100), ("a", 300), ("b", 1_000)]
    assert clock.monotonic() == 1_000
    await clock.pass_time(100)
    assert woken[-1] == ("b", 1_100)
    await asyncio.gather(*tasks)


async def test_time_waits_for_what_is_under_way() -> None:
    clock, seen = SlackClock(FakeClock()), []

    async def work() -> None:
        await clock.sleep(10)
        with clock.busy():
            await asyncio.sleep(0.02)
            seen.append(clock.monotonic())

    task = asyncio.create_task(work())
    await clock.pass_time(100)
    assert seen == [10]
    await task


async def test_a_long_time_with_a_short_pulse_passes_in_bounded_steps() -> None:
    clock, pulses = SlackClock(FakeClock()), []

    async def pulse() -> None:
        while True:
            await clock.sleep(1)
            pulses.append(1)

    task = asyncio.create_task(pulse())
    await clock.pass_time(86_400)
    task.cancel()
    assert clock.monotonic() == pytest.approx(86_400)
    assert 100 < len(pulses) <= 201


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), 1e300])
async def test_time_only_passes_forwards(seconds: float) -> None:
    clock = SlackClock(FakeClock())
    with pytest.raises(ValueError, match="time only passes forwards"):
        clock.advance(seconds)
    with pytest.raises(ValueError, match="time only passes forwards"):
        await clock.pass_time(seconds)


async def test_sleepers_that_were_cancelled_are_forgotten() -> None:
    clock = SlackClock(FakeClock())
    for _ in range(50):
        task = asyncio.create_task(clock.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert len(vars(clock)["_sleepers"]) == 0


async def test_what_is_due_has_happened_in_order_when_advance_answers(
    slack: SimulatedSlack, session, call
) -> None:
    ops = slack.workspace.add_channel("ops", bot=True).id
    slack.faults.timeout("chat.postMessage", lands_after=3_600, match={"text": "later"})
    slack.faults.timeout("chat.postMessage", lands_after=1_800, match={"text": "sooner"})
    posting = [
        asyncio.create_task(call("chat.postMessage", channel=ops, text=text)) for text in ("later", "sooner")
    ]
    await eventually(lambda: len(slack.faults.calls_of("chat.postMessage")) == 2)
    async with session.post(slack.url + "/sandbox/advance", json={"seconds": 3_700}) as answer:
        assert (await answer.json())["now"] == pytest.approx(slack.clock.now().timestamp(), abs=2)
    texts = [message.text for message in slack.workspace.messages(ops) if message.subtype is None]
    assert texts == ["sooner", "later"]
    for task in posting:
        task.cancel()
    await asyncio.gather(*posting, return_exceptions=True)


async def test_a_wrong_date_is_in_headers_and_timestamps_until_it_is_right_again(
    slack: SimulatedSlack, session, call
) -> None:
    async def ahead() -> float:
        await call("auth.test")
        dated = parsedate_to_datetime(call.headers["Date"])
        return (dated - SystemClock().now()).total_seconds()

    async with session.post(slack.url + "/sandbox/skew", json={"seconds": 900}) as answer:
        assert (await answer.json())["ok"]
    assert await ahead() == pytest.approx(900, abs=3)
    message = slack.workspace.say("general", "x", user="ada")
    assert float(message.ts) - SystemClock().now().timestamp() == pytest.approx(900, abs=3)
    slack.faults.skew(-600)
    assert await ahead() == pytest.approx(-600, abs=3)
    slack.faults.clear()
    assert await ahead() == pytest.approx(0, abs=3)


async def test_a_reset_takes_the_date_back_and_timestamps_with_it(slack, call) -> None:
    slack.workspace.add_channel("ops", bot=True)
    slack.clock.advance(7_200)
    late = slack.workspace.say("ops", "two hours later", user="ada").ts
    slack.reset()
    general = slack.workspace.channel("general").id
    await call.ok("conversations.join", channel=general)
    due = int(time.time()) + 100
    await call.ok("chat.scheduleMessage", channel=general, text="soon", post_at=str(due))
    assert float(slack.workspace.say("general", "now", user="ada").ts) < float(late) - 7_000
