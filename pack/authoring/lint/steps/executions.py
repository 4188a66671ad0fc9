"""How the steps of a flow follow one another, as far as that is known before anything runs.

An event from outside starts an execution with the steps that wait for it and depend on nothing. Only the
result of one of its own steps continues an execution: then every step that waits for that event may run,
when it depends on nothing or any one of those that it depends on has finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pack.authoring.lint.declared.declarations import Declarations
from pack.flows.model import Flow, Step

Steps = int
"""A set of steps: bit N stands for the step with index N."""

EventKey = tuple[str, str]
"""The pack and the name of an event."""

_MOST_LOOKS = 500_000
"""How many steps are looked at to tell what may be finished before a result; beyond that, anything may."""
_NONE = -1


class Executions:
    """What may happen in the executions of one flow; steps are named by their index."""

    def __init__(self, flow: Flow, declarations: Declarations) -> None:
        self.steps = flow.steps
        self._looks_left = _MOST_LOOKS
        self._ids: dict[str, Steps] = {}
        self._waiting: dict[EventKey, list[int]] = {}
        for index, step in enumerate(flow.steps):
            self._waiting.setdefault(_event(step), []).append(index)
            if step.id:
                self._ids[step.id] = self._ids.get(step.id, 0) | 1 << index
        self._ending, self._fed = self._commands(declarations)
        self._needed = [self._named(step) for step in flow.steps]
        self._dependents: list[list[int]] = [[] for _ in flow.steps]
        for index, needed in enumerate(self._needed):
            for other in members(needed):
                self._dependents[other].append(index)
        self._first_steps: dict[EventKey, list[int]] = {}
        self._before: dict[tuple[EventKey, int], Steps] = {}
        self._parents: dict[int, Steps] = {}
        self._reached: dict[EventKey, Steps] = {}
        self._starts_of: list[list[EventKey]] = [[] for _ in flow.steps]
        self.reachable: Steps = 0
        for start in dict.fromkeys(_event(step) for step in self.steps if not step.depends_on):
            self._reached[start] = self._exactly(start)
            self.reachable |= self._reached[start]
            for index in members(self._reached[start]):
                self._starts_of[index].append(start)

    def runs(self, index: int) -> bool:
        """Say whether a step can run at all."""
        return bool(self.reachable >> index & 1)

    def named(self, step_id: str) -> list[int]:
        """Return the steps with this id."""
        return list(members(self._ids.get(step_id, 0)))

    def needed(self, index: int) -> list[int]:
        """Return the steps that a step depends on, those that exist."""
        return list(members(self._needed[index]))

    def dependents(self, index: int) -> list[int]:
        """Return the steps that depend on a step."""
        return self._dependents[index]

    def later(self, index: int) -> set[int]:
        """Return the steps that depend on a step, directly or by others: it must not depend on these."""
        found, queue = set[int](), [index]
        while queue:
            for other in self._dependents[queue.pop()]:
                if other not in found:
                    found.add(other)
                    queue.append(other)
        return found

    def feeders(self, index: int) -> list[int]:
        """Return the other steps whose command may end in the event that a step waits for."""
        return list(members(self._feeding(index)))

    def feeds(self, index: int, other: int) -> bool:
        """Say whether the command of a step may end in the event that another waits for."""
        return bool(self._feeding(other) >> index & 1)

    def parents(self, index: int) -> list[int]:
        """Return the steps whose result may be the event that a step runs on."""
        if index not in self._parents:
            found: Steps = 0
            for start in self._starts_of[index]:
                found |= self._parents_in(start, self._reached[start], index)
            self._parents[index] = found
        return list(members(self._parents[index]))

    def together(self, one: int, other: int) -> bool:
        """Say whether two steps may run in the same execution."""
        return any(self._reached[start] >> other & 1 for start in self._starts_of[one])

    def _commands(self, declarations: Declarations) -> tuple[dict[EventKey, Steps], list[list[EventKey]]]:
        """Return by event the steps that may end in it, and by step the events that are waited for."""
        by_command: dict[tuple[str, str], list[int]] = {}
        for index, step in enumerate(self.steps):
            by_command.setdefault((step.command.pack_name, step.command.name), []).append(index)
        by_pack: dict[str, list[EventKey]] = {}
        for event in self._waiting:
            by_pack.setdefault(event[0], []).append(event)
        ending: dict[EventKey, Steps] = dict.fromkeys(self._waiting, 0)
        fed: list[list[EventKey]] = [[] for _ in self.steps]
        for (pack_name, _), indexes in by_command.items():
            command = self.steps[indexes[0]].command
            events = [
                event for event in by_pack.get(pack_name, ()) if declarations.may_end_in(command, *event)
            ]
            steps = _steps(indexes)
            for event in events:
                ending[event] |= steps
            for index in indexes:
                fed[index] = events
        return ending, fed

    def _named(self, step: Step) -> Steps:
        found: Steps = 0
        for step_id in step.depends_on:
            found |= self._ids.get(step_id, 0)
        return found

    def _feeding(self, index: int) -> Steps:
        return self._ending[_event(self.steps[index])] & ~(1 << index)

    def _first(self, start: EventKey) -> list[int]:
        return [index for index in self._waiting[start] if not self.steps[index].depends_on]

    def _exactly(self, start: EventKey) -> Steps:
        reached = self._spread(self._first(start), 0)
        left = self._finished_before(start, _NONE) & ~reached
        found = True
        while found and left:
            found = False
            for index in members(left):
                if not reached >> index & 1 and self._parents_in(start, reached, index):
                    reached, found = self._spread([index], reached), True
            left &= ~reached
        return reached

    def _spread(self, first: list[int], reached: Steps) -> Steps:
        """Return what is reached, and what runs on the result of a step in there that it depends on."""
        queue = list(first)
        reached |= _steps(queue)
        while queue:
            index = queue.pop()
            ready = [at for event in self._fed[index] for at in self._unbound(event, reached)]
            for at in (*ready, *self._dependents[index]):
                if reached >> at & 1:
                    continue
                if not self.steps[at].depends_on or self._needed[at] & self._feeding(at) & reached:
                    reached |= 1 << at
                    queue.append(at)
        return reached

    def _unbound(self, event: EventKey, reached: Steps) -> list[int]:
        """Return the steps that run on an event of the flow, whatever came before, and are not reached."""
        if event not in self._first_steps:
            self._first_steps[event] = self._first(event)
        found = self._first_steps[event]
        return [] if not found or reached >> found[0] & 1 else found

    def _parents_in(self, start: EventKey, reached: Steps, index: int) -> Steps:
        producers = self._feeding(index) & reached
        if not self.steps[index].depends_on:
            return producers
        needed = self._needed[index] & ~(1 << index)
        if found := producers & needed:
            return found
        if not needed & self._finished_before(start, _NONE):
            return 0
        for producer in members(producers):
            self._looks_left -= 1
            if self._looks_left < 0:
                return producers
            if needed & self._finished_before(start, producer):
                found |= 1 << producer
        return found

    def _finished_before(self, start: EventKey, index: int) -> Steps:
        """Return the steps that may be finished when the result of a step arrives."""
        if self._looks_left < 0:
            index = _NONE
        key = (start, index)
        if key not in self._before:
            done = 0 if index == _NONE else 1 << index
            queue, available = self._first(start), set[EventKey]()
            reached = _steps(queue)
            while queue:
                at = queue.pop()
                self._looks_left -= 1
                if at == index:
                    continue
                news = [event for event in self._fed[at] if event not in available]
                available.update(news)
                candidates = [other for event in news for other in self._waiting[event]]
                for other in (*candidates, *self._dependents[at]):
                    step = self.steps[other]
                    if reached >> other & 1 or _event(step) not in available:
                        continue
                    if not step.depends_on or self._needed[other] & reached & ~done:
                        reached |= 1 << other
                        queue.append(other)
            self._before[key] = reached & ~done
        return self._before[key]


def _event(step: Step) -> EventKey:
    return step.event.pack_name, step.event.name


def _steps(indexes: Iterable[int]) -> Steps:
    found: Steps = 0
    for index in indexes:
        found |= 1 << index
    return found


def members(steps: Steps) -> Iterator[int]:
    """Yield the indexes in a set of steps, lowest first."""
    while steps:
        lowest = steps & -steps
        yield lowest.bit_length() - 1
        steps ^= lowest
