"""The faults of sockets and deliveries as they are asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pack.sandbox.trouble.requests import Asked, Seconds, Struck

Count = Annotated[int, Field(ge=0)]


class OfDeliveries(Struck):
    """``kind``: a type of event, or ``*``."""

    kind: str = "*"


class LoseEvents(OfDeliveries):
    """Attempts at a delivery do not arrive; Slack tries again when no acknowledgement comes."""

    fault: Literal["lose_events"]


class IgnoreAcks(OfDeliveries):
    """Acknowledgements are not heard: what arrived is delivered again."""

    fault: Literal["ignore_acks"]


class DelayEvents(OfDeliveries):
    """Events are sent so many seconds late."""

    fault: Literal["delay_events"]
    seconds: Seconds


class DuplicateEvents(OfDeliveries):
    """Events are followed by copies without the mark of a retry, with the same event_id or a new one."""

    fault: Literal["duplicate_events"]
    copies: Count = 1
    new_event_ids: bool = False
    seconds: Seconds = 0.0


class ShuffleEvents(OfDeliveries):
    """Events come out of order: so many wait for one another, each so many seconds at most."""

    fault: Literal["shuffle_events"]
    window: Annotated[int, Field(ge=2)] = 5
    seconds: Seconds = 2.0


class KillSockets(Asked):
    """The open sockets are half-open: nothing is read or sent any more, and nobody is told."""

    fault: Literal["kill_sockets"]


class MuteSockets(Asked):
    """The next sockets are opened and stay silent, without a hello."""

    fault: Literal["mute_sockets"]
    times: Count = 1


class BreakSockets(Asked):
    """Sockets break right after a payload, so that its acknowledgement is lost."""

    fault: Literal["break_sockets"]
    times: Count = 1


class SpoilTickets(Asked):
    """The next tickets of apps.connections.open are refused when they are used."""

    fault: Literal["spoil_tickets"]
    times: Count = 1
