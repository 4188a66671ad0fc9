"""Where the running sandbox can be found: a small file of this user, in the directory for temporary files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pack.sandbox.ports import SLACK_PORT

DEFAULT_URL = f"http://127.0.0.1:{SLACK_PORT}"
"""Where a sandbox's Slack is when nobody asked for another place."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The addresses of a running sandbox; no secret is among them."""

    pid: int
    slack_url: str = ""
    engine_url: str = ""
    others: tuple[Whereabouts, ...] = field(default=(), compare=False)
    """Those that were started before it and ran on, the latest first."""


def path(directory: Path | None = None) -> Path:
    """Return the file's path; each user has another. None: in the directory for temporary files."""
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    return (directory or Path(tempfile.gettempdir())) / f"flyte-slack-sandbox-{owner}.json"


def announce(found_at: Whereabouts, target: Path) -> None:
    """Write the file, in place of another sandbox's; one that still runs is told of in it.

    Raises:
        OSError: it cannot be written.
    """
    before = look_up(target)
    earlier = [] if before is None else [replace(before, others=()), *before.others]
    _write(replace(found_at, others=_running(earlier)), target)


def _write(found_at: Whereabouts, target: Path) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f"{target.stem}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(found_at), file)
        Path(temporary).replace(target)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def is_another_running(target: Path) -> bool:
    """Tell whether the file is of another process that still runs."""
    found = look_up(target)
    return found is not None and bool(_running([found]))


def withdraw(target: Path) -> None:
    """Take this process's sandbox out of the file; one that was started before and runs on takes its place.

    Another process's file stays as it is.
    """
    found = look_up(target)
    if found is None or found.pid != os.getpid():
        return
    with contextlib.suppress(OSError):
        if others := _running(found.others):
            _write(replace(others[0], others=others[1:]), target)
        else:
            target.unlink(missing_ok=True)


def look_up(target: Path) -> Whereabouts | None:
    """Read the file; None when there is none, it is damaged, or another user put it there."""
    try:
        with target.open(encoding="utf-8") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            found = json.load(file)
        others = tuple(_read(other) for other in found.get("others", ()))
        return replace(_read(found), others=_running(others))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _read(found: dict[str, Any]) -> Whereabouts:
    return Whereabouts(int(found["pid"]), str(found["slack_url"]), str(found["engine_url"]))


def _running(found: Iterable[Whereabouts]) -> tuple[Whereabouts, ...]:
    """Return those of other processes that still run."""
    return tuple(one for one in found if one.pid != os.getpid() and _runs(one.pid))


def _runs(pid: int) -> bool:
    if pid <= 0 or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True
