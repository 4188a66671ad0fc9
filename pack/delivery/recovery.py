"""Recovery: actions that were handed out and that nobody works on, found in the engine's records.

An action that the engine handed out stays PENDING until it has a result, and is never handed out again. One
that the store does not know was taken by a process whose journal is gone, or the answer to its take was lost.
Such actions are claimed (the store knows each action once) and carried out as suspects: each of their steps
may have been carried out already.

Nothing tells such an action from one that another living pack is working on, so there has to be one living
pack per set of labels. It has to be PENDING for longer than a take may last, so that one that is just on its
way to this process is left to it.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from pack.clock import Clock, wait_for
from pack.contracts.ports import Action, Pending
from pack.contracts.storing import Store
from pack.delivery.engine_link import EngineLink
from pack.errors import EngineForgot, EngineUnavailable, PackError
from pack.retry import Backoff

logger = logging.getLogger(__name__)

UNLIMITED_TAKE_SECONDS = 60.0
"""How long a take is thought to last at the most when the time for it has no limit."""

MARGIN_SECONDS = 5.0
"""How much longer than a take may last an action has to be PENDING: the engine's date has whole seconds."""

SUSPECT_MARGIN_SECONDS = 60.0
"""How much earlier than the records tell an action may have been carried out: two clocks are compared."""

LATE_SECONDS = (0.0, 60.0, 600.0)
"""When it is looked after a take whose answer was lost, beside the time that an action has to be PENDING: the
engine may have carried it out late."""

APART_SECONDS = 5.0
"""How far looks are apart."""

OVERLAP_SECONDS = 900.0
"""How much further back than the lost take is looked."""

UNREADABLE = Backoff(first_seconds=1, cap_seconds=30)
"""The waits while the records cannot be read."""

AFTER_MISTAKE_SECONDS = 60.0

NAMED = 50
"""How many actions are named in the log."""

Admit = Callable[[Action, float], Awaitable[bool]]
"""Begins an action and gives it its place behind what was admitted before. Given with the time, by Slack's
date, since when its steps may have been carried out. False: the store knows it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which actions are recovered."""

    hours: float
    """How old they may be; 0: none is recovered."""
    take_timeout_seconds: float
    """How long a take may last; 0: without limit."""
    margin_seconds: float = MARGIN_SECONDS

    @property
    def youngest_seconds(self) -> float:
        """How long an action has to be PENDING."""
        return (self.take_timeout_seconds or UNLIMITED_TAKE_SECONDS) + self.margin_seconds

    @property
    def oldest_seconds(self) -> float:
        """How long ago an action may have been taken."""
        return self.hours * 3600


