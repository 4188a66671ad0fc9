"""Filters that write by a pattern: ``date``, ``stringformat``, ``rjust``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pack.flowlang.expressions import Filter
from pack.flowlang.gofmt import sprintf
from pack.flowlang.gotime import format_moment
from pack.flowlang.kinds import refuse_hidden
from pack.flowlang.moments import as_moment
from pack.flowlang.run import Run
from pack.flowlang.values import integer, text


def date(value: object, argument: object, run: Run) -> object:
    """Return a moment in Go's layout.

    Raises:
        Refusal: the value is no moment.
    """
    refuse_hidden(value)
    run.reserve(4 * len(text(argument)))
    run.read(text(argument))
    return format_moment(as_moment(value), text(argument))


def rjust(value: object, argument: object, run: Run) -> object:
    """Return the text with spaces before it, up to a width; behind it when the width is negative."""
    return sprintf(f"%{integer(argument)}s", text(value), run)


def string_format(value: object, argument: object, run: Run) -> object:
    """Return the value written by a format of Go's ``fmt``; mistakes are written into the text.

    Raises:
        Refusal: the value is a field that Go keeps to itself.
    """
    refuse_hidden(value)
    return sprintf(text(argument), value, run)


FORMAT_FILTERS: Mapping[str, Filter] = MappingProxyType(
    {"date": date, "rjust": rjust, "stringformat": string_format, "time": date}
)
