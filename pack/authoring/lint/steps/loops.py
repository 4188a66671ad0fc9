"""Flows that start themselves: a step's result is an event that, by a few steps, runs the same step again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import step_name
from pack.authoring.lint.steps.circles import circles
from pack.authoring.lint.steps.executions import Executions
from pack.authoring.lint.subject import Subject
from pack.flows.model import FATAL_EVENT, Labels, Step

ECHO_LOOP = Rule(
    "echo-loop", Severity.ERROR, "The flow starts itself again and again with the events that it ends in."
)
POSSIBLE_ECHO_LOOP = Rule(
    "possible-echo-loop",
    Severity.WARNING,
    "The flow starts itself again unless its criteria, or a success, breaks the circle.",
)

RULES = (ECHO_LOOP, POSSIBLE_ECHO_LOOP)

Node = tuple[int, int]
"""A flow and a step of it."""


Result = tuple[str, str, frozenset[tuple[str, str]]]
"""An event in which commands end: its pack, its name, and the labels that the pack was asked for by."""
Edges = list[tuple[Node | Result, bool]]
"""What something leads to, and whether that is sure.

Sure is what nothing known here breaks: no criteria, and no failure that may not happen.
"""

_MOST_LOOKS = 1_000_000
"""How many steps are looked at to tell loops apart; who has more of them has been told of many."""


@dataclass(slots=True)
class _Graph:
    """What leads to what. A result leads to the steps that it starts in a new execution.

    Within an execution, where a step runs once, a step leads to those that go on with its result.
    """

    subjects: Sequence[Subject]
    declarations: Declarations
    executions: Sequence[Executions]
    edges: dict[Node | Result, Edges] = field(default_factory=dict)
    looks_left: int = _MOST_LOOKS

    def step(self, node: Node) -> Step:
        return self.subjects[node[0]].flow.steps[node[1]]

    def behind(self, node: Node | Result, *, sure: bool) -> Iterator[Node | Result]:
        """Yield what something leads to."""
        return (target for target, is_sure in self.edges.get(node, ()) if is_sure or not sure)

    def groups(self, *, sure: bool) -> dict[Node | Result, int]:
        """Return what can come round to itself; what has the same number is on one way round."""
        found = circles(self.edges, lambda node: self.behind(node, sure=sure))
        return {node: number for number, group in enumerate(found) for node in group}

    def started(self, source: Node, *, sure: bool) -> Iterator[Node]:
        """Yield the steps that a step's results start in new executions."""
        for result in self.behind(source, sure=sure):
            if _is_result(result):
                yield from (node for node in self.behind(result, sure=sure) if _is_step(node))

    def path(self, begin: Node, end: Node, group: Mapping[Node | Result, int], *, sure: bool) -> list[Node]:
        """Return the shortest way from a step to another of its group, both included."""
        came: dict[Node | Result, Node | Result | None] = {begin: None}
        queue = deque[Node | Result]([begin])
        while queue and end not in came:
            node = queue.popleft()
            for target in self.behind(node, sure=sure):
                self.looks_left -= 1
                if target not in came and group.get(target) == group[begin]:
                    came[target] = node
                    queue.append(target)
        path: list[Node] = []
        at: Node | Result | None = end
        while at is not None:
            if _is_step(at):
                path.append(at)
            at = came[at]
        return path[::-1]


def check(subject: Subject, declarations: Declarations, executions: Executions) -> Iterator[Finding]:
    """Find the loops within a flow, each loop once."""
    yield from _loops(_connected((subject,), declarations, [executions]), across=False)


def check_together(subjects: Sequence[Subject], declarations: Declarations) -> Iterator[Finding]:
    """Find the loops that need several flows, stored in the same engine, each loop once."""
    if len(subjects) > 1:
        executions = [Executions(subject.flow, declarations) for subject in subjects]
        yield from _loops(_connected(subjects, declarations, executions), across=True)


def looping(subject: Subject, declarations: Declarations, executions: Executions) -> set[int]:
    """Return the steps of a flow that are in a loop within it."""
    groups = _connected((subject,), declarations, [executions]).groups(sure=False)
    started = {number for node, number in groups.items() if _is_result(node)}
    return {node[1] for node, number in groups.items() if _is_step(node) and number in started}


