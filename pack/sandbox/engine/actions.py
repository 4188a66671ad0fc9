"""The actions and the executions that they belong to. Every method is one atomic transition."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pack.clock import Clock
from pack.flows.model import Event, Flow, has_labels
from pack.sandbox.engine.arrivals import Arrivals
from pack.sandbox.engine.database import Database, Row
from pack.sandbox.engine.model import ActionState, Pack, Standing, Taken
from pack.sandbox.engine.shelves import Flows
from pack.sandbox.engine.texts import read_json, write_json, write_labels, write_moment

FINISHED_EXECUTIONS_KEPT = 10_000

_MOST_LABELS_COMBINED = 6
"""Up to so many labels of a pack all their combinations are looked up; with more, what actions ask for."""


class NotPending(Exception):
    """A result came for an action that was not taken, or that has its result already."""


@dataclass(slots=True)
class Run:
    """An execution as a step sees it, while an event is dealt with; :meth:`Actions.store` stores it.

    ``finished``: of each step that ran, whether its newest action has its result. ``open_actions``: how many
    have no result yet, or one that was not dealt with.
    """

    number: int
    correlation_id: str
    flow_number: int
    flow: Flow
    finished: dict[str, bool] = field(default_factory=dict)
    open_actions: int = 0
    is_stored: bool = False


@dataclass(frozen=True, slots=True)
class NewAction:
    """What a step made."""

    id: str
    step_id: str
    name: str
    pack_name: str
    pack_labels: Mapping[str, str]
    input: object
    context: Mapping[str, str]
    trigger: int
    """The number of the event."""


class Actions:
    """All actions; those that wait are found by pack name, labels and command, oldest first.

    ``finished_kept``: how many executions without anything left to do are remembered.
    """

    def __init__(
        self,
        database: Database,
        flows: Flows,
        arrivals: Arrivals,
        clock: Clock,
        finished_kept: int,
    ) -> None:
        self._database = database
        self._flows = flows
        self._arrivals = arrivals
        self._clock = clock
        self._finished_kept = finished_kept

    def begin(self, correlation_id: str, flow_number: int, flow: Flow) -> Run:
        """Return a new execution; nothing of it is stored yet."""
        return Run(self._database.next_number(), correlation_id, flow_number, flow)

    def add(self, run: Run, action: NewAction) -> datetime:
        """Store an action of an execution; it can be taken from now on. Return when that was."""
        now, number = self._clock.now(), self._database.next_number()
        self._database.change(
            "INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 'NEW', ?, NULL, NULL, ?)",
            *(number, action.id, run.number, action.step_id, action.name, action.pack_name),
            *(write_labels(action.pack_labels), write_json(action.input)),
            *(write_json(dict(action.context)), action.trigger, write_moment(now), number),
        )
        run.finished[action.step_id] = False
        run.open_actions += 1
        return now

    def store(self, run: Run) -> None:
        """Store an execution to which actions were added, or of which a result was dealt with.

        When nothing of it is open, nothing can continue it any more: once there are many such, the oldest are
        forgotten.
        """
        if not run.is_stored:
            self._database.change(
                "INSERT INTO executions VALUES (?, ?, ?, ?, NULL)",
                *(run.number, run.correlation_id, run.flow_number, run.open_actions),
            )
            run.is_stored = True
            return
        finished = None if run.open_actions else self._database.next_number()
        self._database.change(
            "UPDATE executions SET open_actions = ?, finished = ? WHERE number = ?",
            *(run.open_actions, finished, run.number),
        )
        if finished:
            self._count_finished(1)
            self._forget_finished()

    def take(self, pack: Pack, name: str = "") -> Taken | None:
        """Give the oldest action that a pack may handle to it; None when there is none.

        ``name``: only actions of that command; empty for all.
        """
        fitting = (self._oldest(pack.name, labels, name) for labels in self._asked_for(pack))
        oldest = min((row for row in fitting if row is not None), default=None)
        if oldest is None:
            return None
        number, action_id, command, given = oldest
        now = self._clock.now()
        self._database.change(
            "UPDATE actions SET state = 'PENDING', taken = ?, changed = ? WHERE number = ?",
            *(write_moment(now), self._database.next_number(), number),
        )
        return Taken(action_id, command, read_json(given), now)

    def waits_for(self, pack: Pack) -> bool:
        """Say whether there is an action that a pack may handle."""
        return any(self._oldest(pack.name, labels, "") is not None for labels in self._asked_for(pack))

    def get(self, action_id: str) -> Standing | None:
        """Return how an action stands, None when it is unknown."""
        row = self._database.row(
            "SELECT number, id, name, pack_name, pack_labels, state FROM actions WHERE id = ?", action_id
        )
        if row is None:
            return None
        number, own_id, name, pack_name, labels, state = row
        return Standing(number, own_id, name, pack_name, read_json(labels), ActionState(state))

    def complete(self, action: Standing, result: Event) -> datetime:
        """Store an action's result, which then waits to be dealt with as an event. Return when that was.

        Raises:
            NotPending: it was not taken, or has a result already.
        """
        now, event = self._clock.now(), self._database.next_number()
        with self._database.transaction():
            changed = self._database.change(
                "UPDATE actions SET state = ?, finished = ?, changed = ?, result = ? "
                "WHERE number = ? AND state = 'PENDING'",
                (ActionState.FATAL if result.is_fatal else ActionState.SUCCESS).value,
                *(write_moment(now), self._database.next_number(), event, action.number),
            )
            if not changed:
                raise NotPending(action.state.value)
            self._arrivals.put(result, number=event, completes=action.number)
        return now

    def continued(self, number: int) -> tuple[Run, Mapping[str, str]]:
        """Return the execution that an action's result continues, and the action's context.

        That action does not count as open any more.
        """
        row = self._database.row(
            "SELECT e.number, correlation_id, flow, open_actions, context FROM actions a "
            "JOIN executions e ON e.number = a.execution WHERE a.number = ?",
            number,
        )
        assert row is not None
        execution, correlation_id, flow, open_actions, context = row
        steps = self._database.rows(
            "SELECT step_id, result IS NOT NULL FROM actions WHERE execution = ? ORDER BY number", execution
        )
        finished = {step_id: bool(has_result) for step_id, has_result in steps}
        run = Run(
            *(execution, correlation_id, flow, self._flows.version(flow), finished),
            open_actions=open_actions - 1,
            is_stored=True,
        )
        return run, read_json(context)

    def _forget_finished(self) -> None:
        """Delete the executions that finished first, as long as there are more than are kept."""
        count = self._database.value("SELECT finished_executions FROM counts") - self._finished_kept
        if count <= 0:
            return
        first = "SELECT number FROM executions WHERE finished IS NOT NULL ORDER BY finished LIMIT ?"
        oldest = list(self._database.rows(first, count))
        for (execution,) in oldest:
            events = self._database.rows("SELECT trigger, result FROM actions WHERE execution = ?", execution)
            for number, uses in Counter(itertools.chain.from_iterable(list(events))).items():
                self._arrivals.release(number, uses)
            self._database.change("DELETE FROM actions WHERE execution = ?", execution)
            self._database.change("DELETE FROM executions WHERE number = ?", execution)
        self._count_finished(-len(oldest))

    def _count_finished(self, more: int) -> None:
        self._database.change("UPDATE counts SET finished_executions = finished_executions + ?", more)

    def _asked_for(self, pack: Pack) -> Iterator[str]:
        """Go through the sets of labels that waiting actions may ask for and the pack has."""
        if not pack.labels:
            yield write_labels({})
            return
        own = sorted(pack.labels.items())
        if len(own) <= _MOST_LABELS_COMBINED:
            for size in range(len(own) + 1):
                yield from (write_labels(dict(some)) for some in itertools.combinations(own, size))
            return
        labels = self._next_labels(pack.name, "")
        while labels is not None:
            if has_labels(pack.labels, read_json(labels)):
                yield labels
            labels = self._next_labels(pack.name, labels)

    def _next_labels(self, pack_name: str, after: str) -> str | None:
        found: str | None = self._database.value(
            "SELECT min(pack_labels) FROM actions WHERE state = 'NEW' AND pack_name = ? AND pack_labels > ?",
            *(pack_name, after),
        )
        return found

    def _oldest(self, pack_name: str, labels: str, name: str) -> Row | None:
        waiting = (
            "SELECT number, id, name, input FROM actions "
            "WHERE state = 'NEW' AND pack_name = ? AND pack_labels = ?"
        )
        if name:
            return self._database.row(
                f"{waiting} AND name = ? ORDER BY number LIMIT 1", pack_name, labels, name
            )
        return self._database.row(f"{waiting} ORDER BY number LIMIT 1", pack_name, labels)
