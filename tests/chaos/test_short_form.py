"""The short form of the chaos trial: the pack is innocent, and convicted when a part of it is taken out.

Trials wait most of the time, so several of them run at once.
"""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.chaos_trial.report import as_json, explain
from benchmarks.chaos_trial.schedule import Life, Mode, Schedule, Trouble, Wishes, draw_schedule
from benchmarks.chaos_trial.trial import STALLED_SECONDS, Outcome, try_out

pytestmark = pytest.mark.slow

SEED = 1

BETWEEN_WRITES = ("before:sending", "after:sending", "before:sent", "after:finish", "after:receive")

AMBUSHES = {
    "journal": ("lost event", Life(1.6, "sigkill", troubles=[Trouble(0.2, "engine_down", 3.0)])),
    "metadata": ("doubled message", Life(1.2, "sigkill", troubles=[Trouble(0.0, "slack_drops_after", 3.0)])),
    "dedupe": ("doubled event", Life(1.2, "sigkill", troubles=[Trouble(0.0, "events_doubled", 3.0)])),
    "backfill": ("missed event", Life(0.5, "sigkill", forgotten=True)),
}
"""By what is taken out: what the pack is convicted of then, and what is done to it."""


async def find_innocent(*schedules: Schedule) -> list[Outcome]:
    outcomes = await asyncio.gather(*map(try_out, schedules))
    for outcome in outcomes:
        assert outcome.judgement.innocent, "\n".join([explain(as_json(outcome)), *outcome.log])
        counts = outcome.judgement.counts
        assert counts["commands"] and counts["messages"] and counts["events"]
    return outcomes


async def test_a_pack_that_is_killed_and_disturbed_loses_and_doubles_nothing() -> None:
    crashes = [Life(1.0, "crash", point) for point in BETWEEN_WRITES]
    drawn, between_writes = await find_innocent(
        draw_schedule(SEED, Wishes(lives=5, volume=True, history=True)),
        Schedule(SEED, Mode(), crashes, commands_per_second=10, said_per_second=10),
    )
    assert sum(drawn.kills.values()) >= 5
    assert between_writes.crash_points == dict.fromkeys(BETWEEN_WRITES, 1)


async def test_a_pack_that_loses_its_volume_at_every_kill_loses_and_doubles_no_message() -> None:
    ambushes = [life for _, life in AMBUSHES.values()]
    lives = [Life(1.2, "sigkill"), Life(0.9, "sigkill")]
    await find_innocent(
        Schedule(SEED, Mode(volume=False), lives, commands_per_second=8),
        Schedule(SEED, Mode(), ambushes, commands_per_second=6, said_per_second=8),
    )


async def test_a_pack_without_one_of_its_parts_is_convicted() -> None:
    """What the whole pack meets in the test before this one. Without a journal, what is lost never comes."""
    outcomes = await asyncio.gather(
        *(
            try_out(
                Schedule(SEED, Mode(without=part), [life], commands_per_second=6, said_per_second=8),
                stalled_seconds=4.0 if part == "journal" else STALLED_SECONDS,
            )
            for part, (_, life) in AMBUSHES.items()
        )
    )
    for (part, (kind, _)), outcome in zip(AMBUSHES.items(), outcomes, strict=True):
        kinds = {verdict.kind for verdict in outcome.judgement.verdicts}
        assert kind in kinds, f"without {part}: {kinds}"
        assert "mishap" not in kinds, f"without {part}: {outcome.log}"
