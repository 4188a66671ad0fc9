"""Flows that start themselves: a step's result is an event that, by a few steps, runs the same step again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pack.authoring.lint.declared.declarations import Declarations
from pack.authoring.lint.findings import Finding, Rule, Severity
from pack.authoring.lint.names import step_name
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


@dataclass(frozen=True, slots=True)
class Edge:
    """A step whose command ends in the event on which another runs."""

    target: Node
    starts: bool
    """Whether that begins a new execution; within one a step runs once."""
    sure: bool
    """Whether nothing known here breaks it: no criteria, and no failure that may not happen."""


@dataclass(slots=True)
class _Graph:
    subjects: Sequence[Subject]
    declarations: Declarations
    edges: dict[Node, list[Edge]] = field(default_factory=dict)
    _trees: dict[tuple[Node, bool], dict[Node, Node | None]] = field(default_factory=dict)

    def step(self, node: Node) -> Step:
        return self.subjects[node[0]].flow.steps[node[1]]

    def starts(self, *, sure: bool) -> Iterator[tuple[Node, Node]]:
        """Yield which step starts which in a new execution."""
        for source, edges in self.edges.items():
            for edge in edges:
                if edge.starts and (edge.sure or not sure):
                    yield source, edge.target

    def path(self, begin: Node, end: Node, *, sure: bool) -> list[Node]:
        """Return the shortest way from a step to another, both included; empty when there is none."""
        came = self._tree(begin, sure=sure)
        path: list[Node] = []
        node: Node | None = end if end in came else None
        while node is not None:
            path.append(node)
            node = came[node]
        return path[::-1]

    def _tree(self, begin: Node, *, sure: bool) -> dict[Node, Node | None]:
        """Return from where each step is reached first that can be reached from one."""
        if (begin, sure) not in self._trees:
            came: dict[Node, Node | None] = {begin: None}
            queue = deque([begin])
            while queue:
                node = queue.popleft()
                for edge in self.edges.get(node, ()):
                    if edge.target not in came and (edge.sure or not sure):
                        came[edge.target] = node
                        queue.append(edge.target)
            self._trees[begin, sure] = came
        return self._trees[begin, sure]


def check(subject: Subject, declarations: Declarations) -> Iterator[Finding]:
    """Find the loops within a flow, each loop once."""
    yield from _loops((subject,), declarations, across=False)


def check_together(subjects: Sequence[Subject], declarations: Declarations) -> Iterator[Finding]:
    """Find the loops that need several flows, stored in the same engine, each loop once."""
    yield from _loops(subjects, declarations, across=True)


def _loops(subjects: Sequence[Subject], declarations: Declarations, *, across: bool) -> Iterator[Finding]:
    graph = _Graph(subjects, declarations)
    _connect(graph)
    seen: set[Node] = set()
    for sure in (True, False):
        for source, target in graph.starts(sure=sure):
            if target in seen or (across and target[0] == source[0]):
                continue
            path = graph.path(target, source, sure=sure)
            if path and not seen.intersection(path):
                seen.update(path)
                yield _finding(graph, path, ECHO_LOOP if sure else POSSIBLE_ECHO_LOOP)


def looping(subject: Subject, declarations: Declarations) -> set[int]:
    """Return the steps of a flow that are in a loop within it."""
    graph = _Graph((subject,), declarations)
    _connect(graph)
    starts = graph.starts(sure=False)
    return {node for source, target in starts for _, node in graph.path(target, source, sure=False)}


def _connect(graph: _Graph) -> None:
    nodes = [
        (flow, index)
        for flow, subject in enumerate(graph.subjects)
        for index in range(len(subject.flow.steps))
    ]
    waiting: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        event = graph.step(node).event
        if event.name != FATAL_EVENT:
            waiting.setdefault((event.pack_name, event.name), []).append(node)
    executions = [Executions(subject.flow, graph.declarations) for subject in graph.subjects]
    for source in nodes:
        command = graph.step(source).command
        declared = graph.declarations.command(command)
        if declared is None or not executions[source[0]].runs(source[1]):
            continue
        for result in declared.results or ():
            for target in waiting.get((command.pack_name, result.name), ()):
                step = graph.step(target)
                if not _may_match(command.pack_labels, step.event.pack_labels):
                    continue
                starts = not step.depends_on
                if starts or (
                    target[0] == source[0] and source[1] in executions[target[0]].parents(target[1])
                ):
                    sure = not step.criteria and not result.is_failure
                    graph.edges.setdefault(source, []).append(Edge(target, starts, sure))


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
    others = [
        step.id
        for other, step in enumerate(steps)
        if (flow, other) not in path
        and graph.declarations.is_known_to_end_in(step.command, event.pack_name, event.name)
    ]
    if others and not several:
        wanted = others[0] or "the id of the step before"
        return f"add dependsOn: [{wanted}], so that it runs only on the result of that step"
    return (
        "wait for an event that none of these steps causes, or give the step a criteria that lets its own "
        "results alone"
    )
