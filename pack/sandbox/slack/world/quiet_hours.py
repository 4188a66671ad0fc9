"""Do not disturb: when people are not to be notified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pack.sandbox.slack.refusal import Refusal
from pack.sandbox.slack.world.workspace import Workspace

Json = Any

LONGEST_SNOOZE = 365 * 24 * 60
"""In minutes."""
_NEVER = 1
"""What Slack tells as the date of quiet hours that there are not."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """One person's quiet hours; dates in seconds since 1970, 0: none."""

    starts: int = 0
    ends: int = 0
    snooze_ends: int = 0


class QuietHours:
    """By person, the quiet hours that come next and the snooze that is on."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._quiet: dict[str, Quiet] = {}

    def reset(self) -> None:
        """Nobody has quiet hours any more."""
        self._quiet.clear()

    def plan(self, user: str, starts: int, ends: int) -> None:
        """Set the quiet hours that come next; twice 0: none.

        Raises:
            ValueError: they end before they start.
        """
        if ends < starts:
            raise ValueError("quiet hours end after they start: ends has to be larger than starts")
        self._keep(user, Quiet(starts, ends, self._of(user).snooze_ends))

    def snooze(self, user: str, minutes: int) -> None:
        """Have nobody disturb a person from now on, for so many minutes.

        Raises:
            Refusal: ``snooze_failed``: less than a minute; ``too_long``.
        """
        if minutes < 1:
            raise Refusal("snooze_failed")
        if minutes > LONGEST_SNOOZE:
            raise Refusal("too_long")
        quiet = self._of(user)
        self._keep(user, Quiet(quiet.starts, quiet.ends, self._workspace.seconds() + minutes * 60))

    def end_snooze(self, user: str) -> None:
        """End a snooze.

        Raises:
            Refusal: ``snooze_end_failed``: there is none.
        """
        if not self._snoozing(user):
            raise Refusal("snooze_end_failed")
        quiet = self._of(user)
        self._keep(user, Quiet(quiet.starts, quiet.ends))

    def end(self, user: str) -> None:
        """End the quiet hours that are on; those of other days are not known.

        Raises:
            Refusal: ``not_in_dnd``.
        """
        quiet = self._of(user)
        if not quiet.starts <= self._workspace.seconds() < quiet.ends:
            raise Refusal("not_in_dnd")
        self._keep(user, Quiet(snooze_ends=quiet.snooze_ends))

    def as_json(self, user: str, *, own: bool = False) -> dict[str, Json]:
        """Return what ``dnd.info`` tells; ``own``: the snooze too, which only the person sees whole."""
        quiet = self._of(user)
        planned = quiet.ends > self._workspace.seconds()
        status: dict[str, Json] = {
            "dnd_enabled": planned,
            "next_dnd_start_ts": quiet.starts if planned else _NEVER,
            "next_dnd_end_ts": quiet.ends if planned else _NEVER,
        }
        if own:
            status |= self.snooze_as_json(user)
        return status

    def snooze_as_json(self, user: str) -> dict[str, Json]:
        """Return whether a snooze is on, and how long it lasts."""
        if not self._snoozing(user):
            return {"snooze_enabled": False}
        ends = self._of(user).snooze_ends
        return {
            "snooze_enabled": True,
            "snooze_endtime": ends,
            "snooze_remaining": ends - self._workspace.seconds(),
            "snooze_is_indefinite": False,
        }

    def _of(self, user: str) -> Quiet:
        return self._quiet.get(user, Quiet())

    def _snoozing(self, user: str) -> bool:
        return self._of(user).snooze_ends > self._workspace.seconds()

    def _keep(self, user: str, quiet: Quiet) -> None:
        self._quiet[user] = quiet
        self._workspace.tell_bot("dnd_updated_user", "dnd:read", user=user, dnd_status=self.as_json(user))
