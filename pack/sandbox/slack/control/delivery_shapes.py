"""The faults of sockets and deliveries as they are asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pack.sandbox.trouble.requests import Asked, Living, Seconds, Struck

Copies = Annotated[int, Field(ge=0, le=1_000)]


class OfDeliveries(Struck):
    """``kind``: a type of event, or ``*``."""

    kind: str = "*"


class OfSockets(Struck):
    """A fault of the next tickets, upgrades, sockets or payloads of Socket Mode."""


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
    copies: Copies = 1
    new_event_ids: bool = False
    seconds: Seconds = 0.0


class ShuffleEvents(OfDeliveries):
    """Events come out of order: so many wait for one another, each so many seconds at most."""

    fault: Literal["shuffle_events"]
    window: Annotated[int, Field(ge=2)] = 5
    seconds: Seconds = 2.0


class RepeatEvents(OfDeliveries):
    """Events are followed by copies with another event_id, at once, until that is ended."""

    fault: Literal["repeat_events"]
    copies: Copies = 1


class RefuseUpgrade(OfSockets):
    """WebSocket upgrades are refused with 503; their tickets are not used up."""

    fault: Literal["refuse_upgrade"]


class MuteSockets(OfSockets):
    """Sockets are opened and stay silent, without a hello."""

    fault: Literal["mute_sockets"]


class BreakSockets(OfSockets):
    """Sockets break right after a payload, so that its acknowledgement is lost."""

    fault: Literal["break_sockets"]


class SpoilTickets(OfSockets):
    """Tickets of apps.connections.open are refused when they are used."""

    fault: Literal["spoil_tickets"]


class GoSilent(Living):
    """The open sockets stay open but dead: nothing is sent, not even an answer to a ping."""

    fault: Literal["go_silent"]


class KillSockets(Living):
    """The open sockets are half-open: nothing is read or sent any more, and nobody is told."""

    fault: Literal["kill_sockets"]


class Disconnect(Asked):
    """Every open socket is sent a disconnect frame."""

    fault: Literal["disconnect"]
    reason: Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"] = (
        "refresh_requested"
    )


class CloseSockets(Asked):
    """The open sockets are closed; abrupt: without a close frame."""

    fault: Literal["close_sockets"]
    abrupt: bool = False
