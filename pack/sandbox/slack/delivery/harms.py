"""What can happen to a delivery on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

INTERACTIONS = frozenset({"interactive", "slash_commands"})
"""The kinds of delivery for which a person waits; they are told apart from events by their names."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt does not arrive."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """An acknowledgement is not heard."""


@dataclass(frozen=True, slots=True)
class Late:
    """It comes so many seconds later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """It is followed by copies, so many seconds later."""

    copies: int
    seconds: float
    new_event_ids: bool


@dataclass(frozen=True, slots=True)
class Shuffled:
    """So many wait for one another, each so many seconds at most."""

    window: int
    seconds: float


def is_lost(what: object) -> TypeGuard[Lost]:
    """Tell whether something is an attempt that does not arrive."""
    return isinstance(what, Lost)


def is_unheard(what: object) -> TypeGuard[Unheard]:
    """Tell whether something is an acknowledgement that is not heard."""
    return isinstance(what, Unheard)


def is_late(what: object) -> TypeGuard[Late]:
    """Tell whether something is a delay."""
    return isinstance(what, Late)


def is_repeated(what: object) -> TypeGuard[Repeated]:
    """Tell whether something is copies."""
    return isinstance(what, Repeated)


def is_shuffled(what: object) -> TypeGuard[Shuffled]:
    """Tell whether something is another order."""
    return isinstance(what, Shuffled)
