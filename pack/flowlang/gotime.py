"""Moments and Go's way to write them: the layout is how the second of January 2006 at 15:04:05 would look."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment with nanoseconds: ``second`` is without a fraction and knows its offset from UTC."""

    second: datetime
    nanosecond: int = 0

    @classmethod
    def of(cls, moment: datetime) -> Moment:
        """Return the moment of a datetime, which has to know its time zone."""
        return cls(moment.replace(microsecond=0), moment.microsecond * 1000)

    def unix(self) -> int:
        """Return the seconds since 1970."""
        return int((self.second - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))


def parse_rfc3339(source: str) -> Moment | None:
    """Read ``2006-01-02T15:04:05.999Z`` or one with an offset; None when it is none."""
    found = _RFC3339.fullmatch(source)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = timedelta(0)
    if zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 24 or minutes > 60:
            return None
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=timezone(offset)
        )
    except ValueError:
        return None
    return Moment(moment, int(((fraction or "") + "0" * 9)[:9]))


def _zone_name(moment: Moment) -> str:
    offset = moment.second.utcoffset() or timedelta(0)
    return _offset(moment, "", seconds=False) if offset else "UTC"


def _offset(moment: Moment, colon: str, *, zulu: bool = False, minutes: bool = True, seconds: bool) -> str:
    offset = int((moment.second.utcoffset() or timedelta(0)).total_seconds())
    if zulu and offset == 0:
        return "Z"
    sign, offset = ("-" if offset < 0 else "+"), abs(offset)
    shown = f"{sign}{offset // 3600:02d}"
    if minutes:
        shown += f"{colon}{offset % 3600 // 60:02d}"
    return shown + (f"{colon}{offset % 60:02d}" if seconds else "")


def _zone(moment: Moment) -> str:
    return _zone_name(moment)


def _twelve(moment: Moment) -> int:
    return moment.second.hour % 12 or 12


_Writer = Callable[[Moment], str]
_PIECES: tuple[tuple[str, _Writer], ...] = (
    ("January", lambda m: MONTHS[m.second.month - 1]),
    ("Jan", lambda m: MONTHS[m.second.month - 1][:3]),
    ("Monday", lambda m: DAYS[m.second.weekday()]),
    ("Mon", lambda m: DAYS[m.second.weekday()][:3]),
    ("MST", _zone),
    ("2006", lambda m: f"{m.second.year:04d}"),
    ("-07:00:00", lambda m: _offset(m, ":", seconds=True)),
    ("-07:00", lambda m: _offset(m, ":", seconds=False)),
    ("-070000", lambda m: _offset(m, "", seconds=True)),
    ("-0700", lambda m: _offset(m, "", seconds=False)),
    ("-07", lambda m: _offset(m, "", minutes=False, seconds=False)),
    ("Z07:00:00", lambda m: _offset(m, ":", zulu=True, seconds=True)),
    ("Z07:00", lambda m: _offset(m, ":", zulu=True, seconds=False)),
    ("Z070000", lambda m: _offset(m, "", zulu=True, seconds=True)),
    ("Z0700", lambda m: _offset(m, "", zulu=True, seconds=False)),
    ("Z07", lambda m: _offset(m, "", zulu=True, minutes=False, seconds=False)),
    ("002", lambda m: f"{m.second.timetuple().tm_yday:03d}"),
    ("__2", lambda m: f"{m.second.timetuple().tm_yday:3d}"),
    ("_2006", lambda m: f"_{m.second.year:04d}"),
    ("_2", lambda m: f"{m.second.day:2d}"),
    ("01", lambda m: f"{m.second.month:02d}"),
    ("02", lambda m: f"{m.second.day:02d}"),
    ("03", lambda m: f"{_twelve(m):02d}"),
    ("04", lambda m: f"{m.second.minute:02d}"),
    ("05", lambda m: f"{m.second.second:02d}"),
    ("06", lambda m: f"{m.second.year % 100:02d}"),
    ("15", lambda m: f"{m.second.hour:02d}"),
    ("PM", lambda m: "PM" if m.second.hour >= 12 else "AM"),
    ("pm", lambda m: "pm" if m.second.hour >= 12 else "am"),
    ("1", lambda m: str(m.second.month)),
    ("2", lambda m: str(m.second.day)),
    ("3", lambda m: str(_twelve(m))),
    ("4", lambda m: str(m.second.minute)),
    ("5", lambda m: str(m.second.second)),
)
_PIECE = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|-07:00:00|-07:00|-070000|-0700|-07"
    r"|Z07:00:00|Z07:00|Z070000|Z0700|Z07|002|__2|_2006|_2|0[1-6]|15|PM|pm|[,.](?:0+|9+)(?![0-9])|[1-5]"
)
_WRITERS = dict(_PIECES)


def format_moment(moment: Moment, layout: str) -> str:
    """Return a moment in a layout; what is no part of the reference moment stays as it is."""

    def written(found: re.Match[str]) -> str:
        piece = found[0]
        if piece[0] in ".,":
            return _fraction(moment, piece)
        return _WRITERS[piece](moment)

    return _PIECE.sub(written, layout)


def _fraction(moment: Moment, piece: str) -> str:
    digits = f"{moment.nanosecond:09d}"[: len(piece) - 1].ljust(len(piece) - 1, "0")
    if piece[1] == "0":
        return piece[0] + digits
    digits = digits.rstrip("0")
    return piece[0] + digits if digits else ""


def moment_text(moment: Moment) -> str:
    """Return what a moment prints as."""
    return format_moment(moment, "2006-01-02 15:04:05.999999999 -0700 MST")
