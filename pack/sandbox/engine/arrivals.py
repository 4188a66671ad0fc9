"""The events that came: those that wait to be dealt with, and those that actions refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pack.flows.model import Event, Flow
from pack.sandbox.engine.database import Database, Row
from pack.sandbox.engine.shelves import Flows
from pack.sandbox.engine.texts import (
    read_json,
    read_moment,
    read_sender,
    write_json,
    write_moment,
    write_sender,
)

_EVENT = "name, sender, payload, created, received"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that waits to be dealt with.

    ``flows``: those that it starts, as they were when it came. ``completes``: the number of the action that
    it is the result of, None for an observation. ``attempts``: see :meth:`Arrivals.attempt`.
    """

    number: int
    event: Event
    flows: Sequence[tuple[int, Flow]]
    completes: int | None
    attempts: int


class Arrivals:
    """The events, in the order in which they came. An event is kept as long as something refers to it."""

    def __init__(self, database: Database, flows: Flows) -> None:
        self._database = database
        self._flows = flows

    def put(self, event: Event, *, number: int | None = None, completes: int | None = None) -> int:
        """Let an event wait to be dealt with; return its number, which may be one drawn before."""
        number = self._database.next_number() if number is None else number
        starting = self._flows.started_by(event.sender.name, event.name)
        self._database.change(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, 0, 0)",
            *(number, event.name, write_sender(event.sender), write_json(event.payload)),
            *(write_moment(event.created_at), write_moment(event.received_at)),
            *(" ".join(map(str, starting)), completes),
        )
        return number

    def waiting(self) -> int:
        """Return how many wait."""
        return int(self._database.value("SELECT count(*) FROM events WHERE waiting = 1"))

    def next(self) -> Arrival | None:
        """Return the oldest one that waits, None when there is none; it waits until it is settled."""
        row = self._database.row(
            f"SELECT {_EVENT}, number, flows, completes, attempts FROM events "
            "WHERE waiting = 1 ORDER BY number LIMIT 1"
        )
        if row is None:
            return None
        *event, number, flows, completes, attempts = row
        starting = [(flow, self._flows.version(flow)) for flow in map(int, flows.split())]
        return Arrival(number, _event(tuple(event)), starting, completes, attempts)

    def attempt(self, arrival: Arrival) -> None:
        """Count that a process begins with this event: how often one ended over it can be seen by that."""
        self._database.change("UPDATE events SET attempts = attempts + 1 WHERE number = ?", arrival.number)

    def discard_oldest(self) -> None:
        """Forget the oldest one that waits, which cannot be read."""
        self._database.change(
            "DELETE FROM events WHERE number = (SELECT min(number) FROM events WHERE waiting = 1)"
        )

    def settle(self, arrival: Arrival, uses: int) -> None:
        """Note that an event was dealt with; ``uses``: how many actions refer to it. 0: it is forgotten."""
        if uses:
            self._database.change(
                "UPDATE events SET waiting = 0, flows = '', uses = ? WHERE number = ?", uses, arrival.number
            )
        else:
            self._database.change("DELETE FROM events WHERE number = ?", arrival.number)

    def get(self, number: int) -> Event:
        """Return an event that an action refers to."""
        row = self._database.row(f"SELECT {_EVENT} FROM events WHERE number = ?", number)
        assert row is not None
        return _event(row)

    def release(self, number: int, uses: int) -> None:
        """Note that so many actions less refer to an event."""
        if not self._database.change(
            "DELETE FROM events WHERE number = ? AND uses = ? AND waiting = 0", number, uses
        ):
            self._database.change("UPDATE events SET uses = uses - ? WHERE number = ?", uses, number)


def _event(row: Row) -> Event:
    name, sender, payload, created, received = row
    return Event(name, read_sender(sender), read_json(payload), read_moment(created), read_moment(received))
