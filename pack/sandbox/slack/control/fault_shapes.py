"""The faults as they are asked for: one shape for each, with its fields.

Faults of calls strike the Web API's methods, and under the names ``upload`` and ``response_url`` the
addresses that take uploads and answers to interactions.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field

from pack.sandbox.slack.control.delivery_shapes import (
    BreakSockets,
    CloseSockets,
    DelayEvents,
    Disconnect,
    DuplicateEvents,
    GoSilent,
    IgnoreAcks,
    KillSockets,
    LoseEvents,
    MuteSockets,
    OfSockets,
    RefuseUpgrade,
    RepeatEvents,
    ShuffleEvents,
    SpoilTickets,
)
from pack.sandbox.slack.timing import FARTHEST_SECONDS
from pack.sandbox.trouble.failures import Garbage
from pack.sandbox.trouble.latencies import Distribution
from pack.sandbox.trouble.requests import Asked, Living, Seconds, Status, Struck

Json = Any


class _OfCalls(Struck):
    """``method``: also ``upload`` or ``response_url``. ``match``: arguments that a call has to have."""

    match: dict[str, str | int | float | bool] | None = None


class Answer(_OfCalls):
    """Calls are refused with a code, a status or Retry-After; further fields are the answer's."""

    model_config = ConfigDict(extra="allow", strict=True)

    fault: Literal["answer"]
    method: str
    error: str | None = None
    status: Status | None = None
    retry_after: Seconds | None = None

    def arguments(self) -> dict[str, Json]:
        """Return the fields that were given, and the answer's."""
        return {**super().arguments(), **(self.model_extra or {})}


class Storm(_OfCalls):
    """Calls are refused with 429, whatever the limits."""

    fault: Literal["storm"]
    method: str = "*"
    retry_after: Annotated[int, Field(ge=0)] = 1


class MessageLimit(_OfCalls):
    """Posting is refused with message_limit_exceeded and HTTP 200."""

    fault: Literal["message_limit"]
    method: str = "chat.postMessage"


class ServerError(_OfCalls):
    """Calls are answered with 5xx; after: when they were carried out."""

    fault: Literal["server_error"]
    method: str = "*"
    status: Annotated[int, Field(ge=500, le=599)] = 503
    after: bool = False


class Garble(_OfCalls):
    """Calls are answered with html, text, empty or json (null); after: when they were carried out."""

    fault: Literal["garble"]
    method: str = "*"
    body: Garbage = "html"
    status: Status = 200
    after: bool = False


class Truncate(_OfCalls):
    """Calls are carried out and answered by half; promised: Content-Length says more than comes."""

    fault: Literal["truncate"]
    method: str = "*"
    promised: bool = True


class Timeout(_OfCalls):
    """Calls are never answered; after: carried out at once; lands_after: so many seconds later."""

    fault: Literal["timeout"]
    method: str = "*"
    after: bool = False
    lands_after: Seconds | None = None


class Drop(_OfCalls):
    """The connection breaks before the call is carried out, or after."""

    fault: Literal["drop"]
    method: str
    after: bool = False


class Delay(_OfCalls):
    """Calls lie about for so many seconds before they are carried out."""

    fault: Literal["delay"]
    method: str
    seconds: Seconds


class Latency(_OfCalls):
    """Every call takes a time by chance: uniform (low_ms, high_ms), fixed, exponential, lognormal."""

    fault: Literal["latency"]
    method: str = "*"
    distribution: Distribution = "uniform"
    low_ms: Seconds | None = None
    high_ms: Seconds | None = None
    median_ms: Seconds | None = None
    p99_ms: Seconds | None = None


class Limit(Asked):
    """A rate limit: so many calls in so many seconds, of a channel or of all."""

    fault: Literal["limit"]
    method: str
    calls: Annotated[int, Field(ge=0)]
    seconds: Seconds = 60.0
    by_channel: bool = False


class RevokeToken(Living):
    """A token (the bot's) is refused until the fault ends."""

    fault: Literal["revoke_token"]
    token: str | None = None
    error: str = "token_revoked"


class TakeScopes(Living):
    """A token (the bot's) lacks scopes until the fault ends."""

    fault: Literal["take_scopes"]
    scopes: list[str] = Field(min_length=1)
    token: str | None = None


class Skew(Living):
    """Slack's date is wrong by so many seconds; timestamps do not go back when it is right again."""

    fault: Literal["skew"]
    seconds: float = Field(ge=-FARTHEST_SECONDS, le=FARTHEST_SECONDS)


class RefuseConnections(Living):
    """Connecting is refused for so many seconds, the sandbox's own addresses included."""

    fault: Literal["refuse_connections"]
    for_seconds: Annotated[float, Field(gt=0, lt=math.inf)]


class RefuseTickets(OfSockets):
    """apps.connections.open is refused."""

    fault: Literal["refuse_tickets"]
    error: str = "internal_error"


class Seed(Asked):
    """Chance is drawn from a sequence of this seed."""

    fault: Literal["seed"]
    seed: int | None


class Clear(Asked):
    """Every fault ends, or the one with this id."""

    fault: Literal["clear"]
    id: str | None = None


AnyFault: TypeAlias = (
    Answer
    | BreakSockets
    | Clear
    | CloseSockets
    | Delay
    | DelayEvents
    | Disconnect
    | Drop
    | DuplicateEvents
    | Garble
    | GoSilent
    | IgnoreAcks
    | KillSockets
    | Latency
    | Limit
    | LoseEvents
    | MessageLimit
    | MuteSockets
    | RefuseConnections
    | RefuseTickets
    | RefuseUpgrade
    | RepeatEvents
    | RevokeToken
    | Seed
    | ServerError
    | ShuffleEvents
    | Skew
    | SpoilTickets
    | Storm
    | TakeScopes
    | Timeout
    | Truncate
)
"""The faults, told apart by ``fault``."""
