"""``python -m benchmarks.chaos``: kill, restart, partition and limit the pack; is anything lost or doubled?

The real pack runs as a process between the sandbox's engine and Slack. Each trial is drawn from one seed; a
checker that knows nothing of the pack's internals compares actions, messages and events. The exit code is 1
when a promise was broken, 2 when a trial could not be finished or a crash point was not come to.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chaos_trial.report import Report, as_json, explain
from benchmarks.chaos_trial.schedule import TROUBLES, Schedule, Wishes, draw_schedule, read_schedule
from benchmarks.chaos_trial.trial import try_out
from benchmarks.chaos_trial.weakened import PARTS
from benchmarks.processes import ROOT
from benchmarks.record import now

LIVES_PER_TRIAL = 25

ALL_POINTS_KILLS = 1_000
"""With so many kills every crash point has to be among them."""

TRIAL_SECONDS = 400.0
"""After so long a trial is given up."""

SAY_SECONDS = 30.0
"""How often it is said how far it got."""


def main() -> int:
    """Do what the command line says."""
    given = _read_arguments()
    if given.schedule:
        return _try_one(read_schedule(json.loads(given.schedule.read_text("utf-8"))), given.json)
    return asyncio.run(_try_many(given))


def _read_arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    options.add_argument(
        "--seed", type=int, default=1, help="the first trial's seed; each other has the next"
    )
    options.add_argument("--kills", type=int, default=1_000, help="how many kills to draw, over all trials")
    options.add_argument(
        "--per-trial", type=int, default=LIVES_PER_TRIAL, help="how many processes a trial has"
    )
    options.add_argument("--minutes", type=float, help="begin no trial after so many minutes")
    options.add_argument("--parallel", type=int, default=(os.cpu_count() or 1) + 1, help="trials at a time")
    options.add_argument("--without", choices=PARTS, default="", help="take a part out: it has to convict")
    options.add_argument(
        "--volume",
        action=argparse.BooleanOptionalAction,
        help="let the backup directory survive in every trial, or in none; not given: in most",
    )
    options.add_argument(
        "--history-unreadable", action="store_true", help="take the right to read channels in every trial"
    )
    options.add_argument(
        "--full-ends",
        action=argparse.BooleanOptionalAction,
        help="let processes end while their disk is full in every trial, or in none; not given: in few",
    )
    options.add_argument(
        "--spare", action="append", choices=TROUBLES, default=[], help="a trouble not to draw"
    )
    options.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    options.add_argument("--schedule", type=Path, metavar="FILE", help="carry out this one schedule")
    return options.parse_args()


def _try_one(schedule: Schedule, written: Path | None) -> int:
    """Carry out one schedule in this process."""
    since = now()
    trial = as_json(asyncio.run(try_out(schedule)))
    if written:
        written.write_text(json.dumps(trial), "utf-8")
        return 0
    report = Report()
    report.add(trial)
    print(report.table(now() - since))
    if trial["verdicts"]:
        print(explain(trial), *trial["log"], sep="\n")
    return 1 if trial["verdicts"] else 0


async def _try_many(given: argparse.Namespace) -> int:
    """Carry out trials, each in a process of its own, and print what came of them."""
    since, report = now(), Report()
    schedules = _schedules(given, until=since + given.minutes * 60 if given.minutes else None)
    saying = asyncio.create_task(_say(report, since))
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        async with asyncio.TaskGroup() as group:
            for _ in range(given.parallel):
                group.create_task(_work(schedules, report, Path(directory)))
    saying.cancel()
    print(report.table(now() - since))
    for trial in report.convictions:
        print(explain(trial))
    for problem in report.failed:
        print(problem)
    if given.json:
        given.json.write_text(json.dumps(report.as_json(now() - since), indent=2) + "\n", "utf-8")
    if report.kills >= ALL_POINTS_KILLS and report.missed_points:
        report.failed.append(f"no process was killed at {', '.join(report.missed_points)}")
        print(report.failed[-1])
    return 1 if report.convictions else 2 if report.failed else 0


def _schedules(given: argparse.Namespace, until: float | None) -> Iterator[Schedule]:
    left = given.kills
    for seed in itertools.count(given.seed):
        if left <= 0 or (until is not None and now() > until):
            return
        wishes = Wishes(
            lives=given.per_trial,
            without=given.without,
            volume=given.volume,
            full_ends=given.full_ends,
            spared=given.spare,
            history=False if given.history_unreadable else None,
        )
        schedule = draw_schedule(seed, wishes)
        left -= schedule.kills
        yield schedule


async def _work(schedules: Iterator[Schedule], report: Report, directory: Path) -> None:
    for schedule in schedules:
        await _try_apart(schedule, report, directory)


async def _try_apart(schedule: Schedule, report: Report, directory: Path) -> None:
    """Carry out one schedule in a process of its own, so that trials have processors of their own."""
    asked, answered = directory / f"{schedule.seed}.json", directory / f"{schedule.seed}.outcome.json"
    asked.write_text(json.dumps(schedule.as_json()), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.chaos", "--schedule", str(asked), "--json", str(answered)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TRIAL_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        report.failed.append(f"seed {schedule.seed}: not finished within {TRIAL_SECONDS:g} s")
        return
    if process.returncode:
        said = output.decode("utf-8", "replace")
        report.failed.append(f"seed {schedule.seed} ended with {process.returncode}:\n{said}")
        return
    report.add(json.loads(answered.read_text("utf-8")))


async def _say(report: Report, since: float) -> None:
    while True:
        await asyncio.sleep(SAY_SECONDS)
        print(
            f"{now() - since:.0f} s: {len(report.trials)} trials, {report.kills} kills, "
            f"{report.counts['commands']} commands, {len(report.convictions)} convictions",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