def _loops(graph: _Graph, *, across: bool) -> Iterator[Finding]:
    seen: set[Node] = set()
    for sure in (True, False):
        groups = graph.groups(sure=sure)
        for source in filter(_is_step, graph.edges):
            if source not in groups or source in seen:
                continue
            for target in graph.started(source, sure=sure):
                if target in seen or groups.get(target) != groups[source]:
                    continue
                if across and target[0] == source[0]:
                    continue
                if graph.looks_left <= 0:
                    return
                path = graph.path(target, source, groups, sure=sure)
                if not seen.intersection(path):
                    seen.update(path)
                    yield _finding(graph, path, ECHO_LOOP if sure else POSSIBLE_ECHO_LOOP)
                    break


def _is_step(node: Node | Result) -> TypeGuard[Node]:
    return len(node) == 2


def _is_result(node: Node | Result) -> TypeGuard[Result]:
    return not _is_step(node)


def _connected(
    subjects: Sequence[Subject], declarations: Declarations, executions: Sequence[Executions]
) -> _Graph:
    graph = _Graph(subjects, declarations, executions)
    waiting: dict[tuple[str, str], list[Node]] = {}
    for flow, subject in enumerate(subjects):
        for index, step in enumerate(subject.flow.steps):
            if step.event.name != FATAL_EVENT and not step.depends_on:
                waiting.setdefault((step.event.pack_name, step.event.name), []).append((flow, index))
    for flow, subject in enumerate(subjects):
        for index, step in enumerate(subject.flow.steps):
            declared = declarations.command(step.command)
            if declared is None or not executions[flow].runs(index):
                continue
            for told in declared.results or ():
                result: Result = (
                    step.command.pack_name,
                    told.name,
                    frozenset(step.command.pack_labels.items()),
                )
                if result not in graph.edges:
                    graph.edges[result] = [
                        (node, not graph.step(node).criteria)
                        for node in waiting.get(result[:2], ())
                        if _may_match(step.command.pack_labels, graph.step(node).event.pack_labels)
                    ]
                graph.edges.setdefault((flow, index), []).append((result, not told.is_failure))
    for flow, run in enumerate(executions):
        _continue(graph, flow, run)
    return graph


def _continue(graph: _Graph, flow: int, executions: Executions) -> None:
    """Add which step goes on with which one's result, within an execution of a flow."""
    for index, step in enumerate(executions.steps):
        if not step.depends_on or step.event.name == FATAL_EVENT:
            continue
        for source in executions.parents(index):
            command = executions.steps[source].command
            declared = graph.declarations.command(command)
            result = declared and declared.result(step.event.name)
            if result and _may_match(command.pack_labels, step.event.pack_labels):
                sure = not step.criteria and not result.is_failure
                graph.edges.setdefault((flow, source), []).append(((flow, index), sure))


def _may_match(asked: Labels, wanted: Labels) -> bool:
    """Say whether a pack that was asked for by some labels may have others; templates may be anything."""
    return all(
        key not in asked or asked[key] == value or "{" in asked[key] or "{" in value
        for key, value in wanted.items()
    )


def _finding(graph: _Graph, path: Sequence[Node], rule: Rule) -> Finding:
    flow, index = path[0]
    subject = graph.subjects[flow]
    event = subject.flow.steps[index].event
    several = len({flow for flow, _ in path}) > 1
    parts = [_told(graph, node, several) for node in path]
    loop = " → ".join([*parts, f"{event.name} again"])
    if rule is ECHO_LOOP:
        message = f"this never ends once it has begun: {loop}; each round starts a new execution"
    else:
        message = f"this may go round for ever: {loop}; only criteria or a success ends it"
    return subject.finding(rule, message, _advice(graph, path, several), ("steps", index, "event", "name"))


def _told(graph: _Graph, node: Node, several: bool) -> str:
    step, subject = graph.step(node), graph.subjects[node[0]]
    flow = f" of the flow {subject.flow.name}" if several else ""
    return f"{step.event.name} runs {step_name(subject.flow, node[1])}{flow} ({step.command.name})"


def _advice(graph: _Graph, path: Sequence[Node], several: bool) -> str:
    flow, index = path[0]
    steps = graph.subjects[flow].flow.steps
    event = steps[index].event
    excluded = {at for of, at in path if of == flow} | graph.executions[flow].later(index)
    others = (
        step.id
        for other, step in enumerate(steps)
        if other not in excluded
        and graph.declarations.is_known_to_end_in(step.command, event.pack_name, event.name)
    )
    if not several and (before := next(others, None)) is not None:
        wanted = before or "the id of the step before"
        return f"add dependsOn: [{wanted}], so that it runs only on the result of that step"
    return (
        "wait for an event that none of these steps causes, or give the step a criteria that lets its own "
        "results alone"
    )
