"""``Event.CreatedAt``: a moment, with the methods that a template can call on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.gotime import Moment, format_moment, moment_text
from pack.flowlang.kinds import Function, Record
from pack.flowlang.run import Run
from pack.flowlang.values import text, wrap

TIME = "time.Time"
_NANOSECONDS = 1_000_000_000


class MomentValue(Record):
    """A moment as a value of a template."""

    __slots__ = ("moment",)
    type_name: ClassVar[str] = TIME
    comparable: ClassVar[bool] = True

    def __init__(self, moment: Moment) -> None:
        self.moment = moment

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MomentValue) and self.moment == other.moment

    def __hash__(self) -> int:
        return hash(self.moment)

    def text(self) -> str:
        """Return the moment as Go prints it: ``2006-01-02 15:04:05.999 +0000 UTC``."""
        return moment_text(self.moment)

    def go_text(self) -> str:
        """Return the moment as a Go program would make it."""
        second = self.moment.second
        zone = 'time.Location("")' if second.utcoffset() else "time.UTC"
        parts = (second.day, second.hour, second.minute, second.second, self.moment.nanosecond)
        numbers = ", ".join(str(part) for part in parts)
        return f"time.Date({second.year}, time.{second:%B}, {numbers}, {zone})"

    def names(self) -> tuple[str, ...]:
        """Return the names of the methods."""
        return (*_SIMPLE, *_BETWEEN, "Format")

    def method(self, name: str) -> Function | None:
        """Return a method of Go's ``time.Time`` that gives one value."""
        if name in _SIMPLE:
            read = _SIMPLE[name]
            return Function(name, (), lambda run: read(self.moment))
        if name in _BETWEEN:
            compare = _BETWEEN[name]
            return Function(name, (TIME,), lambda run, other: compare(self.moment, other.moment))
        if name == "Format":
            return Function(name, ("string",), self._format)
        return None

    def _format(self, run: Run, layout: object) -> str:
        run.reserve(4 * len(text(layout)))
        return format_moment(self.moment, text(layout))


def as_moment(value: object) -> Moment:
    """Return the moment of a value.

    Raises:
        Refusal: it is none.
    """
    if isinstance(value, MomentValue):
        return value.moment
    raise Refusal(
        "|date takes a moment such as Event.CreatedAt, never a text",
        engine_text=EngineText("filter input argument must be of type 'time.Time'", "filter:date", ""),
    )


def _nanoseconds(moment: Moment) -> int:
    return moment.unix() * _NANOSECONDS + moment.nanosecond


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)


_SIMPLE: Mapping[str, Callable[[Moment], object]] = MappingProxyType(
    {
        "Year": lambda moment: moment.second.year,
        "Month": lambda moment: moment.second.month,
        "Day": lambda moment: moment.second.day,
        "Hour": lambda moment: moment.second.hour,
        "Minute": lambda moment: moment.second.minute,
        "Second": lambda moment: moment.second.second,
        "Nanosecond": lambda moment: moment.nanosecond,
        "Weekday": lambda moment: moment.second.isoweekday() % 7,
        "YearDay": lambda moment: moment.second.timetuple().tm_yday,
        "Unix": lambda moment: moment.unix(),
        "UnixMilli": lambda moment: _nanoseconds(moment) // 1_000_000,
        "UnixMicro": lambda moment: _nanoseconds(moment) // 1_000,
        "UnixNano": lambda moment: wrap(_nanoseconds(moment)),
        "IsZero": lambda moment: moment.second.year == 1 and moment.second.timetuple().tm_yday == 1,
        "String": moment_text,
        "UTC": lambda moment: MomentValue(Moment(moment.second.astimezone(UTC), moment.nanosecond)),
    }
)
_BETWEEN: Mapping[str, Callable[[Moment, Moment], object]] = MappingProxyType(
    {
        "After": lambda one, other: _nanoseconds(one) > _nanoseconds(other),
        "Before": lambda one, other: _nanoseconds(one) < _nanoseconds(other),
        "Equal": lambda one, other: _nanoseconds(one) == _nanoseconds(other),
        "Compare": lambda one, other: _sign(_nanoseconds(one) - _nanoseconds(other)),
        "Sub": lambda one, other: wrap(_nanoseconds(one) - _nanoseconds(other)),
    }
)
