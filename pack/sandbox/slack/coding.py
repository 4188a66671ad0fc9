"""JSON as Slack writes it in its answers."""

from __future__ import annotations

import json
from typing import Any

Json = Any

_COMPACT = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def encode(value: Json) -> bytes:
    """Return JSON without spaces, in ASCII: a text with half of a surrogate pair cannot go in any other way.

    Raises:
        ValueError: the value holds a number that JSON does not know.
    """
    return _COMPACT.encode(value).encode("ascii")
