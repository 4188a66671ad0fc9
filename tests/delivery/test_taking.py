"""How the engine is asked for work: calmly, by name where it is urgent, and again after a failure."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from pack.contracts.ports import Action
from pack.delivery.engine_link import EngineLink
from pack.delivery.polling import Polling
from pack.delivery.taking import Taking
from pack.delivery.urgent_takes import UrgentTakes
from pack.errors import EngineUnavailable
from tests.clock import FakeClock

OPEN_VIEW = Action("a1", "OpenView", {}, "http://engine/a1/result")


class AskedEngine:
    """Notes which command is asked for, and answers what a test wants."""

    def __init__(self, *answers: Action | Exception | None) -> None:
        self.asked: list[str] = []
        self._answers = deque(answers)

    async def register(self) -> None:
        pass

    async def take(self, command: str = "") -> Action | None:
        self.asked.append(command)
        answer = self._answers.popleft() if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


def taking(engine: AskedEngine, clock: FakeClock, urgent: UrgentTakes) -> Taking:
    link = EngineLink(engine, clock)  # type: ignore[arg-type] - a part of an engine
    return Taking(link=link, polling=Polling(clock), urgent=urgent, clock=clock, stop=asyncio.Event())


async def test_after_an_event_with_a_trigger_its_commands_are_asked_for_before_whatever_is_oldest() -> None:
    clock = FakeClock(jump=True)
    urgent = UrgentTakes(["OpenView"], clock)
    engine = AskedEngine(None, OPEN_VIEW)
    part = taking(engine, clock, urgent)
    assert await part.take() is None
    urgent.told()
    assert await part.take() is OPEN_VIEW
    await part.take()
    assert engine.asked == ["", "OpenView", ""]
    await clock.advance(10)
    await part.take()
    assert engine.asked[3:] == [""]


async def test_that_nothing_urgent_is_there_costs_no_pause() -> None:
    clock = FakeClock()
    urgent = UrgentTakes(["OpenView"], clock)
    urgent.told()
    part = taking(AskedEngine(), clock, urgent)
    assert await part.take() is None
    assert clock.slept == []


@pytest.mark.parametrize("may_have_acted", [True, False])
async def test_a_take_that_may_have_handed_something_out_is_told(may_have_acted: bool) -> None:
    clock = FakeClock(jump=True)
    lost: list[None] = []
    part = taking(
        AskedEngine(EngineUnavailable("broke", status=500, may_have_acted=may_have_acted)),
        clock,
        UrgentTakes([], clock),
    )
    part.on_lost = lambda: lost.append(None)
    assert await part.take() is None
    assert len(lost) == int(may_have_acted)
