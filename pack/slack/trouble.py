"""Trouble: a state that is logged when it begins and ends, but not whenever it comes and goes."""

from __future__ import annotations

import logging

from pack.clock import Clock

NAMED_SECONDS = 60.0
"""How often the same problem is logged at the most."""

MOST_PROBLEMS = 100
"""How many problems are told apart."""


class Trouble:
    """The last problem of something; ``began`` (with a ``%s`` for it) and ``ended`` are what is logged."""

    def __init__(self, logger: logging.Logger, clock: Clock, *, began: str, ended: str) -> None:
        self._logger = logger
        self._clock = clock
        self._began = began
        self._ended = ended
        self._told = ""
        self._told_at: dict[str, float] = {}
        self.problem = ""
        """What it is at the moment; empty: none."""

    def note(self, problem: str) -> None:
        """Set the problem, and log it when it is a change; empty: it is over."""
        self.problem = problem
        if problem and problem != self._told:
            self._tell(problem)
        elif problem:
            self._logger.debug(self._began, problem)
        elif self._told:
            self._told = ""
            self._logger.info(self._ended)

    def note_told(self, problem: str) -> None:
        """Set a problem that was logged already."""
        self.problem = self._told = problem

    def _tell(self, problem: str) -> None:
        now = self._clock.monotonic()
        if now < self._told_at.get(problem, now - NAMED_SECONDS) + NAMED_SECONDS:
            self._logger.debug(self._began, problem)
            return
        if len(self._told_at) >= MOST_PROBLEMS:
            self._told_at.clear()
        self._told, self._told_at[problem] = problem, now
        self._logger.warning(self._began, problem)
