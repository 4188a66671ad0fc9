"""Where the running sandbox can be found: a small file of this user, in the directory for temporary files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from pack.sandbox.ports import SLACK_PORT

DEFAULT_URL = f"http://127.0.0.1:{SLACK_PORT}"
"""Where a sandbox's Slack is when nobody asked for another place."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The addresses of a running sandbox; no secret is among them."""

    pid: int
    slack_url: str = ""
    engine_url: str = ""


def path(directory: Path | None = None) -> Path:
    """Return the file's path; each user has another. None: in the directory for temporary files."""
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    return (directory or Path(tempfile.gettempdir())) / f"flyte-slack-sandbox-{owner}.json"


def announce(found_at: Whereabouts, target: Path) -> None:
    """Write the file, in place of another sandbox's.

    Raises:
        OSError: it cannot be written.
    """
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
    if found is None or found.pid <= 0 or found.pid == os.getpid() or sys.platform == "win32":
        return False
    try:
        os.kill(found.pid, 0)
    except (OSError, OverflowError):
        return False
    return True


def withdraw(target: Path) -> None:
    """Remove the file, if it is this process's."""
    found = look_up(target)
    if found and found.pid == os.getpid():
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)


def look_up(target: Path) -> Whereabouts | None:
    """Read the file; None when there is none, it is damaged, or another user put it there."""
    try:
        with target.open(encoding="utf-8") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            found = json.load(file)
        return Whereabouts(int(found["pid"]), str(found["slack_url"]), str(found["engine_url"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
