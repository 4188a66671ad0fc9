"""What can still be told of an action whose input cannot be read: everything that stands beside the input.

An action that was handed out and is not completed stays open for ever, so its command and the address for its
result are wanted even when the input between or beside them is nested too deeply for the JSON decoder, or so
long that its middle was thrown away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pack.contracts.ports import Json

WINDOW_BYTES = 64 * 1024
"""How far from the beginning and from the end is looked."""

MOST_CANDIDATES = 64
"""How many places are tried from either side: bounds the time for an input that is full of such keys."""

_INPUT = re.compile(r'"input"\s*:')
_OTHERS = re.compile(r'"(?:command|links)"\s*:')


def beside_input(head: bytes, end: bytes) -> dict[str, Json]:
    """Return the members of a JSON object that stand before and after its member ``input``; never raises.

    ``head`` and ``end`` are the beginning and the end of the object's text; the middle may be missing. Only
    members of the object itself are found, never those of objects within its input: what stands before the
    input has to be an object when closed there, what follows it has to be one when opened there.
    """
    before = _first_object(_closed_before_input(head[:WINDOW_BYTES].decode("utf-8", "replace")))
    after = _first_object(_opened_after_input(end[-WINDOW_BYTES:].decode("utf-8", "replace")))
    return before | after


def _closed_before_input(text: str) -> Iterator[str]:
    for _, found in zip(range(MOST_CANDIDATES), _INPUT.finditer(text), strict=False):
        yield text[: found.start()].rstrip().removesuffix(",") + "}"


def _opened_after_input(text: str) -> Iterator[str]:
    for found in list(_OTHERS.finditer(text))[-MOST_CANDIDATES:]:
        yield "{" + text[found.start() :]


def _first_object(candidates: Iterator[str]) -> dict[str, Json]:
    for candidate in candidates:
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {}
