"""The actions and the executions that they belong to. Every method is one atomic transition."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pack.clock import Clock
from pack.flows.model import Event, has_labels
from pack.sandbox.engine.model import Action, ActionState, Execution, Pack, StateChange

FINISHED_EXECUTIONS_KEPT = 10_000

_Labels = frozenset[tuple[str, str]]


class NotPending(Exception):
    """A result came for an action that was not taken, or that has its result already."""


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions are asked for: those with an action that meets all of it; None and empty meet all."""

    flow_name: str = ""
    step_id: str = ""
    action_name: str = ""
    pack_name: str = ""
    pack_labels: Mapping[str, str] = field(default_factory=dict)

    def meets(self, action: Action) -> bool:
        """Say whether an action meets all of it."""
        return (
            (not self.flow_name or action.execution.flow.name == self.flow_name)
            and (not self.step_id or action.step_id == self.step_id)
            and (not self.action_name or action.name == self.action_name)
            and (not self.pack_name or action.pack_name == self.pack_name)
            and has_labels(action.pack_labels, self.pack_labels)
        )


class Actions:
    """All actions, and per pack name those that wait to be taken, oldest first.

    ``finished_kept``: how many executions without anything left to do are remembered.
    """

    def __init__(self, clock: Clock, finished_kept: int = FINISHED_EXECUTIONS_KEPT) -> None:
        self._clock = clock
        self._finished_kept = finished_kept
        self._order = itertools.count()
        self._actions: dict[str, Action] = {}
        self._executions: dict[str, Execution] = {}
        self._finished: deque[Execution] = deque()
        self._waiting: dict[str, dict[tuple[str, _Labels], deque[Action]]] = {}

    def add(self, action: Action) -> None:
        """Store an action that a step made; it can be taken from now on."""
        execution = action.execution
        self._change(action, ActionState.NEW)
        self._actions[action.id] = action
        self._executions[execution.correlation_id] = execution
        execution.actions[action.step_id] = action
        execution.every_action.append(action)
        execution.open_actions += 1
        key = (action.name, frozenset(action.pack_labels.items()))
        self._waiting.setdefault(action.pack_name, {}).setdefault(key, deque()).append(action)

    def take(self, pack: Pack, name: str = "") -> Action | None:
        """Give the oldest action that a pack may handle to it; None when there is none.

        ``name``: only actions of that command; empty for all.
        """
        waiting = self._waiting.get(pack.name, {})
        fitting = (
            (actions[0].changes[0].order, key)
            for key, actions in waiting.items()
            if (not name or key[0] == name) and has_labels(pack.labels, dict(key[1]))
        )
        oldest = min(fitting, default=None, key=lambda found: found[0])
        if oldest is None:
            return None
        actions = waiting[oldest[1]]
        action = actions.popleft()
        if not actions:
            del waiting[oldest[1]]
        self._change(action, ActionState.PENDING)
        return action

    def get(self, action_id: str) -> Action | None:
        """Return an action, None when it is unknown."""
        return self._actions.get(action_id)

    def complete(self, action: Action, result: Event) -> None:
        """Store an action's result.

        Raises:
            NotPending: it was not taken, or has a result already.
        """
        if action.state is not ActionState.PENDING:
            raise NotPending(action.state.value)
        action.result = result
        self._change(action, ActionState.FATAL if result.is_fatal else ActionState.SUCCESS)

    def close(self, action: Action) -> None:
        """Note that an action's result was dealt with.

        When it was the last of its execution, nothing can continue that any more: once there are many such,
        the oldest are forgotten.
        """
        execution = action.execution
        execution.open_actions -= 1
        if execution.open_actions:
            return
        self._finished.append(execution)
        while len(self._finished) > self._finished_kept:
            forgotten = self._finished.popleft()
            del self._executions[forgotten.correlation_id]
            for old in forgotten.every_action:
                del self._actions[old.id]

    def execution(self, correlation_id: str) -> Execution | None:
        """Return an execution, None when it is unknown."""
        return self._executions.get(correlation_id)

    def find(self, wanted: ExecutionFilter, start: int, limit: int) -> Sequence[Execution]:
        """List executions, the one whose fitting actions changed last at the front."""
        changed = []
        for execution in self._executions.values():
            orders = [action.changes[-1].order for action in execution.every_action if wanted.meets(action)]
            if orders:
                changed.append((max(orders), execution))
        changed.sort(key=lambda found: found[0], reverse=True)
        return [execution for _, execution in changed[start : start + limit]]

    def _change(self, action: Action, state: ActionState) -> None:
        action.changes.append(StateChange(state, self._clock.now(), next(self._order)))
