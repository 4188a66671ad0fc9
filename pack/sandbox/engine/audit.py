"""Looking back: executions with their actions, found by what they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pack.flows.model import has_labels
from pack.sandbox.engine.arrivals import Arrivals
from pack.sandbox.engine.database import Database
from pack.sandbox.engine.model import Action, ActionState, Execution, StateChange
from pack.sandbox.engine.shelves import Flows
from pack.sandbox.engine.texts import read_json, read_moment


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions are asked for: those with an action that meets all of it; None and empty meet all."""

    flow_name: str = ""
    step_id: str = ""
    action_name: str = ""
    pack_name: str = ""
    pack_labels: Mapping[str, str] = field(default_factory=dict)

    def condition(self) -> tuple[str, list[str]]:
        """Return it as a condition of SQL with its values; the labels are not in it."""
        wanted = {
            "a.step_id": self.step_id,
            "a.name": self.action_name,
            "a.pack_name": self.pack_name,
            "f.name": self.flow_name,
        }
        given = {column: value for column, value in wanted.items() if value}
        return " AND ".join(["1", *(f"{column} = ?" for column in given)]), list(given.values())


class Audit:
    """All executions that are remembered. It changes nothing."""

    def __init__(self, database: Database, flows: Flows, arrivals: Arrivals) -> None:
        self._database = database
        self._flows = flows
        self._arrivals = arrivals

    def find(self, wanted: ExecutionFilter, start: int, limit: int) -> Iterator[Execution]:
        """Go through executions, the one whose fitting actions changed last at the front.

        Which ones is looked up at once; what was forgotten when its turn comes is left out.
        """
        for number in self._find(wanted, start, limit):
            if (execution := self._execution(number)) is not None:
                yield execution

    def _find(self, wanted: ExecutionFilter, start: int, limit: int) -> Sequence[int]:
        condition, values = wanted.condition()
        changed = self._database.rows(
            "SELECT a.execution, a.pack_labels FROM actions a JOIN executions e ON e.number = a.execution "
            f"JOIN flows f ON f.number = e.flow WHERE {condition} ORDER BY a.changed DESC",
            *values,
        )
        found: dict[int, None] = {}
        for execution, labels in changed:
            if not wanted.pack_labels or has_labels(read_json(labels), wanted.pack_labels):
                found[execution] = None
                if len(found) >= start + limit:
                    break
        return list(found)[start:]

    def execution(self, correlation_id: str) -> Execution | None:
        """Return an execution, None when it is unknown."""
        number = self._database.value(
            "SELECT number FROM executions WHERE correlation_id = ?", correlation_id
        )
        return None if number is None else self._execution(number)

    def _execution(self, number: int) -> Execution | None:
        row = self._database.row("SELECT correlation_id, flow FROM executions WHERE number = ?", number)
        if row is None:
            return None
        actions = (self._action(found) for (found,) in self._newest_actions(number))
        return Execution(row[0], self._flows.version(row[1]), {action.step_id: action for action in actions})

    def _newest_actions(self, execution: int) -> Sequence[tuple[int]]:
        return list(
            self._database.rows(
                "SELECT max(number) FROM actions WHERE execution = ? GROUP BY step_id ORDER BY min(number)",
                execution,
            )
        )

    def _action(self, number: int) -> Action:
        row = self._database.row(
            "SELECT id, step_id, name, pack_name, pack_labels, input, context, trigger, result, state, "
            "created, taken, finished FROM actions WHERE number = ?",
            number,
        )
        assert row is not None
        action_id, step_id, name, pack_name, labels, given, context, trigger, result, state, *times = row
        states = (ActionState.NEW, ActionState.PENDING, ActionState(state))
        return Action(
            id=action_id,
            step_id=step_id,
            name=name,
            pack_name=pack_name,
            pack_labels=read_json(labels),
            input=read_json(given),
            context=read_json(context),
            trigger=self._arrivals.get(trigger),
            changes=[
                StateChange(reached, read_moment(time))
                for reached, time in zip(states, times, strict=True)
                if time is not None
            ],
            result=None if result is None else self._arrivals.get(result),
        )
