"""Everything that the engine remembers. It outlives a stop of the server; in a file, a kill too."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from pack.clock import Clock
from pack.sandbox.engine.actions import FINISHED_EXECUTIONS_KEPT, Actions
from pack.sandbox.engine.arrivals import Arrivals
from pack.sandbox.engine.audit import Audit
from pack.sandbox.engine.database import Database
from pack.sandbox.engine.ids import Ids
from pack.sandbox.engine.shelves import Datastore, Flows, Packs
from pack.sandbox.engine.state_file import refused


class State:
    """The engine's memory. Its methods never wait, so each is atomic in an event loop.

    ``path``: the file that it is in; None: nowhere that stays. ``finished_kept``: how many executions without
    anything left to do are remembered.

    Raises:
        SettingsError: the file cannot be used.
    """

    def __init__(
        self, clock: Clock, path: Path | None = None, *, finished_kept: int = FINISHED_EXECUTIONS_KEPT
    ) -> None:
        self._clock = clock
        self._database = Database(path)
        self._ids = Ids()
        try:
            self.packs = Packs(self._database)
            self.flows = Flows(self._database)
        except (sqlite3.Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
            self._database.close()
            raise refused(path, error) from error
        self.datastore = Datastore(self._database)
        self.arrivals = Arrivals(self._database, self.flows)
        self.actions = Actions(self._database, self.flows, self.arrivals, clock, finished_kept)
        self.audit = Audit(self._database, self.flows, self.arrivals)

    def new_id(self) -> str:
        """Return an identifier that nothing has yet."""
        return self._ids.new(self._clock.now())

    def transaction(self) -> AbstractContextManager[None]:
        """Let everything inside happen, or nothing of it."""
        return self._database.transaction()

    def check(self) -> None:
        """Find out whether anything can be stored now.

        Raises:
            sqlite3.Error: it cannot, as on a full disk.
        """
        self._database.check()

    def close(self) -> None:
        """Give the file back; nothing can be asked any more. Does nothing the second time."""
        if not self._database.is_open:
            return
        self.packs.write_seen()
        self._database.close()
