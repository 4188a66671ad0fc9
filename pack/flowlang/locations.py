"""Time zones, as templates meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from pack.flowlang.kinds import MISSING, Function, Record

LOCATION = "*time.Location"


class LocationValue(Record):
    """A time zone as a value of a template."""

    __slots__ = ("name", "zone")
    type_name: ClassVar[str] = LOCATION
    comparable: ClassVar[bool] = True

    def __init__(self, name: str, zone: timedelta) -> None:
        self.name = name
        self.zone = zone

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocationValue) and (self.name, self.zone) == (other.name, other.zone)

    def __hash__(self) -> int:
        return hash((self.name, self.zone))

    def text(self) -> str:
        """Return the zone's name."""
        return self.name

    def names(self) -> tuple[str, ...]:
        """Return the name of the method."""
        return ("String",)

    def field(self, name: str) -> object:
        """Return the zone's name."""
        return self.name if name == "name" else MISSING

    def method(self, name: str) -> Function | None:
        """Return ``String``."""
        return Function(name, (), lambda run: self.name) if name == "String" else None


UTC_ZONE = LocationValue("UTC", timedelta(0))
"""What a moment has unless it was asked for another."""
LOCAL_ZONE = LocationValue("Local", timedelta(0))
"""The zone of the machine that Flyte runs on: in its container that is UTC by another name."""
