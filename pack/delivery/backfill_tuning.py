"""How patient the backfill is."""

from __future__ import annotations

from dataclasses import dataclass, field

from pack.retry import Backoff


@dataclass(frozen=True, slots=True)
class BackfillTuning:
    """The times of the backfill, in seconds."""

    heartbeat_seconds: float = 5.0
    """How often the watermarks are moved on."""
    overlap_seconds: float = 120.0
    """How far the watermarks stay behind: longer than a dead connection can go unnoticed."""
    pause_seconds: float = 30.0
    """When so much more time has passed between two heartbeats, the process stood still, or the date jumped:
    nobody knows what was received."""
    poll_seconds: float = 0.5
    """How often it is looked whether payloads come in again."""
    calm_seconds: float = 10.0
    """How long after the end of one fill the next one begins at the earliest."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=1.0, cap_seconds=60.0))
    """The waits after Slack could not be read, or nobody had room for what was read."""
