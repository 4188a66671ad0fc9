"""Whether a file can be the engine's state, and why not, in words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from pack.errors import SettingsError

_BESIDE = ("-wal", "-journal")
"""What SQLite adds to a file's name for the files that it needs beside it."""


def refuse_unusable(path: Path) -> None:
    """Refuse what SQLite would only call "unable to open database file".

    Raises:
        SettingsError: the path is no file that can be read and written.
    """
    try:
        reason = _trouble(path)
    except OSError as error:
        reason = f"it cannot be used: {error.strerror or error}; name another file"
    if reason:
        raise SettingsError(f"--state {path}: {reason}")


def refused(path: Path | None, error: Exception) -> SettingsError:
    """Return the refusal of a file for what went wrong when it was opened."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        reason = "another sandbox (or another program) is using it; stop that, or name another file"
    elif code is not None and code & 0xFF == sqlite3.SQLITE_NOTADB:
        reason = "it is no SQLite file; name another file, and it is made if it is missing"
    elif isinstance(error, SettingsError):
        reason = str(error)
    elif isinstance(error, sqlite3.Error):
        reason = f"it cannot be used: {error}; name another file"
    else:
        reason = f"it cannot be used: what is in it is damaged ({error!r}); name another file"
    return SettingsError(f"--state {path}: {reason}")


def _trouble(path: Path) -> str | None:
    """Say why a path cannot be used; None when it can."""
    with contextlib.suppress(FileNotFoundError):
        path.stat()
    real = path.resolve()
    if not real.parent.is_dir():
        return f"the directory {real.parent} does not exist; make it"
    if real.is_dir():
        return "it is a directory; name a file in it"
    if real.exists() and not real.is_file():
        return "it is no regular file; name another one"
    beside = [real.with_name(real.name + ending) for ending in _BESIDE]
    for needed in beside:
        if needed.exists() and not needed.is_file():
            return (
                f"SQLite needs {needed} beside it, which is no regular file; move that, or name another file"
            )
    for needed in (real.parent, real, *beside):
        if needed.exists() and not os.access(needed, os.R_OK | os.W_OK):
            return f"this user may not read and write {needed}"
    return None
