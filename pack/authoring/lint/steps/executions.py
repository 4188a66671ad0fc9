"""How the steps of a flow follow one another, as far as that is known before anything runs.

An event from outside starts an execution with the steps that wait for it and depend on nothing. Only the
result of one of its own steps continues an execution: then every step that waits for that event may run,
when it depends on nothing or any one of those that it depends on has finished.
"""

from __future__ import annotations

from collections.abc import Iterator

from pack.authoring.lint.declared.declarations import Declarations
from pack.flows.model import Flow, Step

Steps = int
"""A set of steps: bit N stands for the step with index N."""

Start = tuple[str, str]
"""The pack and the name of an event that starts executions."""


class Executions:
    """What may happen in the executions of one flow; steps are named by their index."""

    def __init__(self, flow: Flow, declarations: Declarations) -> None:
        self.steps = flow.steps
        self._declarations = declarations
        self._ids: dict[str, Steps] = {}
        for index, step in enumerate(flow.steps):
            if step.id:
                self._ids[step.id] = self._ids.get(step.id, 0) | 1 << index
        self._needed = [self._named(step) for step in flow.steps]
        self._feeders = [self._feeding(index, step) for index, step in enumerate(flow.steps)]
        self._without: dict[tuple[Start, int], Steps] = {}
        self._reached = {start: self._exactly(start) for start in self._starts()}
        self.reachable: Steps = 0
        for reached in self._reached.values():
            self.reachable |= reached

    def runs(self, index: int) -> bool:
        """Say whether a step can run at all."""
        return bool(self.reachable >> index & 1)

    def named(self, step_id: str) -> list[int]:
        """Return the steps with this id."""
        return list(members(self._ids.get(step_id, 0)))

    def needed(self, index: int) -> list[int]:
        """Return the steps that a step depends on, those that exist."""
        return list(members(self._needed[index]))

    def feeders(self, index: int) -> list[int]:
        """Return the other steps whose command may end in the event that a step waits for."""
        return list(members(self._feeders[index]))

    def parents(self, index: int) -> list[int]:
        """Return the steps whose result may be the event that a step runs on."""
        found: Steps = 0
        for start, reached in self._reached.items():
            if reached >> index & 1:
                found |= self._parents(start, reached, index)
        return list(members(found))

    def together(self, one: int, other: int) -> bool:
        """Say whether two steps may run in the same execution."""
        both = 1 << one | 1 << other
        return any(reached & both == both for reached in self._reached.values())

    def _named(self, step: Step) -> Steps:
        found: Steps = 0
        for step_id in step.depends_on:
            found |= self._ids.get(step_id, 0)
        return found

    def _feeding(self, index: int, step: Step) -> Steps:
        found: Steps = 0
        for other, producer in enumerate(self.steps):
            if other != index and self._declarations.may_end_in(
                producer.command, step.event.pack_name, step.event.name
            ):
                found |= 1 << other
        return found

    def _starts(self) -> list[Start]:
        found = [(s.event.pack_name, s.event.name) for s in self.steps if not s.depends_on]
        return list(dict.fromkeys(found))

    def _first(self, start: Start) -> Steps:
        found: Steps = 0
        for index, step in enumerate(self.steps):
            if not step.depends_on and (step.event.pack_name, step.event.name) == start:
                found |= 1 << index
        return found

    def _exactly(self, start: Start) -> Steps:
        reached, before = self._first(start), -1
        while reached != before:
            before = reached
            for index in range(len(self.steps)):
                if not reached >> index & 1 and self._parents(start, reached, index):
                    reached |= 1 << index
        return reached

    def _parents(self, start: Start, reached: Steps, index: int) -> Steps:
        producers = self._feeders[index] & reached
        if not self.steps[index].depends_on:
            return producers
        needed = self._needed[index] & ~(1 << index)
        if found := producers & needed:
            return found
        for producer in members(producers):
            if needed & self._finished_before(start, producer):
                found |= 1 << producer
        return found

    def _finished_before(self, start: Start, index: int) -> Steps:
        """Return the steps that may be finished when the result of a step arrives."""
        key = (start, index)
        if key not in self._without:
            reached, before, mask = self._first(start), -1, ~(1 << index)
            while reached != before:
                before = reached
                for other, step in enumerate(self.steps):
                    producers = self._feeders[other] & reached & mask
                    needed = not step.depends_on or self._needed[other] & reached & mask
                    if producers and needed:
                        reached |= 1 << other
            self._without[key] = reached & mask
        return self._without[key]


def members(steps: Steps) -> Iterator[int]:
    """Yield the indexes in a set of steps, lowest first."""
    index = 0
    while steps:
        if steps & 1:
            yield index
        steps >>= 1
        index += 1
