"""Everything that the engine remembers, in memory. It outlives a stop and a start of the server."""

from __future__ import annotations

from pack.clock import Clock
from pack.sandbox.engine.actions import Actions
from pack.sandbox.engine.ids import Ids
from pack.sandbox.engine.shelves import Datastore, Flows, Packs


class State:
    """The engine's memory. Its methods never wait, so each is atomic in an event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = Ids()
        self.packs = Packs()
        self.flows = Flows()
        self.datastore = Datastore()
        self.actions = Actions(clock)

    def new_id(self) -> str:
        """Return an identifier that nothing has yet."""
        return self._ids.new(self._clock.now())
