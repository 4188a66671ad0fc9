"""``Event.CreatedAt``: a moment, with the methods that a template can call on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import ClassVar

from pack.flowlang.durations import Duration, month_of, weekday_of
from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.gotime import Moment, format_moment, moment_text
from pack.flowlang.kinds import (
    BYTE_LIST,
    MISSING,
    Byte,
    Function,
    HiddenSigned,
    HiddenUnsigned,
    Int64,
    Items,
    Record,
    byte_string,
    to_bytes,
)
from pack.flowlang.locations import LOCAL_ZONE, LOCATION, UTC_ZONE, LocationValue
from pack.flowlang.run import Run
from pack.flowlang.values import text, wrap

TIME = "time.Time"
_DURATION = Duration.type_name
_NANOSECONDS = 1_000_000_000
_SECONDS_TO_1970 = 62_135_596_800
_MONTHS_OF_A_YEAR = 12
_JSON_LAYOUT = "2006-01-02T15:04:05.999999999Z07:00"


class MomentValue(Record):
    """A moment as a value of a template. ``local``: it is in the machine's zone."""

    __slots__ = ("local", "moment")
    type_name: ClassVar[str] = TIME
    comparable: ClassVar[bool] = True

    def __init__(self, moment: Moment, *, local: bool = False) -> None:
        self.moment = moment
        self.local = local

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MomentValue) and (self.moment, self.local) == (other.moment, other.local)

    def __hash__(self) -> int:
        return hash((self.moment, self.local))

    @property
    def location(self) -> LocationValue:
        """Its time zone."""
        offset = self.moment.second.utcoffset() or timedelta(0)
        if offset:
            return LocationValue("", offset)
        return LOCAL_ZONE if self.local else UTC_ZONE

    def text(self) -> str:
        """Return the moment as Go prints it: ``2006-01-02 15:04:05.999 +0000 UTC``."""
        return moment_text(self.moment)

    def go_text(self) -> str:
        """Return the moment as a Go program would make it."""
        second, zone = self.moment.second, self.location
        written = f"time.{zone.name}" if zone.name else 'time.Location("")'
        parts = (second.day, second.hour, second.minute, second.second, self.moment.nanosecond)
        numbers = ", ".join(str(part) for part in parts)
        return f"time.Date({second.year}, time.{month_of(second).word()}, {numbers}, {written})"

    def names(self) -> tuple[str, ...]:
        """Return the names of the methods that give something."""
        return (*_SIMPLE, *_BETWEEN, *_CHANGED)

    def field(self, name: str) -> object:
        """Return one of the numbers that a time is made of."""
        if name == "wall":
            return HiddenUnsigned(self.moment.nanosecond)
        return HiddenSigned(self.moment.unix() + _SECONDS_TO_1970) if name == "ext" else MISSING

    def method(self, name: str) -> Function | None:
        """Return a method of Go's ``time.Time``."""
        if name in _SIMPLE:
            read = _SIMPLE[name]
            return Function(name, (), lambda run: read(self))
        if name in _BETWEEN:
            compare = _BETWEEN[name]
            return Function(name, (TIME,), lambda run, other: compare(_absolute(self), _absolute(other)))
        if name in _CHANGED:
            parameters, change = _CHANGED[name]
            return Function(name, parameters, lambda run, *given: change(self, run, *given))
        if name in _OF_TWO:
            return Function(name, (), _refuse_second)
        return Function(name, (), _refuse_second, results=3) if name in _OF_THREE else None

    def at(self, nanoseconds: int) -> MomentValue:
        """Return the moment so many nanoseconds after 1970, in the same zone.

        Raises:
            Refusal: that is before the year 1 or after the year 9999.
        """
        seconds, rest = divmod(nanoseconds, _NANOSECONDS)
        try:
            moved = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(
                self.moment.second.tzinfo
            )
        except OverflowError:
            raise _out_of_reach() from None
        return MomentValue(Moment(moved, rest), local=self.local)


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


def _refuse_second(run: Run) -> object:
    raise Refusal(
        "a method that gives several values cannot be called",
        engine_text=EngineText("The second return value is not an error"),
    )


def _out_of_reach() -> Refusal:
    return Refusal("a moment before the year 1 or after the year 9999 cannot be reckoned with")


def _nanoseconds(moment: Moment) -> int:
    return moment.unix() * _NANOSECONDS + moment.nanosecond


def _absolute(value: MomentValue) -> int:
    return _nanoseconds(value.moment)


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)


def _bytes(source: str | bytes) -> Items:
    data = to_bytes(source) if isinstance(source, str) else source
    return Items([Byte(byte) for byte in data], BYTE_LIST)


def _binary(value: MomentValue) -> Items:
    """Return the moment as Go keeps it in files: version, seconds, nanoseconds, minutes from UTC."""
    zone = value.location
    minutes = -1 if zone == UTC_ZONE else int(zone.zone.total_seconds()) // 60
    seconds = value.moment.unix() + _SECONDS_TO_1970
    return _bytes(
        b"\x01"
        + seconds.to_bytes(8, "big")
        + value.moment.nanosecond.to_bytes(4, "big")
        + minutes.to_bytes(2, "big", signed=True)
    )


