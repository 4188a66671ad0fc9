"""Cron expressions, as the ``matchesCron`` filter reads them (the rules of gronx 0.2)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.errors import EngineText, Refusal
from pack.flowlang.gotime import Moment

_NAMES: Mapping[str, str] = MappingProxyType(
    {name: str(number) for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
    | {
        name: str(number)
        for number, name in enumerate(
            ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
        )
    }
)
_NAME = re.compile("|".join(_NAMES))
_SHORTHANDS: Mapping[str, str] = MappingProxyType(
    {
        "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
        "@monthly": "0 0 1 * *",
        "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *",
        "@hourly": "0 * * * *",
        "@always": "* * * * *",
        "@5minutes": "*/5 * * * *",
        "@10minutes": "*/10 * * * *",
        "@15minutes": "*/15 * * * *",
        "@30minutes": "0,30 * * * *",
    }
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


def is_due(expression: str, moment: Moment) -> bool:
    """Say whether a moment (to the minute, in its own time zone) is one of the expression's.

    Raises:
        Refusal: the expression cannot be read, as far as it had to be.
    """
    expression = expression.strip(" \t")
    expression = _SHORTHANDS.get(expression.lower(), expression)
    expression = _NAME.sub(lambda name: _NAMES[name[0]], re.sub(r"[\t\n\f\r ]+", " ", expression).upper())
    segments = expression.split(" ")
    if not 5 <= len(segments) <= 6:
        raise _refusal("expr should contain 5-6 segments separated by space")
    for position, segment in enumerate(segments):
        if segment not in ("*", "?") and not _segment_is_due(segment, position, moment):
            return False
    return True


def _segment_is_due(segment: str, position: int, moment: Moment) -> bool:
    second = moment.second
    weekday = (second.weekday() + 1) % 7
    value = (second.minute, second.hour, second.day, second.month, weekday, second.year)[position]
    by_calendar = position in (_DAY_OF_MONTH, _DAY_OF_WEEK)
    for offset in segment.split(","):
        try:
            if _offset_is_due(offset, value):
                return True
        except Refusal:
            if not by_calendar:
                raise
        if not by_calendar or not set(offset) & set("LW#"):
            continue
        check = _month_day_is_due if position == _DAY_OF_MONTH else _week_day_is_due
        if check(offset, moment):
            return True
    return False


def _offset_is_due(offset: str, value: int) -> bool:
    if "/" in offset:
        return _in_step(offset, value)
    if "-" in offset:
        begin, end = offset.split("-")[:2]
        return _number(begin) <= value <= _number(end)
    if value == 0 or offset == "0":
        return offset == "0" and value == 0
    return _number(offset) == value


def _in_step(offset: str, value: int) -> bool:
    parts = offset.split("/")
    step = _number(parts[1])
    if step == 0:
        raise _refusal("step can't be 0")
    if offset.startswith(("*/", "0/")):
        return value % abs(step) == 0
    ends = parts[0].split("-")
    begin = _number(ends[0])
    end = _number(ends[1]) if len(ends) > 1 else value
    if step < 0:
        # Flyte's own loop never ends here unless it begins at the value or beyond the end
        return begin == value or (begin <= end and value < begin and (begin - value) % step == 0)
    if begin == value:
        return True
    return begin < value and (value - begin) % step == 0 and value - step <= end


def _last_day(moment: Moment) -> int:
    return calendar.monthrange(moment.second.year, moment.second.month)[1]


def _month_day_is_due(offset: str, moment: Moment) -> bool:
    last = _last_day(moment)
    if offset == "L":
        return moment.second.day == last
    place = offset.find("W")
    if place < 1:
        raise _refusal(f"invalid offset value: {offset}")
    wanted = _number(offset[:place])
    for change in (0, -1, 1, -2, 2):
        day = wanted + change
        if 0 < day <= last and moment.second.replace(day=day).weekday() < calendar.SATURDAY:
            return moment.second.day == day
    return False


def _week_day_is_due(offset: str, moment: Moment) -> bool:
    place = offset.replace("7L", "0L").find("L")
    if place > 0:
        wanted = _number(offset[:place])
        last = _last_day(moment)
        for back in range(7):
            if (moment.second.replace(day=last - back).weekday() + 1) % 7 == wanted:
                return moment.second.day == last - back
        return False
    parts = offset.replace("7#", "0#").split("#")
    if offset.find("#") < 1 or len(parts) < 2:
        raise _refusal(f"invalid offset value: {offset}")
    day, nth = _number(parts[0]), _number(parts[1])
    if not (0 <= day <= 7 and 1 <= nth <= 5) or (moment.second.weekday() + 1) % 7 != day:
        return False
    return moment.second.day // 7 == nth - 1


def _number(source: str) -> int:
    if not _INTEGER.fullmatch(source):
        raise _refusal(f'strconv.Atoi: parsing "{source}": invalid syntax')
    return int(source)


def _refusal(engine_text: str) -> Refusal:
    return Refusal(
        f"|matchesCron cannot read its cron expression: {engine_text}",
        engine_text=EngineText(engine_text, "", ""),
    )
