"""How patient the Socket Mode receiver is."""

from __future__ import annotations

from dataclasses import dataclass, field

from pack.retry import Backoff


@dataclass(frozen=True, slots=True)
class SocketTuning:
    """The times and bounds of the Socket Mode receiver."""

    ticket_seconds: float = 30.0
    """How long apps.connections.open may take."""
    ticket_burst: int = 3
    """So many tickets may be asked for in a row while there is a connection already; while there is none,
    only failures slow it down."""
    ticket_pace_seconds: float = 60.0
    """How long until there may be one more of these. Slack asks to plan for one ticket per minute."""
    open_seconds: float = 15.0
    """How long the WebSocket upgrade may take."""
    hello_seconds: float = 10.0
    """How long Slack's ``hello`` may take after the upgrade."""
    ping_seconds: float = 10.0
    """After so much silence a ping of our own is sent, and again after as much."""
    silence_seconds: float = 30.0
    """After so much silence a connection is taken for dead and replaced.

    Slack pings every connection several times in that time (its own Node client gives up after 30 s without
    a ping), but often takes more than 5 s to answer a ping; so two pings of ours fit in before the end.
    """
    forgotten_seconds: float = 60.0
    """How long after a connection went silent Slack may go on sending to it; then there was a gap again."""
    retire_seconds: float = 10.0
    """How long a replaced connection is still read, unless Slack closes it earlier (it warns 10 s ahead)."""
    close_seconds: float = 1.0
    """How long closing a connection may take."""
    flush_seconds: float = 1.0
    """How long, at the end, the payload that is being accepted may take to be accepted and acknowledged."""
    steady_seconds: float = 60.0
    """A connection that held so long ends a row of failures."""
    pending_limit: int = 500
    """How many payloads may wait for the intake."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first_seconds=1.0, cap_seconds=60.0))
    """The waits between attempts. Slack asks to plan for one apps.connections.open per minute."""
