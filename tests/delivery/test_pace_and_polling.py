"""How long is waited: after Slack asked to, and before the engine is asked again."""

from __future__ import annotations

import itertools

from pack.delivery.pace import Pace
from pack.delivery.polling import LONGEST_SECONDS, SHORTEST_SECONDS, Polling
from tests.clock import FakeClock

POST = "chat.postMessage"


def test_a_limit_on_posting_holds_the_channel_first() -> None:
    pace = Pace(FakeClock())
    pace.hold(POST, "C1", 10)
    assert pace.remaining(POST, "C1") == 10
    assert pace.remaining(POST, "C2") == 0


def test_a_second_channel_that_is_limited_meanwhile_holds_the_method() -> None:
    pace = Pace(FakeClock())
    pace.hold(POST, "C1", 10)
    pace.hold(POST, "C2", 5)
    assert pace.remaining(POST, "C3") == 5
    assert pace.remaining("conversations.join", "C3") == 0


async def test_a_second_limit_after_the_first_is_over_holds_its_channel_only() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    pace.hold(POST, "C1", 10)
    await clock.advance(11)
    pace.hold(POST, "C2", 5)
    assert pace.remaining(POST, "C3") == 0


def test_elsewhere_a_limit_holds_the_method() -> None:
    pace = Pace(FakeClock())
    pace.hold("conversations.join", "C1", 10)
    assert pace.remaining("conversations.join", "C2") == 10


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    pace = Pace(FakeClock())
    pace.hold(POST, "C1", 10)
    pace.hold(POST, "C1", 1)
    assert pace.remaining(POST, "C1") == 10


async def test_polling_is_eager_after_something_happened_and_calms_down_smoothly() -> None:
    clock = FakeClock()
    polling = Polling(clock)
    await clock.advance(60)
    assert polling.pause_seconds() == LONGEST_SECONDS
    polling.happened()
    assert polling.pause_seconds() == SHORTEST_SECONDS
    pauses = []
    for _ in range(200):
        pauses.append(polling.pause_seconds())
        await clock.advance(0.1)
    assert pauses == sorted(pauses)
    assert pauses[20] <= 0.25
    assert max(after - before for before, after in itertools.pairwise(pauses)) < 0.02
    assert pauses[-1] == LONGEST_SECONDS
