"""Identifiers as MongoDB makes them: 24 hexadecimal digits that grow with time."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime

_PROCESS_BYTES = 5
_COUNTER_DIGITS = 6
_COUNTER_LIMIT = 16**_COUNTER_DIGITS
_SECONDS_MASK = 0xFFFFFFFF


class Ids:
    """A source of identifiers that no other source gives."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(_PROCESS_BYTES)
        self._counter = itertools.count(secrets.randbelow(_COUNTER_LIMIT // 2))

    def new(self, now: datetime) -> str:
        """Return the next identifier: seconds, process, counter."""
        seconds = int(now.timestamp()) & _SECONDS_MASK
        return f"{seconds:08x}{self._process}{next(self._counter) % _COUNTER_LIMIT:0{_COUNTER_DIGITS}x}"
