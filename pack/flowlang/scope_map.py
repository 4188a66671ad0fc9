"""The names inside ``template(text, map)``."""

from __future__ import annotations

from collections.abc import Mapping

from pack.flowlang.kinds import Entries, Function


class MapScope:
    """The map's own keys and the functions, which Flyte puts into the map itself."""

    def __init__(self, entries: Entries, functions: Mapping[str, Function]) -> None:
        entries.added.update(functions)
        self._entries = entries

    def get(self, name: str) -> object:
        """Return a value, or MISSING."""
        return self._entries.get(name)

    def names(self) -> set[str]:
        """Return every name."""
        return set(self._entries.keys())
