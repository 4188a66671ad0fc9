"""A command, declared once: everything else about it is derived from its declaration.

Registration with the engine, dispatch, the order in which commands run, the reference page and the app
manifest all read :class:`Command`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from pack.contracts.commands import CommandInput, Learnt
from pack.contracts.ports import Json, UnreadableInput
from pack.delivery.admission import Place
from pack.delivery.outcomes import NoCheck, OutcomeCheck
from pack.slack.channels import ChannelDirectory
from pack.slack.membership import Membership

I = TypeVar("I", bound=CommandInput)  # noqa: E741 - the input


class Effect(Protocol):
    """Carry one step of the action out in Slack, once; see :meth:`pack.delivery.effects.Effects.run`."""

    def __call__(self, step: str, method: str, arguments: Mapping[str, Json]) -> Awaitable[dict[str, Json]]:
        """Return Slack's answer."""
        ...


class Ask(Protocol):
    """Ask Slack something that changes nothing."""

    def __call__(self, method: str, arguments: Mapping[str, Json]) -> Awaitable[dict[str, Json]]:
        """Return Slack's answer."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What a handler may use."""

    effect: Effect
    ask: Ask
    channels: ChannelDirectory
    membership: Membership
    places: Sequence[Place]
    """The action's places in the channels' queues. A single one is taken before the handler runs."""
    place: Callable[[str], Place]
    """Draw a further place in the queue of a channel; whoever draws it uses it or leaves it."""
    begun: Sequence[str] = ()
    """The steps that an earlier process began."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An event that a command ends in."""

    name: str
    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Command(Generic[I]):
    """One command: its contract and its handler.

    ``channels`` names the channels that an input concerns, for the order in which commands run: one for most,
    all joined ones for a broadcast, none for what only reads.
    """

    name: str
    input: type[I]
    success: Outcome
    failure: Outcome
    idempotent: bool
    scopes: tuple[str, ...]
    channels: Callable[[I, Membership], Sequence[str]]
    handle: Callable[[I, Deps], Awaitable[Learnt]]
    echo: Callable[[Json], dict[str, Any]]
    """How a failure event carries the input."""
    triggered: bool = False
    """Whether it is bound to a trigger, which Slack accepts for three seconds only: it overtakes others."""
    check: OutcomeCheck = field(default_factory=NoCheck)
    """How it is found out whether an effect was carried out whose answer never came."""

    @property
    def events(self) -> tuple[str, str]:
        """The names of the events that it may end in."""
        return self.success.name, self.failure.name


def echo(given: Json) -> dict[str, Any]:
    """Return the input as it came; under the key ``input`` when it is no object, empty when unreadable."""
    if isinstance(given, UnreadableInput):
        return {}
    return dict(given) if isinstance(given, dict) else {"input": given}


def echo_as_input_message(given: Json) -> dict[str, Any]:
    """Return the input as it came, under the key ``inputMessage``; empty there when it cannot be read."""
    return {"inputMessage": {} if isinstance(given, UnreadableInput) else given}
