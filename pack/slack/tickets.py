"""Socket Mode tickets: the app token is checked at start, and the ticket of the check is used first."""

from __future__ import annotations

import logging

from pack.clock import Clock
from pack.errors import SlackRefused, TransientError
from pack.slack.deadline import within
from pack.slack.web import SlackWeb

logger = logging.getLogger(__name__)

TICKET_CHECK_SECONDS = 3.0
"""How long the check of the app token may hold up the start."""

TICKET_FRESH_SECONDS = 20.0
"""How long the ticket from the check is kept for use, should the engine or Slack be waited for meanwhile."""


class Tickets:
    """Socket Mode tickets: the one by which the app token was checked at start is used first, while fresh."""

    def __init__(self, slack: SlackWeb, clock: Clock) -> None:
        self._slack = slack
        self._clock = clock
        self._first: str | None = None
        self._first_at = 0.0

    async def check(self) -> bool:
        """Ask for a ticket, to see whether the app token is accepted; no answer in time is no refusal.

        Raises:
            CredentialsRefused: it is not.
        """
        try:
            self._first = await within(self._slack.open_ticket(), TICKET_CHECK_SECONDS, self._clock)
            self._first_at = self._clock.monotonic()
        except TimeoutError:
            logger.warning(
                "Socket Mode is not available yet: no ticket within %g s; commands work meanwhile",
                TICKET_CHECK_SECONDS,
            )
        except (TransientError, SlackRefused) as error:
            logger.warning("Socket Mode is not available yet: %s", error)
        return True

    async def open(self) -> str:
        """Return a ticket that was not used; see :meth:`pack.slack.web.SlackWeb.open_ticket`."""
        first, self._first = self._first, None
        if first and self._clock.monotonic() - self._first_at < TICKET_FRESH_SECONDS:
            return first
        return await self._slack.open_ticket()
