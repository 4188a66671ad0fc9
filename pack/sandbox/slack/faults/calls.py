"""Calls of the Web API as faults see them."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = Any


class Call(NamedTuple):
    """One call of a Web API method, as it came over the wire; its token is not kept."""

    method: str
    arguments: dict[str, Json]
