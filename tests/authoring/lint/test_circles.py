"""Circles, held against going every way there is."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from pack.authoring.lint.steps.circles import circles

GRAPHS = st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 6), max_size=3), max_size=7)


def reached(graph: Mapping[int, list[int]], begin: int) -> set[int]:
    found: set[int] = set()
    queue = list(graph.get(begin, ()))
    while queue:
        node = queue.pop()
        if node not in found:
            found.add(node)
            queue.extend(graph.get(node, ()))
    return found


@given(GRAPHS)
def test_a_circle_is_what_leads_to_one_another(graph: dict[int, list[int]]) -> None:
    nodes = range(7)
    expected = {
        frozenset(other for other in reached(graph, node) if node in reached(graph, other))
        for node in nodes
        if node in reached(graph, node)
    }
    found = circles(nodes, lambda node: graph.get(node, ()))
    assert len(found) == len(expected)
    assert {frozenset(group) for group in found} == expected


def test_a_way_of_any_length_is_gone() -> None:
    assert circles([0], lambda node: [node + 1] if node < 50_000 else []) == []
