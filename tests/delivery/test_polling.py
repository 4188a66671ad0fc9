"""How long is waited before the engine is asked again."""

from __future__ import annotations

import itertools

from pack.delivery.polling import LONGEST_SECONDS, SHORTEST_SECONDS, Polling
from tests.clock import FakeClock


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
