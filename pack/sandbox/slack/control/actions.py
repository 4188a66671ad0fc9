"""How an address of the control API is declared: its request, what it does, what it returns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from pack.sandbox.slack.delivery.events import EventsApi
from pack.sandbox.slack.delivery.http_delivery import HttpDelivery
from pack.sandbox.slack.delivery.outlet import Outlet
from pack.sandbox.slack.delivery.sockets import Sockets
from pack.sandbox.slack.faults.faults import Faults
from pack.sandbox.slack.interaction.interactions import Interactions
from pack.sandbox.slack.limits.limits import Limits
from pack.sandbox.slack.timing import SlackClock
from pack.sandbox.slack.world.feed import Feed
from pack.sandbox.slack.world.world import World

Json = Any


class Body(BaseModel):
    """A request to a control address: unknown fields and wrong types are refused, and named."""

    model_config = ConfigDict(extra="forbid", strict=True)
    actors: ClassVar[tuple[str, ...]] = ("by",)
    """The fields that name who acts; nobody acts whose account is deactivated."""


class Nothing(Body):
    """A request without fields."""


class Simulation(Protocol):
    """What control actions work on: the parts of the simulated Slack."""

    world: World
    clock: SlackClock
    faults: Faults
    limits: Limits
    feed: Feed
    sockets: Sockets
    http_delivery: HttpDelivery
    events: EventsApi
    outlet: Outlet
    interactions: Interactions

    @property
    def url(self) -> str:
        """The address of the simulation."""
        ...

    def reset(self) -> None:
        """Begin anew."""
        ...


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class ControlAction(Generic[B]):
    """``POST /sandbox/NAME``.

    ``act`` returns the answer's fields (``ok`` is added) or raises ``Refusal`` (the workspace says no) or
    ``ValueError`` (the request makes no sense); both become status 400 with a code and a message.
    ``meaning``: one sentence for the documentation.
    """

    name: str
    body: type[B]
    act: Callable[[Simulation, B], dict[str, Json] | Awaitable[dict[str, Json]]]
    meaning: str


@dataclass(frozen=True, slots=True)
class ControlView:
    """``GET /sandbox/NAME``. ``show`` returns the answer's fields (``ok`` is added)."""

    name: str
    show: Callable[[Simulation], dict[str, Json]]
    meaning: str
