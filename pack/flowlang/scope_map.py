"""The names inside ``template(text, map)``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pack.flowlang.errors import Refusal, quote
from pack.flowlang.kinds import Entries, Function

_NAME = re.compile(r"[a-zA-Z0-9_]+")


class MapScope:
    """The map's own keys and the functions, which Flyte puts into the map itself."""

    def __init__(self, entries: Entries, functions: Mapping[str, Function]) -> None:
        entries.added.update(functions)
        self._entries = entries

    def get(self, name: str) -> object:
        """Return a value, or MISSING."""
        return self._entries.get(name)

    def check(self) -> None:
        """Make sure that every key is a name; Flyte looks at all of them, whatever the template asks for.

        Raises:
            Refusal: one is none.
        """
        for key in self._entries.keys():  # noqa: SIM118 - no dict
            if not _NAME.fullmatch(key):
                raise Refusal(
                    f"template() is given a map with the key {quote(key)}: keys are names of letters, digits "
                    "and _ there, used or not"
                )

    def names(self) -> set[str]:
        """Return every name."""
        return set(self._entries.keys())
