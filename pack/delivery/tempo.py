"""Tempo: how closely calls may follow one another, learned from what Slack refuses.

It starts from what the reference promises, tries out whether more is permitted, and falls back to what was
known to be permitted when Slack refuses. What is tried is believed once more calls went through than a rest
can have saved up; after each trial that failed the next one is rarer and bolder by less.
"""

from __future__ import annotations

import math

MARGIN = 1.01
"""Calls follow one another by this much more slowly than is permitted, for the jitter on their way."""
HALF = 0.5
"""The first trials after one at full speed failed go at twice the pace."""
FINEST = 0.97
"""No trial is less bold than that."""
FASTEST = 256
"""So many times what is documented is no limit at all."""
FIRST_REST = 100
MOST_REST = 12_800
"""How many calls go through between two trials: at first, and at the most."""
AT_ONCE = 10
"""Nor does a trial come before the time in which a tenth of those calls would go through one by one."""
SLOWER = 1.02
"""A refusal at a pace that was believed to be permitted makes it slower by this much, or by more…"""
SLOWEST = 1.5
"""…up to this, when one follows another."""
SLOWEST_OF_ALL = 10.0
"""No more than so many times: refusals that no pace prevents do not bring anything to a halt."""
FOLLOWS = 50
"""A refusal follows another when fewer calls than this went through between them."""
RECOVERS = 250
"""After so many calls without a refusal the pace is what it was before one."""


class Tempo:
    """The learned pace of one kind of calls."""

    def __init__(self, seconds: float, proof: float) -> None:
        """``seconds``: what the reference permits between two calls.

        ``proof``: how many calls more than that pace have to go through before a faster one is believed.
        """
        self._documented = self._believed = seconds * MARGIN
        self._trial_began: float | None = None
        self._slowed = 1.0
        self._slower = SLOWER
        self._proof = proof
        self._boldness = 0.0
        self._rest = 0
        self._since_refused = FOLLOWS
        self._since_trial = 0
        self._trial_calls = 0
        self._tried_at = -math.inf
        self.refused = 0
        """How many refusals it has learned from."""

    @property
    def interval(self) -> float:
        """The seconds between two calls that are believed to be permitted; 0: no limit is known."""
        return self._believed * self._slowed

    @property
    def trial_interval(self) -> float:
        """The seconds between two calls while a faster pace is tried out."""
        return self.interval * self._boldness

    @property
    def is_on_trial(self) -> bool:
        """Whether a faster pace is being tried out."""
        return self._trial_began is not None

    @property
    def is_at_full_speed(self) -> bool:
        """Whether it is tried out, or believed, that there is no limit at all."""
        return self._believed == 0 or (self.is_on_trial and self._boldness == 0)

    def may_try(self, now: float) -> bool:
        """Tell whether it is time to try a faster pace."""
        if self._believed == 0 or self.is_on_trial or self._since_trial < self._rest:
            return False
        return now - self._tried_at >= self._rest * self._documented / AT_ONCE

    def begin_trial(self, now: float) -> None:
        """Try the faster pace from the next call on."""
        self._trial_began, self._trial_calls = now, 0

    def stop_trial(self) -> None:
        """Leave off trying."""
        self._trial_began = None

    def ahead(self, now: float) -> float:
        """Return how many calls more than are believed to be permitted went through in this trial."""
        if self._trial_began is None or self._believed == 0:
            return 0.0
        return self._trial_calls - (now - self._trial_began) * MARGIN / self.interval

    def succeeded(self, now: float, *, tried: bool) -> None:
        """Learn that a call went through; ``tried``: at the faster pace."""
        self._since_refused += 1
        self._since_trial += 1
        self._slowed = max(1.0, self._slowed / SLOWER ** (1 / RECOVERS))
        if tried and self.is_on_trial:
            self._trial_calls += 1
            if (ahead := self.ahead(now)) >= self._proof:
                self._believe(now)
            elif ahead < 0:
                self.begin_trial(now)

    def _believe(self, now: float) -> None:
        self._believed *= self._boldness
        if self._believed < self._documented / FASTEST:
            self._believed = 0.0
        self._since_trial = 0
        if self._believed > 0 and self._boldness <= HALF:
            self.begin_trial(now)
        else:
            self.stop_trial()

    def limited(self, now: float, *, tried: bool) -> None:
        """Learn that Slack refused a call; ``tried``: at the faster pace, or where no limit was known."""
        self.refused += 1
        if self._believed == 0:
            self._believed = self._documented
            self._fail(now)
        elif tried and self.is_on_trial:
            self._fail(now)
        else:
            self._slow_down()
        self._since_refused = 0

    def _fail(self, now: float) -> None:
        self._tried_at = now
        self._trial_began = None
        self._since_trial = 0
        self._rest = min(max(FIRST_REST, self._rest * 2), MOST_REST)
        self._boldness = HALF if self._boldness == 0 else min(math.sqrt(self._boldness), FINEST)

    def _slow_down(self) -> None:
        follows = self._since_refused < FOLLOWS
        self._slower = min(1 + (self._slower - 1) * 2, SLOWEST) if follows else SLOWER
        self._slowed = min(self._slowed * self._slower, SLOWEST_OF_ALL)
