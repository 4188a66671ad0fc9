"""Tickets for Socket Mode: each opens one connection, for a short while."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from pack.clock import Clock

TICKET_SECONDS = 120.0


class Tickets:
    """Issues tickets and takes them back; ``spoils`` says whether the next one will not open anything."""

    def __init__(self, clock: Clock, spoils: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._spoils = spoils
        self._ends: dict[str, float] = {}

    def issue(self) -> str:
        """Return a ticket that is good once, within two minutes."""
        now = self._clock.monotonic()
        self._ends = {ticket: end for ticket, end in self._ends.items() if end > now}
        ticket = secrets.token_hex(16)
        if not self._spoils():
            self._ends[ticket] = now + TICKET_SECONDS
        return ticket

    def take(self, ticket: str) -> bool:
        """Use a ticket up; False when there is none such, or it is too old."""
        return self._ends.pop(ticket, 0.0) > self._clock.monotonic()
