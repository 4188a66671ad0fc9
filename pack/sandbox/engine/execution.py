"""How an event starts executions and continues them: which steps run, and what each makes of the event."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pack.clock import Clock
from pack.flowlang import FlowLangError
from pack.flows.model import Event, Flow, Step
from pack.flows.stepping import Functions, take_step, waits_for
from pack.sandbox.engine.feed import ActionCreated, Feed, StepSkipped
from pack.sandbox.engine.model import Action, Execution
from pack.sandbox.engine.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that waits to be dealt with.

    ``flows``: those that it starts, as they were when it came. ``completed``: the action that it is the
    result of, None for an observation.
    """

    event: Event
    flows: Sequence[Flow]
    completed: Action | None


class Executor:
    """Runs the steps that an event calls for."""

    def __init__(self, state: State, functions: Functions, feed: Feed, clock: Clock) -> None:
        self._state = state
        self._functions = functions
        self._feed = feed
        self._clock = clock

    def handle(self, arrival: Arrival) -> None:
        """Start an execution of each flow that begins with this event, then continue the action's own."""
        for flow in arrival.flows:
            self._advance(Execution(self._state.new_id(), flow), arrival.event, {})
        completed = arrival.completed
        if completed is not None:
            self._advance(completed.execution, arrival.event, completed.context)
            self._state.actions.close(completed)

    def _advance(self, execution: Execution, event: Event, context: Mapping[str, str]) -> None:
        """Run the steps that are candidates now; those that they make possible wait for their results."""
        candidates = [step for step in execution.flow.steps if _is_candidate(step, execution, event)]
        for step in candidates:
            try:
                action = self._run(step, execution, event, context)
            except FlowLangError as error:
                self._skip(execution.flow, step, str(error))
                continue
            if action is not None:
                self._state.actions.add(action)
                self._feed.tell(_created(action))

    def _run(
        self, step: Step, execution: Execution, event: Event, parent_context: Mapping[str, str]
    ) -> Action | None:
        """Return the action that a step makes of an event, None when it does not want it.

        Raises:
            FlowLangError: a template fails, or the criteria is no boolean.
        """
        made = take_step(step, event, parent_context, self._functions, self._clock)
        if made is None:
            return None
        return Action(
            id=self._state.new_id(),
            execution=execution,
            step_id=step.id,
            name=step.command.name,
            pack_name=step.command.pack_name,
            pack_labels=made.pack_labels,
            input=made.input,
            context=made.context,
            trigger=event,
        )

    def _skip(self, flow: Flow, step: Step, reason: str) -> None:
        logger.info(
            "a step could not be rendered and was skipped: %s",
            reason,
            extra={"flow": flow.name, "step": step.id, "reason": reason},
        )
        self._feed.tell(StepSkipped(self._clock.now(), flow.name, step.id, reason))


def _is_candidate(step: Step, execution: Execution, event: Event) -> bool:
    """Say whether a step may run: it waits for this event, has not run, and has what it depends on."""
    if not waits_for(step, event):
        return False
    if step.id in execution.actions:
        return False
    if not step.depends_on:
        return True
    before = (execution.actions.get(step_id) for step_id in step.depends_on)
    return any(action is not None and action.is_finished for action in before)


def _created(action: Action) -> ActionCreated:
    return ActionCreated(
        time=action.changes[0].time,
        action_id=action.id,
        flow=action.execution.flow.name,
        step=action.step_id,
        pack_name=action.pack_name,
        command=action.name,
        input=action.input,
    )