class Recovery:
    """Looks for such actions at the start, and again after takes whose answers were lost."""

    def __init__(
        self,
        *,
        link: EngineLink,
        store: Store,
        clock: Clock,
        slack_date: Callable[[], float],
        admit: Admit,
        bounds: Bounds,
        stop: asyncio.Event,
    ) -> None:
        self._link = link
        self._store = store
        self._clock = clock
        self._slack_date = slack_date
        self._admit = admit
        self._bounds = bounds
        self._stop = stop
        self._due: set[float] = set()
        self._asked = asyncio.Event()
        self._started = 0.0
        self._since = -math.inf
        self._first_seen: dict[str, float] = {}
        self._problem = ""
        self.looked = asyncio.Event()
        """Set after the first look, or at once when nothing is recovered: what was handed out before what can
        be taken now has its place, unless it is too young."""
        self.recovered = 0
        """How many actions were recovered."""

    async def run(self) -> None:
        """Look at the start, and whenever it is asked for, until the stop event is set; never raises."""
        if not self._bounds.hours:
            logger.info("actions that a lost process left unfinished are not recovered")
            self.looked.set()
            return
        logger.info(
            "actions that a lost process left unfinished are recovered from the engine's records; this "
            "assumes that no other pack with these labels is alive; "
            "FLYTE_SLACK_RECOVERY_HOURS=0 switches it off"
        )
        self._started = self._clock.monotonic()
        self._due.add(self._started)
        self._ask_late()
        while not self._stop.is_set():
            if await self._is_time():
                await self._look_safely()
                self.looked.set()

    def look_after_lost_take(self) -> None:
        """Have it looked for an action that may have been handed out without arriving."""
        if self._bounds.hours:
            self._since = min(self._since, self._clock.monotonic())
            self._ask_late()

    # --- when ---

    def _ask_late(self) -> None:
        for late in LATE_SECONDS:
            self._ask_in(self._bounds.youngest_seconds + late)

    def _ask_in(self, seconds: float) -> None:
        """Have it looked after that time, together with others who ask for about the same time."""
        moment = math.ceil((self._clock.monotonic() + seconds) / APART_SECONDS) * APART_SECONDS
        if moment not in self._due:
            self._due.add(moment)
            self._asked.set()

    async def _is_time(self) -> bool:
        """Tell whether it is time for the next look; otherwise return when that may have changed."""
        self._asked.clear()
        now = self._clock.monotonic()
        seconds = min(self._due, default=math.inf) - now
        if seconds > 0:
            await self._wait(seconds)
            return False
        if self._store.problem:  # nothing is claimed while that cannot be written down
            await self._wait(APART_SECONDS)
            return False
        self._due = {moment for moment in self._due if moment > now}
        return True

    async def _wait(self, seconds: float) -> None:
        asked = asyncio.ensure_future(self._asked.wait())
        waiting = asyncio.ensure_future(
            self._stop.wait() if seconds == math.inf else wait_for(self._stop, seconds, self._clock)
        )
        try:
            await asyncio.wait((asked, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            waiting.cancel()

    # --- looking ---

    async def _look_safely(self) -> None:
        try:
            await self._look()
        except Exception:
            logger.exception("a mistake of the pack while unfinished actions are recovered")
            self._ask_in(AFTER_MISTAKE_SECONDS)

    async def _look(self) -> None:
        found = await self._read()
        if found is None:
            return
        pending, slack_date = found
        known = await self._store.known([one.action.id for one in pending])
        unknown = [one for one in pending if one.action.id not in known]
        self._note_seen(unknown)
        recent = [one for one in unknown if not self._bounds.oldest_seconds < one.age_seconds < math.inf]
        self._name_old(len(unknown) - len(recent))
        young = [one for one in recent if self._seconds_left(one) > 0]
        await self._recover([one for one in recent if self._seconds_left(one) <= 0], slack_date)
        if young:
            self._ask_in(min(map(self._seconds_left, young)))
        if all(one.age_seconds < math.inf for one in young):
            self._since = max(self._since, self._started) if self._due else math.inf

    def _note_seen(self, unknown: Sequence[Pending]) -> None:
        now = self._clock.monotonic()
        self._first_seen = {one.action.id: self._first_seen.get(one.action.id, now) for one in unknown}

    def _seen_seconds(self, one: Pending) -> float:
        return self._clock.monotonic() - self._first_seen[one.action.id]

    def _seconds_left(self, one: Pending) -> float:
        """Return for how long it is still too young; where the records do not tell its age, we count."""
        told = one.age_seconds if one.age_seconds < math.inf else 0.0
        return self._bounds.youngest_seconds - max(told, self._seen_seconds(one))

    async def _recover(self, unfinished: Sequence[Pending], slack_date: float) -> None:
        recovered = []
        for one in unfinished:
            if self._stop.is_set():
                break
            told = one.age_seconds if one.age_seconds < math.inf else self._bounds.oldest_seconds
            age = max(told, self._seen_seconds(one))
            if await self._admit(one.action, slack_date - age - SUSPECT_MARGIN_SECONDS):
                recovered.append(one.action.id)
        self._name(recovered)

    async def _read(self) -> tuple[Sequence[Pending], float] | None:
        """Read the records, waiting for them as long as it takes; None when the pack is stopping.

        The second is Slack's date from before they were read.
        """
        failures = 0
        while not self._stop.is_set():
            seen, date = self._link.registrations, self._slack_date()
            within = min(self._bounds.oldest_seconds, self._clock.monotonic() - self._since + OVERLAP_SECONDS)
            try:
                pending = await self._link.attempt(
                    functools.partial(self._link.engine.pending, within), self._stop
                )
            except EngineForgot:
                await self._link.renew(seen, self._stop)
            except PackError as error:
                self._name_problem(error)
            else:
                self._problem = ""
                return pending, date
            failures += 1
            await wait_for(self._stop, UNREADABLE.seconds(failures, self._clock), self._clock)
        return None

    # --- telling ---

    def _name_problem(self, error: PackError) -> None:
        """Log once why the records cannot be read; an outage is the engine client's to tell."""
        reachable = not isinstance(error, EngineUnavailable) or error.status is not None
        if reachable and str(error) != self._problem:
            self._problem = str(error)
            logger.warning("the engine's records cannot be read; unfinished actions wait: %s", error)

    def _name_old(self, count: int) -> None:
        if count and not self.looked.is_set():
            logger.warning(
                "%d unfinished actions in the engine are older than %g hours; they are left alone",
                count,
                self._bounds.hours,
            )

    def _name(self, recovered: Sequence[str]) -> None:
        self.recovered += len(recovered)
        if recovered:
            logger.warning(
                "recovered %d actions that were handed out and that nobody worked on",
                len(recovered),
                extra={"actions": ", ".join(recovered[:NAMED])},
            )
