"""The start of the pack: settings from the environment, then the process, then its exit code."""

from __future__ import annotations

import gc
import sys


def start() -> int:
    """Run the pack until it ends; return the exit code (:class:`pack.app.ExitCode`).

    What is imported stays for as long as the process, so it is not searched for garbage: not while it is
    imported, and not later.
    """
    gc.disable()
    from pack.app import run
    from pack.errors import SettingsError
    from pack.settings import load_settings

    gc.freeze()
    gc.enable()
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"flyte-slack cannot start:\n{error}\n")
        return 2
    return int(run(settings))
