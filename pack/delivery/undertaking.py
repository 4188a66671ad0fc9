"""An undertaking: one action while it is carried out, and what that took."""

from __future__ import annotations

from dataclasses import dataclass, field

from pack.contracts.storing import Effect, Record
from pack.delivery.outcomes import ByMetadata, OutcomeCheck
from pack.delivery.pace import Priority

SUSPECT_MARGIN_SECONDS = 300.0
"""How much earlier than its taking a step is looked for: Slack's date may have been told otherwise then."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took to carry an action out."""

    attempts: int
    """How many calls were made for its effects."""
    waited_seconds: float | None
    """How long it was from its being taken to the beginning of the last of them; None: not known."""


@dataclass(slots=True)
class Undertaking:
    """One action that is being carried out."""

    action_id: str
    effects: dict[str, Effect] = field(default_factory=dict)
    """What is known of its steps."""
    suspect_since: float | None = None
    """Not None: each of its steps may have been carried out since then, by Slack's date."""
    check: OutcomeCheck = field(default_factory=ByMetadata)
    """How it is found out whether a step was carried out; the command's declaration says so."""
    priority: Priority = Priority.ORDINARY
    """How urgent its calls are where the pace lets only one go."""
    taken_at: float | None = None
    """When it was taken, by this machine's date: seconds since 1970; None: not known."""
    called_at: float | None = None
    """When the last call for it began, by this machine's date."""

    def effort(self) -> Effort | None:
        """Return what it took; None when it changed nothing in Slack."""
        attempts = sum(effect.attempts for effect in self.effects.values())
        if not attempts:
            return None
        if self.taken_at is None or self.called_at is None:
            return Effort(attempts, None)
        return Effort(attempts, round(max(0.0, self.called_at - self.taken_at), 3))


def resume(record: Record, *, slack_ahead_seconds: float) -> Undertaking:
    """Return an undertaking that an earlier process began.

    ``slack_ahead_seconds``: how much later Slack's date is than this machine's.
    """
    suspect_since = record.suspect_since
    if suspect_since == 0:
        suspect_since = record.taken_at + slack_ahead_seconds - SUSPECT_MARGIN_SECONDS
    return Undertaking(
        record.action.id,
        effects=dict(record.effects),
        suspect_since=suspect_since,
        taken_at=record.taken_at,
    )
