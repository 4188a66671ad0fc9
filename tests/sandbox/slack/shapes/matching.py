"""What of a value does not keep to a shape.

A shape is a type, a pattern for a text, None, a list with the shape of its items, a tuple of alternatives, or
an object's keys with their shapes: ``key?`` may be missing, ``*`` stands for any further key. ``ANYTHING``
is any value. No other keys may be there.
"""

from __future__ import annotations

import re
from typing import Any

Shape = Any

ANYTHING = object


def keeps(value: Any, shape: Shape) -> None:
    """Fail with every place where a value does not keep to a shape."""
    assert not (found := faults(value, shape)), found


def faults(value: Any, shape: Shape, place: str = "") -> list[str]:
    """Return what of a value does not keep to a shape, each fault with its place."""
    if shape is ANYTHING:
        return []
    if isinstance(shape, tuple):
        found = [faults(value, one, place) for one in shape]
        return [] if [] in found else min(found, key=len)
    if isinstance(shape, dict):
        return _faults_of_object(value, shape, place)
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{place} is {value!r} and no list"]
        return [
            fault
            for number, item in enumerate(value)
            for fault in faults(item, shape[0], f"{place}/{number}")
        ]
    if shape is None:
        fits = value is None
    elif isinstance(shape, re.Pattern):
        fits = isinstance(value, str) and shape.fullmatch(value) is not None
    else:
        fits = type(value) is shape
    return [] if fits else [f"{place} is {value!r}"]


def _faults_of_object(value: Any, shape: dict[str, Shape], place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place} is {value!r} and no object"]
    known = {name.removesuffix("?"): one for name, one in shape.items() if name != "*"}
    found = [
        f"{place}/{name} is missing"
        for name in shape
        if name != "*" and not name.endswith("?") and name not in value
    ]
    for name, item in value.items():
        if name in known or "*" in shape:
            found += faults(item, known.get(name, shape.get("*")), f"{place}/{name}")
        else:
            found.append(f"{place}/{name} is not known")
    return found