def _format(value: MomentValue, run: Run, layout: object) -> str:
    run.reserve(4 * len(text(layout)))
    run.read(text(layout))
    return format_moment(value.moment, text(layout))


def _append_format(value: MomentValue, run: Run, before: Items, layout: object) -> Items:
    run.spend(len(before))
    return _bytes(byte_string(before) + to_bytes(_format(value, run, layout)))


def _add(value: MomentValue, run: Run, duration: Duration) -> MomentValue:
    return value.at(_absolute(value) + int(duration))


def _add_date(value: MomentValue, run: Run, years: int, months: int, days: int) -> MomentValue:
    second = value.moment.second
    more_years, month = divmod(second.month - 1 + int(months), _MONTHS_OF_A_YEAR)
    try:
        moved = second.replace(year=second.year + int(years) + more_years, month=month + 1, day=1)
        moved += timedelta(days=second.day - 1 + int(days))
    except (ValueError, OverflowError):
        raise _out_of_reach() from None
    return MomentValue(Moment(moved, value.moment.nanosecond), local=value.local)


def _rest(value: MomentValue, unit: int) -> int:
    return (_absolute(value) + _SECONDS_TO_1970 * _NANOSECONDS) % unit


def _truncate(value: MomentValue, run: Run, unit: Duration) -> MomentValue:
    return value.at(_absolute(value) - _rest(value, int(unit))) if unit > 0 else value


def _round(value: MomentValue, run: Run, unit: Duration) -> MomentValue:
    if unit <= 0:
        return value
    rest = _rest(value, int(unit))
    return value.at(_absolute(value) - rest + (int(unit) if rest + rest >= unit else 0))


def _in(value: MomentValue, run: Run, location: LocationValue) -> MomentValue:
    return _moved(value, location.zone, local=location == LOCAL_ZONE)


def _moved(value: MomentValue, zone: timedelta, *, local: bool = False) -> MomentValue:
    try:
        second = value.moment.second.astimezone(timezone(zone) if zone else UTC)
    except OverflowError:
        raise _out_of_reach() from None
    return MomentValue(Moment(second, value.moment.nanosecond), local=local)


_SIMPLE: Mapping[str, Callable[[MomentValue], object]] = MappingProxyType(
    {
        "Year": lambda value: value.moment.second.year,
        "Month": lambda value: month_of(value.moment.second),
        "Day": lambda value: value.moment.second.day,
        "Hour": lambda value: value.moment.second.hour,
        "Minute": lambda value: value.moment.second.minute,
        "Second": lambda value: value.moment.second.second,
        "Nanosecond": lambda value: value.moment.nanosecond,
        "Weekday": lambda value: weekday_of(value.moment.second),
        "YearDay": lambda value: value.moment.second.timetuple().tm_yday,
        "Unix": lambda value: Int64(value.moment.unix()),
        "UnixMilli": lambda value: Int64(_absolute(value) // 1_000_000),
        "UnixMicro": lambda value: Int64(_absolute(value) // 1_000),
        "UnixNano": lambda value: Int64(wrap(_absolute(value))),
        "IsZero": lambda value: _absolute(value) == -_SECONDS_TO_1970 * _NANOSECONDS,
        "IsDST": lambda value: False,
        "String": MomentValue.text,
        "GoString": MomentValue.go_text,
        "UTC": lambda value: _moved(value, timedelta(0)),
        "Local": lambda value: _moved(value, timedelta(0), local=True),
        "Location": lambda value: value.location,
        "MarshalText": lambda value: _bytes(format_moment(value.moment, _JSON_LAYOUT)),
        "MarshalJSON": lambda value: _bytes(f'"{format_moment(value.moment, _JSON_LAYOUT)}"'),
        "MarshalBinary": _binary,
        "GobEncode": _binary,
    }
)
_BETWEEN: Mapping[str, Callable[[int, int], object]] = MappingProxyType(
    {
        "After": lambda one, other: one > other,
        "Before": lambda one, other: one < other,
        "Equal": lambda one, other: one == other,
        "Compare": lambda one, other: _sign(one - other),
        "Sub": lambda one, other: Duration.of(one - other),
    }
)
_CHANGED: Mapping[str, tuple[tuple[str, ...], Callable[..., object]]] = MappingProxyType(
    {
        "Format": (("string",), _format),
        "AppendFormat": ((BYTE_LIST, "string"), _append_format),
        "Add": ((_DURATION,), _add),
        "AddDate": (("int", "int", "int"), _add_date),
        "Truncate": ((_DURATION,), _truncate),
        "Round": ((_DURATION,), _round),
        "In": ((LOCATION,), _in),
    }
)
_OF_TWO = frozenset({"ISOWeek", "Zone", "ZoneBounds"})
_OF_THREE = frozenset({"Clock", "Date"})
