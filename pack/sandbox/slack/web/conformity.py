"""The simulator watches itself: it notices when it answers what Slack's reference does not know."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pack.sandbox.slack.calls.declared import Simulated
from pack.sandbox.slack.reference.facts import Facts

logger = logging.getLogger(__name__)

Json = Any

_COMMON_KEYS = frozenset({"ok", "error", "warning", "response_metadata", "needed", "provided"})
_ANY_CODE = frozenset({"api.test"})
"""Methods that answer with the code they are given."""
_OF_REQUESTS = frozenset({"insecure_request", "invalid_limit", "no_item_specified"})
"""Codes of single methods that a request's form causes, so that no method declares them for itself."""


class Conformity:
    """Compares every answer with what is declared and documented, by its code and its topmost keys.

    A code has to be declared by the method, or common to all, or in the supplement; a key has to be in the
    reference or in the supplement, for methods of which either tells the keys.
    """

    def __init__(self, facts: Facts, methods: Mapping[str, Simulated]) -> None:
        self.undocumented: set[tuple[str, str]] = set()
        """The methods and what each answered that is not documented; empty as long as all is well."""
        self._codes: dict[str, frozenset[str]] = {}
        self._keys: dict[str, frozenset[str]] = {}
        for name, simulated in methods.items():
            if name not in _ANY_CODE:
                of_requests = _OF_REQUESTS & facts.methods[name].errors
                self._codes[name] = facts.further_codes_of(name).union(simulated.errors, of_requests)
            output = facts.known_output(name)
            if output is not None:
                self._keys[name] = output | _COMMON_KEYS

    def look_at(self, method: str, answer: Mapping[str, Json]) -> None:
        """Note what of an answer is not documented."""
        keys = self._keys.get(method)
        if keys is not None and not keys.issuperset(answer):
            for key in answer.keys() - keys:
                self.note(method, f"key {key}")
        code = answer.get("error")
        if code is not None and method in self._codes and code not in self._codes[method]:
            self.note(method, f"code {code}")

    def note(self, method: str, what: str) -> None:
        """Keep that a method did what it must not, and log it once."""
        if (method, what) not in self.undocumented:
            self.undocumented.add((method, what))
            logger.error(
                "the simulated Slack answered what Slack's reference does not know: %s: %s", method, what
            )
