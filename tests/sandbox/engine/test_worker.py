"""The worker, when an event cannot be dealt with, or ends the process that tries."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import pytest

from pack.flows.model import Event, Sender
from pack.flows.reading import read_flow
from pack.sandbox.engine.execution import Executor
from pack.sandbox.engine.feed import ActionCreated, EventGivenUp, Feed, Record
from pack.sandbox.engine.state import State
from pack.sandbox.engine.worker import Worker
from tests.clock import FakeClock
from tests.sandbox.engine.caller import step

CLOCK = FakeClock()


class Killed(BaseException):
    """The process ended here."""


def kill(name: str) -> object:
    raise Killed(name)


def arrive(state: State, payload: str) -> None:
    now = CLOCK.now()
    state.arrivals.put(Event("Happened", Sender("Src", "Src", {}), payload, now, now))


async def work(state: State) -> tuple[list[Record], bool]:
    """Work off what waits; return what was told, and whether the process ended over it."""
    feed = Feed()
    subscription = feed.subscribe()
    worker = Worker(state.arrivals, Executor(state, {"datastore": kill}, feed, CLOCK), CLOCK)
    worker.wake()
    tasks = [asyncio.create_task(worker.run()), asyncio.create_task(worker.settled())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    feed.close()
    return [record async for record in subscription], isinstance(results[0], Killed)


def store_flow(state: State) -> None:
    template = '{% if Event.Payload == "deadly" %}{{ datastore("x") }}{% endif %}{{ Event.Payload }}'
    flow = {"name": "f", "steps": [step("s", input=template)]}
    state.flows.put(read_flow(json.dumps(flow).encode(), yaml=False, uuid="uuid"))


async def test_an_event_that_ends_process_after_process_is_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = State(CLOCK, tmp_path / "state")
    store_flow(state)
    for payload in ("before", "deadly", "after"):
        arrive(state, payload)
    told: list[Record] = []
    ends = []
    for _ in range(5):
        records, ended = await work(state)
        told += records
        ends.append(ended)
        state.close()
        state = State(CLOCK, tmp_path / "state")
    assert ends == [True, True, True, True, False]
    (given_up,) = [record for record in told if isinstance(record, EventGivenUp)]
    assert (given_up.pack_id, given_up.name) == ("Src", "Happened")
    assert given_up.reason == "given up: the engine ended 3 times while it dealt with it"
    assert [record.input for record in told if isinstance(record, ActionCreated)] == ["before", "after"]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "an event is given up: the engine ended 3 times while it dealt with it"
    ]
    assert state.arrivals.waiting() == 0
    state.close()


async def test_an_event_that_waits_over_clean_stops_is_not_given_up(tmp_path: Path) -> None:
    for _ in range(5):
        state = State(CLOCK, tmp_path / "state")
        if not state.flows.all():
            store_flow(state)
            arrive(state, "patient")
        state.close()
    state = State(CLOCK, tmp_path / "state")
    records, _ = await work(state)
    assert [type(record) for record in records] == [ActionCreated]
    state.close()


async def test_an_event_that_cannot_be_read_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = State(CLOCK)
    store_flow(state)
    arrive(state, "damaged")
    arrive(state, "whole")
    state._database.change("UPDATE events SET payload = '{' WHERE number = (SELECT min(number) FROM events)")
    records, _ = await work(state)
    assert [record.input for record in records if isinstance(record, ActionCreated)] == ["whole"]
    assert "an event that waited cannot be read, and is forgotten" in caplog.text
    state.close()
