"""Addresses at which the app may answer to something that a person did: five times within half an hour."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import App

RESPONSE_SECONDS = 1_800.0
MOST_USES = 5
_MOST_KEPT = 10_000

Origin = Literal["actions", "commands", "app"]
"""What the address's path begins with: a message's element, a slash command, a shortcut or a view."""


@dataclass(slots=True)
class Opening:
    """What may be said at one address, and where it goes."""

    origin: Origin
    channel_id: str
    user_id: str
    """Whom an ephemeral answer is for."""
    issued: float
    message_ts: str = ""
    """The message whose element was used; empty: there is none to replace."""
    replaces: bool = False
    """Whether an answer replaces that message unless it says otherwise: for elements of attachments."""
    uses: int = 0


class ResponseUrls:
    """Issues ``response_url`` and counts their uses. ``address``: where this server is, ``http://…``."""

    def __init__(self, app: App, clock: SlackClock) -> None:
        self.address = ""
        self._app = app
        self._clock = clock
        self._by_path: dict[str, Opening] = {}
        self._issued = 0

    def issue(
        self,
        origin: Origin,
        channel_id: str,
        user_id: str,
        *,
        message_ts: str = "",
        replaces: bool = False,
    ) -> str:
        """Return a new address."""
        self._issued += 1
        secret = secrets.token_hex(12)
        path = f"/{origin}/{self._app.team_id}/{9_000_000_000_000 + self._issued}/{secret}"
        now = self._clock.monotonic()
        self._by_path[path] = Opening(origin, channel_id, user_id, now, message_ts, replaces)
        if len(self._by_path) > _MOST_KEPT:
            del self._by_path[next(iter(self._by_path))]
        return self.address + path

    def find(self, path: str) -> Opening:
        """Return what an address is for, as long as it can be used.

        Raises:
            Refusal: ``invalid_url``: there is no such address; ``expired_url``; ``used_url``.
        """
        opening = self._by_path.get(path)
        if opening is None:
            raise Refusal("invalid_url")
        if self._clock.monotonic() - opening.issued > RESPONSE_SECONDS:
            raise Refusal("expired_url")
        if opening.uses >= MOST_USES:
            raise Refusal("used_url")
        return opening

    def reset(self) -> None:
        """Forget every address."""
        self._by_path.clear()
