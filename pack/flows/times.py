"""Times as Go writes them in JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pack.flows.go_json import FormatError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_time(text: str) -> datetime:
    """Read an RFC 3339 time, to the microsecond, as UTC.

    Raises:
        FormatError: it is none.
    """
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise FormatError(f"{text[:60]!r} is no RFC 3339 time such as 2026-11-21T09:00:00Z")


def write_time(time: datetime) -> str:
    """Write a time as RFC 3339 in UTC, to the millisecond, without trailing zeros."""
    moment = time.astimezone(UTC).replace(tzinfo=None)
    milliseconds = moment.microsecond // 1000
    fraction = f".{milliseconds:03}".rstrip("0") if milliseconds else ""
    return f"{moment.replace(microsecond=0).isoformat()}{fraction}Z"
