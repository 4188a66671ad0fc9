"""When commands that are bound to a trigger are asked for by name."""

from __future__ import annotations

from pack.delivery.urgent_takes import EAGER_SECONDS, UrgentTakes
from tests.clock import FakeClock


async def test_urgent_commands_are_asked_for_before_each_take_after_an_event_with_a_trigger() -> None:
    clock = FakeClock()
    takes = UrgentTakes(["OpenView", "PushView"], clock)
    takes.told()
    assert [takes.next() for _ in range(6)] == ["OpenView", "PushView", "", "OpenView", "PushView", ""]


async def test_without_such_an_event_only_the_oldest_is_asked_for() -> None:
    clock = FakeClock()
    takes = UrgentTakes(["OpenView"], clock)
    assert takes.next() == ""
    takes.told()
    assert takes.next() == "OpenView"
    await clock.advance(EAGER_SECONDS)
    assert [takes.next() for _ in range(3)] == [""] * 3


async def test_a_further_event_prolongs_it_and_starves_no_other_command() -> None:
    clock = FakeClock()
    takes = UrgentTakes(["OpenView"], clock)
    asked = []
    for _ in range(6):
        takes.told()
        asked.append(takes.next())
        await clock.advance(EAGER_SECONDS / 2)
    assert asked == ["OpenView", ""] * 3
    assert takes.next() == "OpenView"


async def test_each_time_it_begins_with_an_urgent_command() -> None:
    clock = FakeClock()
    takes = UrgentTakes(["OpenView"], clock)
    takes.told()
    assert takes.next() == "OpenView"
    await clock.advance(60)
    takes.told()
    assert takes.next() == "OpenView"


async def test_a_pack_without_such_commands_asks_for_the_oldest() -> None:
    takes = UrgentTakes([], FakeClock())
    takes.told()
    assert [takes.next() for _ in range(2)] == ["", ""]
