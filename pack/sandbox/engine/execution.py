"""How an event starts executions and continues them: which steps run, and what each makes of the event."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from pack.clock import Clock
from pack.flowlang import Deadline, FlowLangError
from pack.flows.explaining import explain_step
from pack.flows.model import Event, Flow, Step
from pack.flows.stepping import Functions, take_step, waits_for
from pack.sandbox.engine.actions import NewAction, Run
from pack.sandbox.engine.arrivals import Arrival
from pack.sandbox.engine.feed import ActionCreated, EventGivenUp, Feed, Record, StepSkipped
from pack.sandbox.engine.state import State

logger = logging.getLogger(__name__)


class Executor:
    """Runs the steps that an event calls for."""

    def __init__(self, state: State, functions: Functions, feed: Feed, clock: Clock) -> None:
        self._state = state
        self._functions = functions
        self._feed = feed
        self._clock = clock

    def handle(self, arrival: Arrival) -> None:
        """Start an execution of each flow that begins with this event, then continue the action's own.

        All of it is stored, or nothing: then the event still waits. Whoever watches is told after that.
        """
        records: list[Record] = []
        actions = self._state.actions
        with self._state.transaction():
            runs: list[tuple[Run, Mapping[str, str]]] = [
                (actions.begin(self._state.new_id(), *found), {}) for found in arrival.flows
            ]
            if arrival.completes is not None:
                runs.append(actions.continued(arrival.completes))
            made = sum(self._advance(run, arrival, context, records) for run, context in runs)
            self._settle(arrival, made, [run for run, _ in runs])
        for record in records:
            self._feed.tell(record)

    def give_up(self, arrival: Arrival, reason: str) -> None:
        """Let an event that cannot be handled start and continue nothing, and tell why."""
        with self._state.transaction():
            completes = arrival.completes
            self._settle(arrival, 0, [self._state.actions.continued(completes)[0]] if completes else [])
        event = arrival.event
        self._feed.tell(EventGivenUp(self._clock.now(), event.sender.id, event.name, reason))

    def _settle(self, arrival: Arrival, made: int, runs: Sequence[Run]) -> None:
        """Note that an event was dealt with, before an execution that it ended may be forgotten."""
        self._state.arrivals.settle(arrival, made + (arrival.completes is not None))
        for run in runs:
            if run.is_stored or run.open_actions:
                self._state.actions.store(run)

    def _advance(self, run: Run, arrival: Arrival, context: Mapping[str, str], records: list[Record]) -> int:
        """Run the steps that are candidates now; those that they make possible wait for their results.

        Returns how many actions were made.
        """
        made = 0
        candidates = [step for step in run.flow.steps if _is_candidate(step, run, arrival.event)]
        for step in candidates:
            deadline = Deadline(self._clock)
            try:
                action = self._make(step, arrival, context, deadline)
            except FlowLangError as error:
                reason = self._reason(error, step, arrival.event, context, deadline)
                records.append(self._skip(run.flow, step, reason))
                continue
            if action is not None:
                time = self._state.actions.add(run, action)
                records.append(_created(action, run.flow, time))
                made += 1
        return made

    def _make(
        self, step: Step, arrival: Arrival, parent_context: Mapping[str, str], deadline: Deadline
    ) -> NewAction | None:
        """Return the action that a step makes of an event, None when it does not want it.

        Raises:
            FlowLangError: a template fails, or the criteria is no boolean.
        """
        made = take_step(step, arrival.event, parent_context, self._functions, self._clock, deadline=deadline)
        if made is None:
            return None
        return NewAction(
            id=self._state.new_id(),
            step_id=step.id,
            name=step.command.name,
            pack_name=step.command.pack_name,
            pack_labels=made.pack_labels,
            input=made.input,
            context=made.context,
            trigger=arrival.number,
        )

    def _reason(
        self,
        error: FlowLangError,
        step: Step,
        event: Event,
        parent_context: Mapping[str, str],
        deadline: Deadline,
    ) -> str:
        """Return why a step failed, with the data around it as far as its time allows."""
        explained = explain_step(step, event, parent_context, self._functions, self._clock, deadline=deadline)
        return "; ".join((str(error), *(explained.data if str(explained.error) == str(error) else ())))

    def _skip(self, flow: Flow, step: Step, reason: str) -> StepSkipped:
        logger.info(
            "a step could not be rendered and was skipped: %s",
            reason,
            extra={"flow": flow.name, "step": step.id, "reason": reason},
        )
        return StepSkipped(self._clock.now(), flow.name, step.id, reason)


def _is_candidate(step: Step, run: Run, event: Event) -> bool:
    """Say whether a step may run: it waits for this event, has not run, and has what it depends on."""
    if not waits_for(step, event) or step.id in run.finished:
        return False
    return not step.depends_on or any(run.finished.get(step_id) for step_id in step.depends_on)


def _created(action: NewAction, flow: Flow, time: datetime) -> ActionCreated:
    return ActionCreated(
        time=time,
        action_id=action.id,
        flow=flow.name,
        step=action.step_id,
        pack_name=action.pack_name,
        command=action.name,
        input=action.input,
    )
