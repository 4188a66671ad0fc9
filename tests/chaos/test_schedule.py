from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.chaos_trial.crash_points import CRASH_POINTS, SIGN, kill_at
from benchmarks.chaos_trial.pack_process import PackProcess
from benchmarks.chaos_trial.schedule import TROUBLES, Trouble, Wishes, draw_schedule, read_schedule
from benchmarks.chaos_trial.surroundings import open_surroundings
from benchmarks.chaos_trial.troubles import Place, make
from tests.imports import ROOT

MANY = Wishes(lives=200)


def test_a_seed_makes_the_same_schedule_again_and_another_seed_another_one() -> None:
    assert draw_schedule(7, MANY) == draw_schedule(7, MANY)
    assert draw_schedule(7, MANY) != draw_schedule(8, MANY)


def test_a_schedule_that_was_written_is_read_as_it_was() -> None:
    schedule = draw_schedule(7, MANY)
    assert read_schedule(json.loads(json.dumps(schedule.as_json()))) == schedule


def test_schedules_have_every_trouble_every_end_and_aim_at_every_crash_point() -> None:
    lives = draw_schedule(7, MANY).lives
    assert {trouble.what for life in lives for trouble in life.troubles} == TROUBLES.keys()
    assert {life.crash for life in lives if life.end == "crash"} == {*CRASH_POINTS}
    assert {life.end for life in lives} == {"sigkill", "crash", "sigterm"}
    assert {life.forgotten for life in lives} == {True, False}


def test_the_modes_are_drawn_unless_they_are_wished() -> None:
    drawn = [draw_schedule(seed, Wishes(lives=1)).mode for seed in range(50)]
    assert {mode.volume for mode in drawn} == {mode.history for mode in drawn} == {True, False}
    assert {mode.full_ends for mode in drawn} == {True, False}
    wished = [draw_schedule(seed, Wishes(1, volume=False, history=True)).mode for seed in range(50)]
    assert {(mode.volume, mode.history) for mode in wished} == {(False, True)}


def test_a_process_whose_disk_was_full_lives_long_enough_to_write_unless_it_may_end_before() -> None:
    def shortest(full_ends: bool) -> float:
        lives = draw_schedule(7, replace(MANY, full_ends=full_ends)).lives
        return min(
            life.seconds - trouble.at - trouble.seconds
            for life in lives
            for trouble in life.troubles
            if trouble.what == "disk_full"
        )

    assert shortest(full_ends=False) >= 2.4
    assert shortest(full_ends=True) < 1.0


@pytest.mark.parametrize("what", TROUBLES)
async def test_every_trouble_can_be_made(what: str, tmp_path: Path) -> None:
    async with open_surroundings(seed=1) as around:
        process = Obedient(tmp_path)
        for figure in (0.0, 0.999):
            await make(Trouble(0.0, what, 0.01, figure), Place(around, process))
    assert bool(process.orders) == (what in ("disk_full", "clock_jumps"))


class Obedient(PackProcess):
    """Stands in for a process, and notes what it was told."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, {"FLYTE_SLACK_GRACE_SECONDS": "1"}, keeps=True)
        self.orders: list[tuple[str, str]] = []

    async def order(self, name: str, value: str) -> None:
        await asyncio.sleep(0)
        self.orders.append((name, value))


KILLED = """
from benchmarks.chaos_trial.crash_points import kill_at
look = kill_at("after:sent:2")
for phase, kinds in (("before", ["sent"]), ("after", ["begin", "sent"]), ("after", ["told"])):
    look(phase, kinds)
print("alive", flush=True)
look("after", ["sent"])
print("still alive", flush=True)
"""


def test_a_process_kills_itself_at_the_occurrence_of_the_crash_point_that_it_is_given() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9
    assert ended.stdout.splitlines() == ["alive", f"{SIGN}after:sent"]


@pytest.mark.parametrize("wish", ["after:sent", "after:nothing:1", "during:sent:1", "after:sent:x"])
def test_a_crash_point_that_there_is_not_is_refused(wish: str) -> None:
    with pytest.raises(ValueError, match="is no crash point"):
        kill_at(wish)


def test_nothing_happens_where_no_crash_point_is_wished() -> None:
    kill_at("")("after", ["sent"])
