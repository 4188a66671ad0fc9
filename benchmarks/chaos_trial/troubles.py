"""How each trouble of a schedule is made: by the faults of the two servers, and by orders to the process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from benchmarks.chaos_trial.pack_process import PackProcess
from benchmarks.chaos_trial.schedule import Trouble
from benchmarks.chaos_trial.surroundings import Surroundings

SETTLING_SECONDS = 2.0
"""The settling time of the pack in a trial."""

LATEST_LANDING_SECONDS = 1.2
"""How late a call may take effect: within the settling time, less what a busy machine adds."""

POSTING = "chat.postMessage"


@dataclass(frozen=True, slots=True)
class Place:
    """Where troubles are made."""

    around: Surroundings
    process: PackProcess


async def make(trouble: Trouble, place: Place) -> None:
    """Make one thing go wrong, for as long as it says; faults that last longer end by themselves."""
    await _MAKERS[trouble.what](trouble, place)


def _slack(call: Callable[[Surroundings, Trouble], object]) -> Callable[[Trouble, Place], Awaitable[None]]:
    async def run(trouble: Trouble, place: Place) -> None:
        call(place.around, trouble)

    return run


async def _fill_disk(trouble: Trouble, place: Place) -> None:
    await place.process.order("disk", "1")
    await asyncio.sleep(trouble.seconds)
    await place.process.order("disk", "0")


async def _jump(trouble: Trouble, place: Place) -> None:
    seconds = (-86_400.0, -120.0, 120.0, 86_400.0)[int(trouble.figure * 4)]
    await place.process.order("clock", str(seconds))


def _land(around: Surroundings, trouble: Trouble) -> None:
    seconds = trouble.figure * LATEST_LANDING_SECONDS
    around.slack.faults.timeout(POSTING, 2, lands_after=seconds, for_seconds=trouble.seconds)


def _storm(around: Surroundings, trouble: Trouble) -> None:
    method = POSTING if trouble.figure < 0.7 else "*"
    around.slack.faults.storm(method, retry_after=1, probability=0.7, for_seconds=trouble.seconds)


_MAKERS: Mapping[str, Callable[[Trouble, Place], Awaitable[None]]] = {
    "engine_down": _slack(lambda around, t: around.engine.faults.down(t.seconds)),
    "engine_slow": _slack(
        lambda around, t: around.engine.faults.slow(low_ms=50, high_ms=900, for_seconds=t.seconds)
    ),
    "engine_errors": _slack(
        lambda around, t: around.engine.faults.answer(
            "*", status=503 if t.figure < 0.5 else 500, times=None, probability=0.6, for_seconds=t.seconds
        )
    ),
    "results_unanswered": _slack(
        lambda around, t: around.engine.faults.result_answer_lost(
            3, silent=t.figure < 0.3, for_seconds=t.seconds
        )
    ),
    "takes_unanswered": _slack(
        lambda around, t: around.engine.faults.timeout("take", after=True, times=1, for_seconds=t.seconds)
    ),
    "takes_broken": _slack(lambda around, t: around.engine.faults.broken_take(2, for_seconds=t.seconds)),
    "pack_forgotten": _slack(lambda around, t: around.engine.faults.forgotten_pack(for_seconds=t.seconds)),
    "slack_refuses": _slack(lambda around, t: around.slack.faults.refuse_connections(t.seconds)),
    "slack_errors_before": _slack(
        lambda around, t: around.slack.faults.server_error(
            POSTING, 500 if t.figure < 0.5 else 503, 3, for_seconds=t.seconds
        )
    ),
    "slack_errors_after": _slack(
        lambda around, t: around.slack.faults.server_error(
            POSTING, 500 if t.figure < 0.5 else 503, 3, after=True, for_seconds=t.seconds
        )
    ),
    "slack_drops_before": _slack(
        lambda around, t: around.slack.faults.drop(POSTING, 3, for_seconds=t.seconds)
    ),
    "slack_drops_after": _slack(
        lambda around, t: around.slack.faults.drop(POSTING, 3, after=True, for_seconds=t.seconds)
    ),
    "slack_silent_before": _slack(
        lambda around, t: around.slack.faults.timeout(POSTING, 2, for_seconds=t.seconds)
    ),
    "slack_silent_after": _slack(
        lambda around, t: around.slack.faults.timeout(POSTING, 2, after=True, for_seconds=t.seconds)
    ),
    "slack_lands_late": _slack(_land),
    "slack_half_answers": _slack(
        lambda around, t: around.slack.faults.truncate(
            POSTING, 2, promised=t.figure < 0.5, for_seconds=t.seconds
        )
    ),
    "slack_limits": _slack(_storm),
    "slack_slow": _slack(
        lambda around, t: around.slack.faults.delay("*", 0.6 * t.figure, for_seconds=t.seconds)
    ),
    "sockets_silent": _slack(lambda around, t: around.slack.faults.go_silent(t.seconds)),
    "sockets_dead": _slack(lambda around, t: around.slack.faults.kill_sockets(t.seconds)),
    "sockets_closed": _slack(lambda around, t: around.slack.faults.close_sockets(t.figure < 0.5)),
    "sockets_break": _slack(lambda around, t: around.slack.faults.break_sockets(2, for_seconds=t.seconds)),
    "sockets_refreshed": _slack(lambda around, t: around.slack.faults.disconnect()),
    "upgrades_refused": _slack(
        lambda around, t: around.slack.faults.refuse_upgrade(2, for_seconds=t.seconds)
    ),
    "events_doubled": _slack(
        lambda around, t: around.slack.disturbances.duplicate_events(
            2, seconds=t.figure, times=None, for_seconds=t.seconds
        )
    ),
    "events_renamed": _slack(
        lambda around, t: around.slack.disturbances.duplicate_events(
            1, new_event_ids=True, seconds=t.figure * 2, times=None, for_seconds=t.seconds
        )
    ),
    "events_shuffled": _slack(
        lambda around, t: around.slack.disturbances.shuffle_events(4, 0.5, for_seconds=t.seconds)
    ),
    "events_late": _slack(
        lambda around, t: around.slack.disturbances.delay_events(
            t.figure * 2, times=None, probability=0.5, for_seconds=t.seconds
        )
    ),
    "events_lost": _slack(
        lambda around, t: around.slack.disturbances.lose_events(
            times=None, probability=0.7, for_seconds=t.seconds
        )
    ),
    "acks_unheard": _slack(
        lambda around, t: around.slack.disturbances.ignore_acks(
            times=None, probability=0.5, for_seconds=t.seconds
        )
    ),
    "disk_full": _fill_disk,
    "clock_jumps": _jump,
}
