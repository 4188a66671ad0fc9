"""Circles in what leads to what."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


def circles(nodes: Iterable[Node], behind: Callable[[Node], Iterable[Node]]) -> list[list[Node]]:
    """Return the groups of nodes of which each leads to all of its group, itself included.

    ``behind`` gives what a node leads to directly; it is asked once for each node. The groups are strongly
    connected components, found as Tarjan does.
    """
    search = _Search(behind)
    for node in nodes:
        if node not in search.numbers:
            search.run(node)
    return search.found


class _Search(Generic[Node]):
    def __init__(self, behind: Callable[[Node], Iterable[Node]]) -> None:
        self._behind = behind
        self.numbers: dict[Node, int] = {}
        self.found: list[list[Node]] = []
        self._lowest: dict[Node, int] = {}
        self._open: dict[Node, None] = {}
        self._to_itself: set[Node] = set()

    def run(self, begin: Node) -> None:
        way: list[tuple[Node, Iterator[Node]]] = [self._enter(begin)]
        while way:
            node, rest = way[-1]
            for other in rest:
                if other not in self.numbers:
                    way.append(self._enter(other))
                    break
                if other == node:
                    self._to_itself.add(node)
                if other in self._open:
                    self._lowest[node] = min(self._lowest[node], self.numbers[other])
            else:
                way.pop()
                if way:
                    before = way[-1][0]
                    self._lowest[before] = min(self._lowest[before], self._lowest[node])
                if self._lowest[node] == self.numbers[node]:
                    self._close(node)

    def _enter(self, node: Node) -> tuple[Node, Iterator[Node]]:
        self.numbers[node] = self._lowest[node] = len(self.numbers)
        self._open[node] = None
        return node, iter(self._behind(node))

    def _close(self, first: Node) -> None:
        group: list[Node] = []
        while not group or group[-1] != first:
            group.append(self._open.popitem()[0])
        if len(group) > 1 or first in self._to_itself:
            self.found.append(group)
