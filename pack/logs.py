"""Logging: one line per record, for people on a terminal and as JSON for machines.

The standard library's logging is used as it is; what a record carries beside its message is given by
``extra=``. Everything that looks like a token is blanked out, wherever it comes from.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

from pack.secrets import redact

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def context(record: logging.LogRecord) -> dict[str, object]:
    """Return what was given to a record by ``extra=``."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, then what it carries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **context(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str))


class ConsoleFormatter(logging.Formatter):
    """A record as a line for people: time of day, level, message, then ``key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line (more, when it carries an exception)."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        pairs = "".join(f"  {key}={value}" for key, value in context(record).items())
        line = f"{time} {record.levelname.lower():8} {record.getMessage()}{pairs}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line)


def configure(level: str, style: Literal["auto", "console", "json"], stream: TextIO | None = None) -> None:
    """Send all records from that level on to the stream (standard error unless told otherwise).

    ``level`` is a word of :data:`pack.settings.LogLevel`; ``disabled`` silences everything.
    """
    stream = stream or sys.stderr
    console = style == "console" or (style == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ConsoleFormatter() if console else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.CRITICAL + 1 if level == "disabled" else level.upper())
    for noisy in ("aiohttp.access", "slack_sdk", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
