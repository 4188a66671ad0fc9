"""The types that a value of a template can have."""

from __future__ import annotations

from enum import Enum


class Shape(Enum):
    """One type of value."""

    TEXT = "a text"
    WHOLE = "a whole number"
    FLOAT = "a payload number"
    BOOLEAN = "a boolean"
    LIST = "a list"
    MAP = "a map"
    MOMENT = "a time"
    RECORD = "something of the engine"
    NOTHING = "nothing"


Shapes = frozenset[Shape]

ANYTHING: Shapes = frozenset(Shape)
NUMBERS: Shapes = frozenset({Shape.WHOLE, Shape.FLOAT})
CONTAINERS: Shapes = frozenset({Shape.LIST, Shape.MAP})
JSON: Shapes = frozenset({Shape.TEXT, Shape.FLOAT, Shape.BOOLEAN, Shape.LIST, Shape.MAP, Shape.NOTHING})
"""What a payload can have: every number of it is a float."""

TEXT: Shapes = frozenset({Shape.TEXT})
WHOLE: Shapes = frozenset({Shape.WHOLE})
FLOAT: Shapes = frozenset({Shape.FLOAT})
BOOLEAN: Shapes = frozenset({Shape.BOOLEAN})
LIST: Shapes = frozenset({Shape.LIST})
MAP: Shapes = frozenset({Shape.MAP})
MOMENT: Shapes = frozenset({Shape.MOMENT})
RECORD: Shapes = frozenset({Shape.RECORD})
NOTHING: Shapes = frozenset({Shape.NOTHING})


def is_certainly(found: Shapes, wanted: Shapes) -> bool:
    """Say whether a value that is there is of one of the wanted types."""
    present = found - NOTHING
    return bool(present) and present <= wanted
