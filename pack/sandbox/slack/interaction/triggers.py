"""Triggers: what a person did, as the app may answer to it with a view, once and soon."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.objects import App

TRIGGER_SECONDS = 3.0
_KEPT_SECONDS = 3_600.0
"""How long an old trigger is still known to be expired or used, and not taken for an invented one."""
_FORM = re.compile(r"\d+\.\d+\.[0-9a-f]+\Z")
_TEAM_NUMBER = 5_891_832_418_320


@dataclass(slots=True)
class Trigger:
    """One thing that a person did."""

    user_id: str
    issued: float
    """When, by Slack's monotonic clock."""
    view_id: str = ""
    """The modal in which it was done; empty: elsewhere."""
    channel_id: str = ""
    """The conversation in which it was done; empty: in none."""
    used: bool = False


class Triggers:
    """Issues ``trigger_id`` and takes each back once, within three seconds."""

    def __init__(self, app: App, clock: SlackClock) -> None:
        self._app = app
        self._clock = clock
        self._by_id: dict[str, Trigger] = {}
        self._issued = 0

    def issue(self, user_id: str, *, view_id: str = "", channel_id: str = "") -> str:
        """Return the trigger_id of something that the person did just now."""
        now = self._clock.monotonic()
        self._forget(now)
        self._issued += 1
        number = int(self._clock.now().timestamp()) * 1_000 + self._issued
        trigger_id = f"{number}.{_TEAM_NUMBER}.{secrets.token_hex(16)}"
        self._by_id[trigger_id] = Trigger(user_id, now, view_id, channel_id)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a trigger.

        Raises:
            Refusal: ``invalid_trigger_id``: it has another form or was never issued;
                ``exchanged_trigger_id``: it was used; ``expired_trigger_id``: three seconds are over.
        """
        trigger = self.look_at(trigger_id)
        trigger.used = True
        return trigger

    def look_at(self, trigger_id: str) -> Trigger:
        """Return a trigger that can be used, without using it.

        Raises:
            Refusal: as :meth:`exchange`.
        """
        trigger = self._by_id.get(trigger_id) if _FORM.match(trigger_id) else None
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self._clock.monotonic() - trigger.issued > TRIGGER_SECONDS:
            raise Refusal("expired_trigger_id")
        return trigger

    def reset(self) -> None:
        """Forget every trigger."""
        self._by_id.clear()

    def _forget(self, now: float) -> None:
        for trigger_id, trigger in tuple(self._by_id.items()):
            if now - trigger.issued <= _KEPT_SECONDS:
                break
            del self._by_id[trigger_id]
