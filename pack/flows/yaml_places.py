"""Where everything stands in a YAML text."""

from __future__ import annotations

import yaml

from pack.flows.paths import Path
from pack.flows.spans import Places, Span, Style
from pack.flows.yaml_in import PLAIN, is_merge, key_text

_STYLES = {"'": Style.SINGLE, '"': Style.DOUBLE, "|": Style.LITERAL, ">": Style.FOLDED}


def yaml_places(node: yaml.Node | None, text: str, rest: int | None) -> Places:
    """Return where everything stands below a node that stands for a value.

    What an alias or a merge stands for is where it is written, so it can be in two values at once.
    """
    places = Places(rest=rest)
    if node is not None:
        _Walk(places, text).value(node, ())
    return places


class _Walk:
    """Goes through the nodes as the values are read from them."""

    def __init__(self, places: Places, text: str) -> None:
        self._places = places
        self._text = text

    def value(self, node: yaml.Node, path: Path) -> None:
        self._places.values[path] = self._span(node)
        if isinstance(node, yaml.MappingNode):
            self._mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.value(item, (*path, index))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> None:
        own: dict[str, Span] = {}
        for key, item in node.value:
            if is_merge(key):
                for merged in item.value if isinstance(item, yaml.SequenceNode) else [item]:
                    self._mapping(merged, path)
                continue
            name, span = key_text(key), self._span(key)
            if name in own:
                self._places.repeated.append(((*path, name), own[name]))
            own[name] = self._places.keys[(*path, name)] = span
            self.value(item, (*path, name))

    def _span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark.index, node.end_mark.index
        if not isinstance(node, yaml.ScalarNode):
            return Span(start, end, Style.COLLECTION)
        start = self._behind_properties(start, end)
        if node.style in _STYLES:
            return Span(start, end, _STYLES[node.style])
        return Span(start, end, Style.PLAIN if node.tag == PLAIN else Style.TAGGED)

    def _behind_properties(self, start: int, end: int) -> int:
        """Return where a scalar begins behind its anchor and its tag."""
        while start < end and self._text[start] in "&!":
            while start < end and not self._text[start].isspace():
                start += 1
            while start < end and self._text[start].isspace():
                start += 1
        return start
