"""Go's whole numbers that have a name and methods of their own: durations, months and days of the week."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.gotime import DAYS, MONTHS
from pack.flowlang.kinds import Function, GoInteger, Int64

_LARGEST = (1 << 63) - 1
_SMALLEST = -(1 << 63)
_MICROSECOND, _MILLISECOND, _SECOND = 1_000, 1_000_000, 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE


class Month(GoInteger):
    """A month: 1 to 12."""

    __slots__ = ()
    type_name: ClassVar[str] = "time.Month"
    kind: ClassVar[str] = "int"

    def word(self) -> str:
        """Return the month's name."""
        return MONTHS[self - 1]

    def method(self, name: str) -> Function | None:
        """Return ``String``."""
        return Function(name, (), lambda run: self.word()) if name == "String" else None


class Weekday(GoInteger):
    """A day of the week: 0 (Sunday) to 6."""

    __slots__ = ()
    type_name: ClassVar[str] = "time.Weekday"
    kind: ClassVar[str] = "int"

    def word(self) -> str:
        """Return the day's name."""
        return DAYS[self - 1]

    def method(self, name: str) -> Function | None:
        """Return ``String``."""
        return Function(name, (), lambda run: self.word()) if name == "String" else None


def month_of(second: datetime) -> Month:
    """Return the month of a moment."""
    return Month(second.month)


def weekday_of(second: datetime) -> Weekday:
    """Return the day of the week of a moment."""
    return Weekday(second.isoweekday() % 7)


class Duration(GoInteger):
    """How long something takes, in nanoseconds."""

    __slots__ = ()
    type_name: ClassVar[str] = "time.Duration"

    @classmethod
    def of(cls, nanoseconds: int) -> Duration:
        """Return a duration; beyond about 292 years it is the longest that there is."""
        return cls(max(_SMALLEST, min(_LARGEST, nanoseconds)))

    def word(self) -> str:
        """Return the duration as Go prints it: ``1h2m3.5s``."""
        return _written(int(self))

    def method(self, name: str) -> Function | None:
        """Return a method of Go's ``time.Duration``."""
        if name in _SIMPLE:
            return Function(name, (), lambda run: _SIMPLE[name](int(self)))
        if name in _BY_ANOTHER:
            return Function(
                name, (self.type_name,), lambda run, unit: _BY_ANOTHER[name](int(self), int(unit))
            )
        return None


def _cut(value: int, unit: int) -> int:
    return abs(value) // unit * (-1 if value < 0 else 1)


def _parts(unit: int) -> Callable[[int], float]:
    def parts(value: int) -> float:
        whole = _cut(value, unit)
        return float(whole) + float(value - whole * unit) / unit

    return parts


def _truncated(value: int, unit: int) -> Duration:
    return Duration(value if unit <= 0 else _cut(value, unit) * unit)


def _rounded(value: int, unit: int) -> Duration:
    if unit <= 0:
        return Duration(value)
    rest = abs(value) % unit
    size = abs(value) - rest + (unit if rest + rest >= unit else 0)
    return Duration.of(-size if value < 0 else size)


def _written(value: int) -> str:
    size, sign = abs(value), "-" if value < 0 else ""
    if size < _SECOND:
        for unit, word in ((_MILLISECOND, "ms"), (_MICROSECOND, "µs")):
            if size >= unit:
                return f"{sign}{_decimal(size, unit)}{word}"
        return f"{sign}{size}ns" if size else "0s"
    shown = f"{_decimal(size % _MINUTE, _SECOND)}s"
    if size >= _MINUTE:
        shown = f"{size // _MINUTE % 60}m{shown}"
    return f"{sign}{size // _HOUR}h{shown}" if size >= _HOUR else sign + shown


def _decimal(size: int, unit: int) -> str:
    fraction = str(size % unit).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{size // unit}.{fraction}" if fraction else str(size // unit)


_SIMPLE: Mapping[str, Callable[[int], object]] = MappingProxyType(
    {
        "Hours": _parts(_HOUR),
        "Minutes": _parts(_MINUTE),
        "Seconds": _parts(_SECOND),
        "Milliseconds": lambda value: Int64(_cut(value, _MILLISECOND)),
        "Microseconds": lambda value: Int64(_cut(value, _MICROSECOND)),
        "Nanoseconds": Int64,
        "Abs": lambda value: Duration.of(abs(value)),
        "String": _written,
    }
)
_BY_ANOTHER: Mapping[str, Callable[[int, int], Duration]] = MappingProxyType(
    {"Round": _rounded, "Truncate": _truncated}
)
